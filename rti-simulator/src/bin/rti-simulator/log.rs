//! One line for each request.

use std::fmt;
use std::io::{self, Write};

use rti_simulator::Received;

/// Never the API key: terminals are shared and logs are kept.
pub(crate) fn request(received: &Received) {
    let protocol = received
        .protocol()
        .map_or_else(|| "?".to_owned(), |protocol| protocol.to_string());
    let [event_type, client_ip, user_agent] = ["EventType", "ClientIP", "UserAgent"]
        .map(|name| received.field(name).map_or_else(|| "-".to_owned(), quoted));
    let rule = received.rule().unwrap_or("-");
    let outcome = match (received.refusal(), received.answer()) {
        (Some(refusal), _) => format!("refused {}", printable(&refusal.to_string())),
        (None, Some(answer)) => format!("[{rule}] {answer}"),
        (None, None) => return,
    };
    line(format_args!(
        "{protocol} {event_type} {client_ip} {user_agent} {outcome}"
    ));
}

/// A reader that went away, as `head` does, must not end the service.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Visitors choose these texts, and might choose terminal sequences.
fn quoted(text: String) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/".contains(c);
    if text.chars().all(plain) {
        return text;
    }
    format!("{text:?}")
}

fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
