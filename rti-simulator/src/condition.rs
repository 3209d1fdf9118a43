//! A rule's condition on one field.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;

use crate::error::{Error, ErrorKind};
use crate::payload::Payload;

/// Names the field of a condition.
///
/// The names are those of the v1 form (`UserAgent`, `ClientIP`, `RequestURL`), and apply to v4
/// too where v4 has the same value. Members that only v4 has are named by their path:
/// `customId2`, `endUserParams.headers.via`.
///
/// ```
/// use rti_simulator::field;
///
/// let scripted = field("UserAgent").matches("(?i)^(curl|wget)/")?;
/// let ordered = field("isHeaderNamesOrdered").equals("true");
/// let direct = field("XForwardedFor").is_absent();
/// # Ok::<(), rti_simulator::Error>(())
/// ```
pub fn field(name: impl Into<String>) -> Field {
    Field { name: name.into() }
}

/// A field's name, the first part of a [`Condition`]. Made by [`field`].
///
/// ```
/// use rti_simulator::{Rule, Verdict, field};
///
/// let agent = || field("UserAgent");
/// let rules = [
///     Rule::when(agent().is_absent()).then(Verdict::threat(11)),
///     Rule::when(agent().contains("Headless")).then(Verdict::threat(3)),
/// ];
/// # let _ = rules;
/// ```
#[derive(Debug, Clone)]
#[must_use = "a field is not a condition yet"]
pub struct Field {
    name: String,
}

impl Field {
    /// The value is exactly this text.
    pub fn equals(self, text: impl Into<String>) -> Condition {
        self.condition(Test::Equals(text.into()))
    }

    /// The value contains this text; case matters.
    pub fn contains(self, text: impl Into<String>) -> Condition {
        self.condition(Test::Contains(text.into()))
    }

    /// The regular expression matches somewhere in the value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidPattern`] for any other text.
    pub fn matches(self, pattern: &str) -> Result<Condition, Error> {
        let pattern = regex(pattern)?;
        Ok(self.condition(Test::Matches(pattern)))
    }

    /// The field was sent, and the regular expression matches nowhere in its value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidPattern`] for any other text.
    pub fn does_not_match(self, pattern: &str) -> Result<Condition, Error> {
        let pattern = regex(pattern)?;
        Ok(self.condition(Test::DoesNotMatch(pattern)))
    }

    /// The value is an address of this network: `203.0.113.0/24`, or a single address.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidNetwork`] for any other text.
    pub fn in_network(self, network: &str) -> Result<Condition, Error> {
        let single = || network.parse::<IpAddr>().map(IpNet::from);
        let network = network.parse().or_else(|cause| {
            single().map_err(|_| {
                let message = format!("{network:?} is neither a network nor an address");
                Error::new(ErrorKind::InvalidNetwork, message).because(cause)
            })
        })?;
        Ok(self.condition(Test::InNetwork(network)))
    }

    /// The field was not sent, or is empty: some clients send absent headers as empty fields.
    pub fn is_absent(self) -> Condition {
        self.condition(Test::Absent)
    }

    /// The field was sent and is not empty.
    pub fn is_present(self) -> Condition {
        self.condition(Test::Present)
    }

    fn condition(self, test: Test) -> Condition {
        Condition {
            field: self.name,
            test,
        }
    }
}

/// A condition on one field of a request, for [`Rule::when`](crate::Rule::when).
///
/// ```
/// use rti_simulator::{Condition, Rule, Verdict, field};
///
/// fn from_vpn() -> Result<Condition, rti_simulator::Error> {
///     field("ClientIP").in_network("198.51.100.0/24")
/// }
///
/// assert_eq!(from_vpn()?.to_string(), "ClientIP is in 198.51.100.0/24");
/// let rule = Rule::when(from_vpn()?).then(Verdict::threat(14));
/// # let _ = rule;
/// # Ok::<(), rti_simulator::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a condition has no effect outside a rule"]
pub struct Condition {
    field: String,
    test: Test,
}

fn regex(pattern: &str) -> Result<Regex, Error> {
    Regex::new(pattern).map_err(|cause| {
        let message = format!("{pattern:?} is not a regular expression");
        Error::new(ErrorKind::InvalidPattern, message).because(cause)
    })
}

