//! The page of a blocked visitor.

/// Readable as it stands: it is some hundred bytes more, and nobody has to decode it.
const STYLE: &str = include_str!("page.css");

/// Nothing is loaded, nothing is run, and the page is shown in no frame. The style is allowed by its
/// digest.
pub(super) const POLICY: &str = "default-src 'none'; \
     style-src 'sha256-81spgE2w4T1AT6HnUGr/TVFhA/1RicohCkr/FhEJ1Sk='; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn html(reference: Option<&str>) -> String {
    let reference = reference.map_or_else(String::new, |id| {
        let id = escape(id);
        format!("<p class=\"reference\">Please name this reference: <code>{id}</code></p>\n")
    });
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>Access denied</title>\n\
         <style>{STYLE}</style></head>\n\
         <body><main>\n\
         <h1>Access denied</h1>\n\
         <p>This request looks automated, so the page is not shown. If you see this as a visitor, please \
         contact the site.</p>\n\
         {reference}</main></body>\n\
         </html>\n"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_style() {
        let digest = STANDARD.encode(Sha256::digest(STYLE));
        assert!(POLICY.contains(&format!("'sha256-{digest}'")), "{digest}");
        assert!(html(None).contains(&format!("<style>{STYLE}</style>")));
    }
}
