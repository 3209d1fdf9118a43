//! What single values must look like, in all protocol versions.

use std::net::IpAddr;

use url::Url;

use crate::remark::{Remark, SpecRule};

/// Remarks on a value unless it keeps the rule.
pub(super) fn check(field: &str, rule: SpecRule, value: &str, remarks: &mut Vec<Remark>) {
    let broken = match rule {
        SpecRule::IpAddress => value.parse::<IpAddr>().is_err().then_some(rule),
        SpecRule::AbsoluteUrl => absolute_url(value),
        SpecRule::Milliseconds => is_not_digits(value, 13).then_some(rule),
        SpecRule::Microseconds => is_not_digits(value, 16).then_some(rule),
        SpecRule::Method => (!is_token(value)).then_some(rule),
        SpecRule::HeaderNames => return header_names(field, value, remarks),
        _ => None,
    };
    remarks.extend(broken.map(|rule| Remark::new(field, rule).with_value(value)));
}

/// Web addresses only: else anything with a colon in it would count as an absolute URL.
fn absolute_url(value: &str) -> Option<SpecRule> {
    let absolute = value.starts_with("http://") || value.starts_with("https://");
    let Some(url) = Url::parse(value).ok().filter(|_| absolute) else {
        return Some(SpecRule::AbsoluteUrl);
    };
    url.fragment().map(|_| SpecRule::NoFragment)
}

/// The number of digits tells the units of time apart: since the epoch there have been 10 digits of
/// seconds, 13 of milliseconds and 16 of microseconds, and `YYYYMMDDHHMMSS` has 14.
fn is_not_digits(value: &str, length: usize) -> bool {
    value.len() != length || !value.bytes().all(|byte| byte.is_ascii_digit())
}

fn header_names(field: &str, value: &str, remarks: &mut Vec<Remark>) {
    let listed = value.strip_suffix(',');
    if listed.is_some() {
        remarks.push(Remark::new(field, SpecRule::NoTrailingComma));
    }
    let mut names = listed.unwrap_or(value).split(',');
    if let Some(name) = names.find(|name| !is_token(name)) {
        remarks.push(Remark::new(field, SpecRule::HeaderNames).with_value(name));
    }
}

fn is_token(text: &str) -> bool {
    let is_token_char =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_char)
}
