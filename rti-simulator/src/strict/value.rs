//! What single values must look like, on both wires.

use std::net::IpAddr;

use url::Url;

use super::Reason;

type Checked = Result<(), Reason>;

pub(super) fn address(text: &str) -> Checked {
    text.parse::<IpAddr>()
        .map(drop)
        .map_err(|_| format!("{text:?} is not an IP address"))
}

/// Web addresses alone: anything with a colon in it would pass for an absolute URL else.
pub(super) fn absolute_url(text: &str) -> Checked {
    let absolute = text.starts_with("http://") || text.starts_with("https://");
    let Some(url) = Url::parse(text).ok().filter(|_| absolute) else {
        return Err(format!("{text:?} is not an absolute URL"));
    };
    match url.fragment() {
        None => Ok(()),
        Some(_) => Err(format!("{text:?} has a fragment")),
    }
}

/// Since the epoch, in a unit that is told from others by the number of its digits: seconds have 10
/// these centuries, milliseconds 13, `YYYYMMDDHHMMSS` 14, microseconds 16.
pub(super) fn epoch_time(text: &str, digits: usize, unit: &str) -> Checked {
    if text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!("{text:?} is not {unit} since the epoch"))
}

pub(super) fn header_names(text: &str) -> Checked {
    if text.ends_with(',') {
        return Err("a trailing comma".into());
    }
    match text.split(',').find(|name| !is_token(name)) {
        None => Ok(()),
        Some(name) => Err(format!("{name:?} is not a header name")),
    }
}

pub(super) fn method(text: &str) -> Checked {
    if is_token(text) {
        return Ok(());
    }
    Err(format!("{text:?} is not a method"))
}

fn is_token(text: &str) -> bool {
    let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(tchar)
}
