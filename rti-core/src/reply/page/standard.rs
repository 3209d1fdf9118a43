//! The built-in page: a card with the site's name, plain words and the reference.

use super::phrases::Phrases;
use super::{BlockPage, escape};

/// Readable as it stands: it is some hundred bytes more, and nobody has to decode it.
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is loaded. The style and the script are allowed by their digests, and no others.
macro_rules! policy {
    () => {
        "default-src 'none'; \
         style-src 'sha256-2RpN5qfHXg4Ij+0O4a8tLF+iBcNtRLHW0fC4k8zRCt0='; \
         script-src 'sha256-xFyeAjdqUd9mtgL6b8pIGpuiDq9+Eorc8oYxXJKf0FQ='; \
         base-uri 'none'; form-action 'none'"
    };
}

/// For the page's own `meta`, which holds where a proxy removes the header.
const META_POLICY: &str = policy!();

/// The page is shown in no frame, either: a `meta` cannot say so.
const POLICY: &str = concat!(policy!(), "; frame-ancestors 'none'");

/// What a site says on the page.
#[derive(Debug, Default)]
pub(crate) struct PageTexts {
    pub(crate) title: Option<String>,
    /// Its lines stay lines.
    pub(crate) message: Option<String>,
    /// A URL that is fit for a link.
    pub(crate) support_url: Option<String>,
    /// A language tag; English without one.
    pub(crate) lang: Option<String>,
}

impl BlockPage {
    pub(crate) fn standard(texts: &PageTexts) -> Self {
        let lang = texts.lang.as_deref().unwrap_or("en");
        let (phrases, theirs) = Phrases::of(lang);
        // What is in another language than the page is marked as such.
        let marked = theirs.map_or_else(String::new, |lang| format!(" lang=\"{lang}\""));
        let mark = |own: &Option<String>| match own {
            Some(_) => "",
            None => marked.as_str(),
        };
        let title = escape(texts.title.as_deref().unwrap_or(phrases.title));
        let message = texts.message.as_deref().unwrap_or(phrases.message);
        let message: Vec<_> = message.lines().map(escape).collect();
        let top = format!(
            "<!doctype html>\n\
             <html lang=\"{lang}\">\n\
             <head>\n\
             <meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{META_POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"robots\" content=\"noindex\">\n\
             <title>{title}</title>\n\
             <style>{STYLE}</style>\n\
             </head>\n\
             <body>\n\
             <main dir=\"auto\">\n\
             <h1{title_lang}>{title}</h1>\n\
             <p{message_lang}>{message}</p>\n",
            title_lang = mark(&texts.title),
            message_lang = mark(&texts.message),
            message = message.join("<br>\n"),
        );
        let reference = format!(
            "<section class=\"reference\"{marked}>\n\
             <p>{}</p>\n\
             <div><code id=\"reference\">",
            phrases.reference,
        );
        let copy = format!(
            "</code>\n\
             <button type=\"button\" id=\"copy\" data-copied=\"{}\" aria-live=\"polite\" hidden>{}</button></div>\n\
             </section>\n",
            phrases.copied, phrases.copy,
        );
        let support = texts.support_url.as_ref().map_or_else(String::new, |url| {
            let (url, text) = (escape(url), phrases.support);
            format!("<a class=\"support\"{marked} href=\"{url}\">{text}</a>\n")
        });
        let script = format!("<script type=\"module\">{SCRIPT}</script>\n");
        let (main, end) = ("</main>\n", "</body>\n</html>\n");
        Self {
            without_reference: format!("{top}{support}{main}{end}").into(),
            literals: vec![
                top + &reference,
                format!("{copy}{support}{main}{script}{end}"),
            ],
            policy: POLICY,
            lang: Some(lang.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn html(texts: &PageTexts, reference: Option<&str>) -> String {
        let page = BlockPage::standard(texts).html(reference);
        String::from_utf8(page.to_vec()).unwrap()
    }

    #[test]
    fn the_policy_allows_the_style_and_the_script() {
        let html = html(&PageTexts::default(), Some("r-1"));
        for (element, content) in [("<style>", STYLE), ("<script type=\"module\">", SCRIPT)] {
            let digest = STANDARD.encode(Sha256::digest(content));
            assert!(
                POLICY.contains(&format!("'sha256-{digest}'")),
                "{element} {digest}"
            );
            assert!(html.contains(&format!("{element}{content}</")));
        }
        assert!(html.contains(META_POLICY) && POLICY.starts_with(META_POLICY));
    }

    #[test]
    fn what_a_site_says_is_escaped_and_its_lines_stay() {
        let texts = PageTexts {
            title: Some("Tom & Jerry's <shop>".to_owned()),
            message: Some("one\ntwo\r\n<three>".to_owned()),
            support_url: Some("/help?a=1&b=\"2\"".to_owned()),
            lang: Some("pt-BR".to_owned()),
        };
        let html = html(&texts, None);
        for part in [
            "<html lang=\"pt-BR\">",
            "<title>Tom &amp; Jerry&#39;s &lt;shop&gt;</title>",
            "<h1>Tom &amp; Jerry&#39;s &lt;shop&gt;</h1>",
            "<p>one<br>\ntwo<br>\n&lt;three&gt;</p>",
            "href=\"/help?a=1&amp;b=&quot;2&quot;\"",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(
            !html.contains("<code") && !html.contains("<script"),
            "{html}"
        );
    }

    #[test]
    fn words_of_another_language_than_the_pages_are_marked() {
        let page = |lang: &str| {
            let lang = Some(lang.to_owned());
            html(
                &PageTexts {
                    lang,
                    ..PageTexts::default()
                },
                Some("r-1"),
            )
        };
        assert!(page("de-AT").contains("<h1>Zugriff verweigert</h1>"));
        assert!(page("ja").contains("<h1 lang=\"en\">Access denied</h1>"));
        assert!(page("ja").contains("<section class=\"reference\" lang=\"en\">"));
        assert!(!page("EN-gb").contains(" lang=\"en\""));
    }

    /// The ratio of WCAG 2 between two colours of the style.
    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |colour: &str| {
            let channel = |at: usize| {
                let byte = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
                let share = f64::from(byte) / 255.0;
                if share <= 0.04045 {
                    share / 12.92
                } else {
                    ((share + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn colours_have_the_contrast_of_wcag_aa() {
        let (light, dark) = STYLE
            .split_once("@media (prefers-color-scheme: dark)")
            .unwrap();
        for scheme in [light, dark] {
            let colour = |name: &str| {
                let (_, rest) = scheme.split_once(&format!("--{name}: ")).unwrap();
                &rest[..7]
            };
            for (text, ground, least) in [
                ("text", "card", 4.5),
                ("muted", "card", 4.5),
                ("text", "field", 4.5),
                ("on-accent", "accent", 4.5),
                ("line", "card", 3.0),
                ("accent", "card", 3.0),
            ] {
                let ratio = contrast(colour(text), colour(ground));
                assert!(ratio >= least, "{text} on {ground}: {ratio:.2}");
            }
        }
    }
}
