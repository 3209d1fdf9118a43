//! One recorded decision: made since the start, or read from a file.

use std::time::SystemTime;

use rti_core::{Decision, Verdict};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Anonymize;
use crate::row::Row;

/// What a decision takes beside its texts.
const BASE_SIZE: usize = 512;

pub(crate) struct Record {
    pub(crate) id: u64,
    pub(crate) time: SystemTime,
    pub(crate) size: usize,
    source: Source,
}

enum Source {
    Made(Decision),
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(dead_code, reason = "there is no file")
    )]
    Restored(Box<Restored>),
}

/// What a file keeps of a decision.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Restored {
    pub(crate) row: Row<'static>,
    pub(crate) sent: Option<String>,
    pub(crate) received: Option<String>,
}

impl Record {
    pub(crate) fn made(id: u64, time: SystemTime, decision: Decision) -> Self {
        Self {
            id,
            time,
            size: size_of_decision(&decision),
            source: Source::Made(decision),
        }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn restored(id: u64, time: SystemTime, mut restored: Restored) -> Self {
        restored.row.id = id;
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let row = &restored.row;
        let of_row = row.path.len() + row.user_agent.as_deref().map_or(0, str::len);
        Self {
            id,
            time,
            size: BASE_SIZE + of_row + text(&restored.sent) + text(&restored.received),
            source: Source::Restored(Box::new(restored)),
        }
    }

    /// `None` for one that was made before the last start.
    pub(crate) fn decision(&self) -> Option<&Decision> {
        match &self.source {
            Source::Made(decision) => Some(decision),
            Source::Restored(_) => None,
        }
    }

    pub(crate) fn row(&self, anonymize: Anonymize) -> Row<'_> {
        match &self.source {
            Source::Made(decision) => {
                Row::of_decision(self.id, timestamp(self.time), decision, anonymize)
            }
            // What was written may hold an address from before it was anonymous.
            Source::Restored(restored) => restored.row.borrowed(anonymize),
        }
    }

    pub(crate) fn sent(&self, anonymize: Anonymize) -> Option<String> {
        match &self.source {
            _ if anonymize == Anonymize::Networks => None,
            Source::Made(decision) => Some(decision.exchange()?.sent()),
            Source::Restored(restored) => restored.sent.clone(),
        }
    }

    pub(crate) fn received(&self, anonymize: Anonymize) -> Option<String> {
        match &self.source {
            _ if anonymize == Anonymize::Networks => None,
            Source::Made(decision) => decision.exchange()?.received(),
            Source::Restored(restored) => restored.received.clone(),
        }
    }
}

/// How many bytes a decision keeps in memory, nearly.
pub(crate) fn size_of_decision(decision: &Decision) -> usize {
    let exchange = decision.exchange().map_or(0, rti_core::Exchange::size);
    let request_id = decision.verdict().and_then(Verdict::request_id);
    BASE_SIZE
        + decision.path().len()
        + decision.user_agent().map_or(0, str::len)
        + request_id.map_or(0, str::len)
        + decision.reply().map_or(0, |reply| reply.body().len())
        + exchange
}

/// RFC 3339 with milliseconds, in UTC.
pub(crate) fn timestamp(time: SystemTime) -> String {
    let time = OffsetDateTime::from(time);
    let millis = time.replace_millisecond(time.millisecond()).unwrap_or(time);
    let text = millis.format(&Rfc3339).unwrap_or_default();
    // Without a fraction, all times do not sort as texts.
    match text.strip_suffix('Z') {
        Some(whole) if !whole.contains('.') => format!("{whole}.000Z"),
        Some(whole) => format!("{whole:0<23}Z"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn times_have_milliseconds_always() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_500, "1970-01-01T00:00:01.500Z"),
            (1_764_000_000_123, "2025-11-24T16:00:00.123Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_millis(millis) + Duration::from_nanos(77);
            assert_eq!(timestamp(time), expected);
        }
    }
}
