//! What the service is asked, read back from the bytes that are sent.

use rti_core::{ApiRequest, ApiVersion};
use serde_json::Value;

use crate::KEY;

/// The longest value of one field.
const MAX_FIELD: usize = 4096;

/// The most that a service can be expected to read.
const MAX_BODY: usize = 64 * 1024;

/// A payload, as the service reads it: it could be read, and is within its bounds.
#[derive(Debug)]
pub struct Question {
    /// Name and value, in their order; members of objects by their path (`endUserParams.method`).
    pub fields: Vec<(String, String)>,
}

impl Question {
    /// Reads the bytes, which must be as the protocol says.
    pub fn read(version: ApiVersion, call: &ApiRequest) -> Self {
        assert!(call.body.len() <= MAX_BODY, "{} bytes", call.body.len());
        assert_eq!(call.path, version.path());
        assert!(!format!("{call:?}").contains(KEY));
        let mut payload = Self { fields: Vec::new() };
        if version.content_type() == "application/json" {
            let body: Value = serde_json::from_slice(&call.body).expect("the body is JSON");
            payload.add("", &body);
            assert_eq!(payload.field("apiKey"), Some(KEY));
        } else {
            payload.add_form(&call.body);
            assert_eq!(payload.field("ApiKey"), Some(KEY));
        }
        payload.assert_sound();
        payload
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name);
        values.next().map(|(_, value)| value.as_str())
    }

    fn add(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.add(&format!("{path}{dot}{name}"), value);
                }
            }
            Value::String(text) => self.fields.push((path.to_owned(), text.clone())),
            other => self.fields.push((path.to_owned(), other.to_string())),
        }
    }

    fn add_form(&mut self, body: &[u8]) {
        assert!(body.is_ascii());
        for (name, value) in form_urlencoded::parse(body) {
            self.fields.push((name.into_owned(), value.into_owned()));
        }
        // Nothing is lost and nothing is added by reading it: there is one way to read it.
        let again = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish();
        assert_eq!(again.as_bytes(), body);
    }

    fn assert_sound(&self) {
        for (at, (name, value)) in self.fields.iter().enumerate() {
            assert!(value.len() <= MAX_FIELD, "{name}: {} bytes", value.len());
            assert!(
                !value.is_empty() || name.ends_with("headerNames"),
                "{name} is empty"
            );
            let mut before = self.fields[..at].iter();
            assert!(before.all(|(earlier, _)| earlier != name), "{name} twice");
        }
    }
}
