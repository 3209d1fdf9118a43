//! What the applications have for a browser, beside what the suite requires of them.

use rti_conformance::cors;

/// Documents that a browser takes only by their content type: path, type and text of each.
pub const DOCUMENTS: [(&str, &str, &str); 2] = [
    ("/events", "text/event-stream", "data: hello\n\n"),
    (
        "/worker.js",
        "text/javascript",
        include_str!("browser/worker.js"),
    ),
];

/// How origins on this machine begin whose pages may read. Their ports are free ones, not known before.
pub const FRIEND: &str = "http://friend-";

/// Whether pages of this origin may read.
pub(crate) fn is_friend(origin: &str) -> bool {
    origin == cors::FRIEND || origin.starts_with(FRIEND)
}
