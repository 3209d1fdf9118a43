//! What departs from the specification in a request that may still be answered.

use std::fmt;

/// One departure from the specification: the field, and the rule that it breaks.
///
/// By default a departure is only remarked on, as the service answers such requests. In
/// [strict mode](crate::SimulatorBuilder::strict) the first one is the reason for status 400.
///
/// ```
/// use rti_simulator::{Simulator, SpecRule};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), rti_simulator::Error> {
/// let simulator = Simulator::start().await?;
/// // Send requests to `simulator.origin()`, then:
/// for received in simulator.journal() {
///     for remark in received.remarks() {
///         assert_ne!(remark.rule(), SpecRule::NotForwarded, "{remark}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Remark {
    field: String,
    rule: SpecRule,
    value: Option<String>,
}

impl Remark {
    pub(crate) fn new(field: impl Into<String>, rule: SpecRule) -> Self {
        Self {
            field: field.into(),
            rule,
            value: None,
        }
    }

    /// Shows the value too. Never call it with credentials or cookies: remarks are logged.
    pub(crate) fn with_value(mut self, value: &str) -> Self {
        self.value = Some(value.to_owned());
        self
    }

    /// The field's name on the wire; in JSON the member's path, such as `endUserParams.clientIp`;
    /// `body` for the body as a whole.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The rule that the field breaks.
    pub fn rule(&self) -> SpecRule {
        self.rule
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, rule, value } = self;
        match value {
            Some(value) => write!(f, "{field}: {value:?} is {rule}"),
            None => write!(f, "{field}: {rule}"),
        }
    }
}

/// A rule of the specification. `Display` names how it was broken.
///
/// ```
/// use rti_simulator::SpecRule;
///
/// assert_eq!(SpecRule::Required.to_string(), "missing");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpecRule {
    /// The field is required.
    Required,
    /// An absent value is left out, not sent empty.
    NotEmpty,
    /// Only fields of the protocol version are sent.
    Known,
    /// A field is sent once.
    NotRepeated,
    /// A form consists of `name=value` pairs with a name.
    NameAndValue,
    /// Characters with a meaning in a form are percent-encoded.
    Escaped,
    /// After `%` there are two hexadecimal digits.
    PercentEncoding,
    /// Text is UTF-8.
    Utf8,
    /// The value is a JSON string.
    Text,
    /// The value is a JSON boolean.
    Boolean,
    /// The value is a JSON object.
    Object,
    /// The value is an IP address.
    IpAddress,
    /// The value is an absolute `http` or `https` URL.
    AbsoluteUrl,
    /// A URL has no fragment.
    NoFragment,
    /// The value is in milliseconds since the Unix epoch.
    Milliseconds,
    /// The value is in microseconds since the Unix epoch.
    Microseconds,
    /// The value is a list of header names, separated by commas.
    HeaderNames,
    /// A list does not end with a comma.
    NoTrailingComma,
    /// The value is an HTTP method.
    Method,
    /// The value is that of the cookie, without its name.
    CookieValue,
    /// The value is `1`.
    One,
    /// The header's value is one of those that are forwarded.
    Forwarded,
    /// `Cookie` and `Authorization` are never forwarded.
    NotForwarded,
}

impl fmt::Display for SpecRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "missing",
            Self::NotEmpty => "empty, must be left out",
            Self::Known => "unknown in this protocol version",
            Self::NotRepeated => "sent more than once",
            Self::NameAndValue => "not a pair of a name and a value",
            Self::Escaped => "a character that must be percent-encoded",
            Self::PercentEncoding => "malformed percent-encoding",
            Self::Utf8 => "not UTF-8",
            Self::Text => "not a string",
            Self::Boolean => "not a boolean",
            Self::Object => "not an object",
            Self::IpAddress => "not an IP address",
            Self::AbsoluteUrl => "not an absolute URL",
            Self::NoFragment => "a URL with a fragment",
            Self::Milliseconds => "not milliseconds since the epoch",
            Self::Microseconds => "not microseconds since the epoch",
            Self::HeaderNames => "not a header name",
            Self::NoTrailingComma => "a trailing comma",
            Self::Method => "not a method",
            Self::CookieValue => "the cookie's name must not be part of its value",
            Self::One => "not 1",
            Self::Forwarded => "not a header that is forwarded",
            Self::NotForwarded => "a header that must never be forwarded",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_names_field_rule_and_value() {
        let missing = Remark::new("TagHash", SpecRule::Required);
        assert_eq!(missing.to_string(), "TagHash: missing");
        let address = Remark::new("ClientIP", SpecRule::IpAddress).with_value("unknown");
        assert_eq!(
            address.to_string(),
            "ClientIP: \"unknown\" is not an IP address"
        );
        assert_eq!(
            (address.field(), address.rule()),
            ("ClientIP", SpecRule::IpAddress)
        );
    }
}
