//! Writing `application/x-www-form-urlencoded` into one buffer.

use url::form_urlencoded::byte_serialize;

pub(super) struct Form(String);

impl Form {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(String::with_capacity(capacity))
    }

    /// A field whose value is in need of encoding. Absent and empty ones are left out: the service
    /// refuses empty fields.
    pub(super) fn field<'a>(&mut self, name: &str, value: impl Into<Option<&'a str>>) {
        if let Some(value) = value.into().filter(|value| !value.is_empty()) {
            self.name(name);
            self.0.extend(byte_serialize(value.as_bytes()));
        }
    }

    /// Fields that are encoded already.
    pub(super) fn encoded(&mut self, fields: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(fields);
    }

    fn name(&mut self, name: &str) {
        self.encoded(name);
        self.0.push('=');
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn absent_and_empty_fields_are_left_out() {
        let mut form = Form::with_capacity(0);
        form.field("A", None);
        form.field("B", "");
        form.field("C", "x y&z");
        form.encoded("D=1");
        assert_eq!(form.finish(), "C=x+y%26z&D=1");
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(values in proptest::collection::vec("\\PC{1,30}|[\\x00-\\x7f]{1,30}", 1..6)) {
            let mut form = Form::with_capacity(0);
            for value in &values {
                form.field("Field", value.as_str());
            }
            let encoded = form.finish();
            let read: Vec<String> = url::form_urlencoded::parse(encoded.as_bytes())
                .map(|(name, value)| { assert_eq!(name, "Field"); value.into_owned() })
                .collect();
            prop_assert_eq!(read, values);
        }
    }
}
