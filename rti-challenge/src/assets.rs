//! The files that the page loads from the site itself: the ALTCHA widget, as its makers built it.

use rti_core::Reply;

/// A file under `<prefix>assets/`. Its name has the version, so that it can be kept for ever.
#[derive(Debug)]
struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
}

pub(crate) const WIDGET: &str = "altcha-3.2.2.js";
pub(crate) const WIDGET_STYLE: &str = "altcha-3.2.2.css";
pub(crate) const WORKER: &str = "altcha-pbkdf2-3.2.2.js";

const ASSETS: [Asset; 3] = [
    Asset {
        name: WIDGET,
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../vendor/altcha/altcha.min.js"),
    },
    Asset {
        name: WIDGET_STYLE,
        content_type: "text/css; charset=utf-8",
        content: include_str!("../vendor/altcha/altcha.css"),
    },
    Asset {
        name: WORKER,
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../vendor/altcha/pbkdf2.js"),
    },
];

/// The file of this name.
pub(crate) fn reply(name: &str) -> Option<Reply> {
    let asset = ASSETS.iter().find(|asset| asset.name == name)?;
    let reply = Reply::new(200)
        .with_header("content-type", asset.content_type)
        .with_header("cache-control", "public, max-age=31536000, immutable")
        // The policy of a worker is that of its own response.
        .with_header("content-security-policy", "default-src 'none'")
        .with_header("x-content-type-options", "nosniff");
    Some(reply.with_body(asset.content.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::pow::hex;

    #[test]
    fn the_files_are_those_of_the_package() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor/altcha");
        let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        assert_eq!(sums.lines().count(), 4);
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").unwrap();
            let content = fs::read(folder.join(name)).unwrap();
            assert_eq!(hex(&Sha256::digest(content)), sum, "{name}");
        }
        for asset in &ASSETS {
            let sum = hex(&Sha256::digest(asset.content));
            assert!(sums.contains(&sum), "{}", asset.name);
        }
    }
}
