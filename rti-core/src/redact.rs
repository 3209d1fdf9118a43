//! Taking secrets out of a text before it is shown or logged.

use std::fmt;
use std::sync::Arc;

use memchr::memmem::Finder;
use secrecy::{ExposeSecret as _, SecretString};

const REDACTED: &str = "[redacted]";

/// Knows the API key and the test secret in the forms in which they are sent, and so could come back: as they
/// are, and as they are written in a form and in JSON.
#[derive(Clone)]
pub(crate) struct Redactor(Arc<[Finder<'static>]>);

impl Redactor {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut forms = Vec::new();
        for secret in secrets {
            let secret = secret.expose_secret().trim();
            if secret.is_empty() {
                continue;
            }
            let in_a_form: String =
                url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let in_json = serde_json::Value::from(secret).to_string();
            let in_json = in_json.trim_matches('"').to_owned();
            forms.extend([secret.to_owned(), in_json, in_a_form]);
        }
        forms.dedup();
        let finders = forms.iter().map(|form| Finder::new(form).into_owned());
        Self(finders.collect())
    }

    pub(crate) fn finds_key(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|form| form.find(bytes).is_some())
    }

    /// The text without the key, should it hold it.
    pub(crate) fn redact(&self, mut text: String) -> String {
        for form in self.0.iter() {
            // The needle was made of a `String`.
            let needle = std::str::from_utf8(form.needle()).unwrap_or_default();
            if form.find(text.as_bytes()).is_some() {
                text = text.replace(needle, REDACTED);
            }
        }
        text
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(key: &str, text: &str) -> String {
        Redactor::new([&key.into()]).redact(text.to_owned())
    }

    #[test]
    fn every_form_of_the_key_is_taken_out() {
        let key = "a\"b=c";
        for form in [key, "a%22b%3Dc", "a\\\"b=c"] {
            assert_eq!(
                redact(key, &format!("x {form} y {form}")),
                "x [redacted] y [redacted]"
            );
        }
        assert_eq!(redact(" key ", "the key"), "the [redacted]");
        assert_eq!(redact("key", "nothing"), "nothing");
    }

    #[test]
    fn no_key_is_in_no_text() {
        assert_eq!(redact(" ", "a b"), "a b");
        assert!(!Redactor::new([&"".into()]).finds_key(b""));
    }

    #[test]
    fn it_does_not_show_the_key_itself() {
        assert_eq!(format!("{:?}", Redactor::new([&"key".into()])), "Redactor");
    }
}
