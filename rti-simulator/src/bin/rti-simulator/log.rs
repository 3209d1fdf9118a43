//! One line for each request, and one for each remark on it.

use std::fmt;
use std::io::{self, Write};

use rti_simulator::Received;

/// Without the API key: terminals are shared and logs are kept.
pub(crate) fn request(received: &Received) {
    let outcome = match (received.refusal(), received.answer()) {
        (Some(refusal), _) => format!("refused {refusal}"),
        (None, Some(answer)) => format!("[{}] {answer}", received.rule().unwrap_or("-")),
        (None, None) => return,
    };
    let text = match (received.telemetry(), received.protocol()) {
        (Some(message), _) => format!("telemetry {message}"),
        (None, Some(protocol)) => format!("{protocol} {} {outcome}", visitor(received)),
        (None, None) => format!("? {} {outcome}", visitor(received)),
    };
    line(format_args!("{}", printable(&text)));
    for remark in received.remarks() {
        line(format_args!("  remark: {}", printable(&remark.to_string())));
    }
}

fn visitor(received: &Received) -> String {
    ["EventType", "ClientIP", "UserAgent"]
        .map(|name| received.field(name).map_or_else(|| "-".to_owned(), quoted))
        .join(" ")
}

/// A reader that closes early, such as `head`, must not end the service.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Visitors choose these texts, and could choose terminal sequences.
fn quoted(text: String) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("{text:?}")
}

fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
