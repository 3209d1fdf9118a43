//! Files that are watched.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rti_core::{Mode, ThreatType};

use crate::site::{Service, builder, engine, seen};

const BOT: Service = Service::Threat(ThreatType::AutomationTools);

/// A file of its own for one test, gone at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("rti-{name}-{}", std::process::id());
        let scratch = Self(std::env::temp_dir().join(name));
        let _ = std::fs::remove_file(&scratch.0);
        scratch
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Files are looked at twice a second; no event tells when.
async fn becomes(rti: &rti_core::Rti, expected: &str) {
    let began = Instant::now();
    while seen(rti, "/").await != expected {
        let waited = began.elapsed();
        assert!(waited < Duration::from_secs(10), "{}", seen(rti, "/").await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The promise is two seconds; a busy machine may be late.
    println!("{expected:?} after {:?}", began.elapsed());
}

#[tokio::test]
async fn while_the_off_file_exists_nothing_is_checked() {
    let file = Scratch::new("off");
    std::fs::write(&file.0, "").unwrap();
    let config = builder().mode(Mode::Blocking).off_file(&file.0);
    let rti = engine(config, BOT);
    assert_eq!(rti.mode(), Mode::Off);
    std::fs::remove_file(&file.0).unwrap();
    becomes(&rti, "default block block").await;
    std::fs::write(&file.0, "").unwrap();
    becomes(&rti, "default allow allow").await;
}

#[cfg(feature = "config-file")]
mod config {
    use std::fs;

    use rti_core::{ConfigBuilder, Rti, Source};

    use super::*;

    fn text(mode: &str) -> String {
        format!(
            "api_key = 'key'\ntag_hash = 'hash'\napi_endpoint = 'http://127.0.0.1:9'\n\
             mode = '{mode}'\n"
        )
    }

    #[tokio::test]
    async fn a_changed_file_is_in_force_and_a_broken_one_is_not() {
        let file = Scratch::new("config");
        fs::write(&file.0, text("blocking")).unwrap();
        let path = file.0.clone();
        let load = move || ConfigBuilder::from_file(&path).build();
        let rti = Rti::with_transport(load().unwrap(), BOT);
        rti.reload_on_change(load);
        assert_eq!(seen(&rti, "/").await, "default block block");
        // As editors and Kubernetes do it: another file in its place.
        let other = Scratch::new("config-other");
        fs::write(&other.0, text("monitoring")).unwrap();
        fs::rename(&other.0, &file.0).unwrap();
        becomes(&rti, "default allow block").await;
        fs::write(&file.0, text("loud")).unwrap();
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(seen(&rti, "/").await, "default allow block");
        fs::write(&file.0, "api_key = ").unwrap();
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(seen(&rti, "/").await, "default allow block");
        fs::write(&file.0, text("blocking")).unwrap();
        becomes(&rti, "default block block").await;
    }

    #[test]
    fn a_broken_file_says_where_and_shows_no_key() {
        let file = Scratch::new("broken");
        fs::write(&file.0, "tag_hash = 'hash'\napi_key = 'secret-7\n").unwrap();
        let error = ConfigBuilder::from_file(&file.0).build().unwrap_err();
        let message = error.to_string();
        assert!(message.contains("is no TOML in line 2"), "{message}");
        assert!(!message.contains("secret-7"), "{message}");
        let error = ConfigBuilder::from_file("/does/not/exist")
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("/does/not/exist"), "{error}");
        // What is missing may stand in the file.
        assert_eq!(error.faults().len(), 1, "{error}");
    }

    #[test]
    fn sources_are_explained() {
        let file = Scratch::new("explained");
        fs::write(&file.0, text("blocking")).unwrap();
        let config = ConfigBuilder::from_file(&file.0).build().unwrap();
        let explained = config.explain();
        let find = |name: &str| {
            explained
                .iter()
                .find(|option| option.option == name)
                .unwrap()
        };
        assert_eq!(find("mode").source, Source::File);
        assert_eq!(find("mode").value.as_deref(), Some("blocking"));
        assert_eq!(find("api_key").value.as_deref(), Some("[redacted]"));
        assert_eq!(find("timeout").value, None);
    }
}