#[derive(Debug, Clone)]
enum Test {
    Equals(String),
    Contains(String),
    Matches(Regex),
    DoesNotMatch(Regex),
    InNetwork(IpNet),
    Absent,
    Present,
}

impl Condition {
    pub(crate) fn holds(&self, payload: &Payload) -> bool {
        let value = payload.field(&self.field).filter(|value| !value.is_empty());
        match (&self.test, value) {
            (Test::Absent, value) => value.is_none(),
            (_, None) => false,
            (Test::Present, Some(_)) => true,
            (Test::Equals(text), Some(value)) => value == text.as_str(),
            (Test::Contains(text), Some(value)) => value.contains(text.as_str()),
            (Test::Matches(pattern), Some(value)) => pattern.is_match(&value),
            (Test::DoesNotMatch(pattern), Some(value)) => !pattern.is_match(&value),
            (Test::InNetwork(network), Some(value)) => value
                .parse::<IpAddr>()
                .is_ok_and(|address| network.contains(&address.to_canonical())),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, test } = self;
        match test {
            Test::Equals(text) => write!(f, "{field} is {text:?}"),
            Test::Contains(text) => write!(f, "{field} contains {text:?}"),
            Test::Matches(pattern) => write!(f, "{field} matches {:?}", pattern.as_str()),
            Test::DoesNotMatch(pattern) => {
                write!(f, "{field} does not match {:?}", pattern.as_str())
            }
            Test::InNetwork(network) => write!(f, "{field} is in {network}"),
            Test::Absent => write!(f, "{field} is absent"),
            Test::Present => write!(f, "{field} is present"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(client_ip: &str) -> Payload {
        Payload::Form(vec![
            ("ClientIP".into(), client_ip.into()),
            ("UserAgent".into(), "curl/8.5".into()),
            ("Origin".into(), String::new()),
        ])
    }

    #[test]
    fn each_test_holds_and_fails() {
        let payload = visitor("203.0.113.9");
        for holds in [
            field("UserAgent").equals("curl/8.5"),
            field("UserAgent").contains("curl"),
            field("UserAgent").matches(r"^curl/\d").unwrap(),
            field("UserAgent").does_not_match("wget").unwrap(),
            field("UserAgent").is_present(),
            field("Referer").is_absent(),
            field("Origin").is_absent(),
            field("ClientIP").in_network("203.0.113.0/24").unwrap(),
            field("ClientIP").in_network("203.0.113.9").unwrap(),
        ] {
            assert!(holds.holds(&payload), "{holds}");
        }
        for fails in [
            field("UserAgent").equals("curl"),
            field("UserAgent").contains("Curl"),
            field("UserAgent").matches("wget").unwrap(),
            field("UserAgent").is_absent(),
            field("UserAgent").does_not_match("curl").unwrap(),
            field("Referer").does_not_match("curl").unwrap(),
            field("Referer").is_present(),
            field("Origin").is_present(),
            field("Origin").equals(""),
            field("Referer").equals(""),
            field("ClientIP").in_network("198.51.100.0/24").unwrap(),
            field("UserAgent").in_network("0.0.0.0/0").unwrap(),
        ] {
            assert!(!fails.holds(&payload), "{fails}");
        }
    }

    #[test]
    fn networks_of_both_families() {
        let documentation = field("ClientIP").in_network("2001:db8::/32").unwrap();
        assert!(documentation.holds(&visitor("2001:db8::7")));
        assert!(!documentation.holds(&visitor("203.0.113.9")));
        let mapped = field("ClientIP").in_network("203.0.113.0/24").unwrap();
        assert!(mapped.holds(&visitor("::ffff:203.0.113.9")));
    }

    #[test]
    fn other_texts_are_no_pattern_or_network() {
        let pattern = field("UserAgent").matches("(").unwrap_err();
        assert_eq!(pattern.kind(), ErrorKind::InvalidPattern);
        let network = field("ClientIP").in_network("203.0.113.0/33").unwrap_err();
        assert_eq!(network.kind(), ErrorKind::InvalidNetwork);
    }
}
