//! The file, the option `inspector_file`: decisions, counts and marks in `SQLite`, written in batches.
//!
//! Values are JSON: `SQLite` is here for whole writes and for finding the last decisions, not for queries.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, params};

use crate::aggregates::{Slot, Window};
use crate::record::{Record, Restored};
use crate::store::{Bounds, Mark, Shared, Store};
use crate::{Anonymize, InspectorError};

/// Of another layout nothing is read, and all is dropped: it is a record of a week.
const LAYOUT: i64 = 2;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS decisions (id INTEGER PRIMARY KEY, millis INTEGER NOT NULL, json TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS marks (id INTEGER PRIMARY KEY, millis INTEGER NOT NULL, marked INTEGER NOT NULL, note TEXT, json TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS slots (window TEXT NOT NULL, start INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (window, start));
";

pub(crate) struct File {
    connection: Connection,
    path: PathBuf,
}

/// What changed since the last write.
pub(crate) struct Batch {
    decisions: Vec<(u64, i64, String)>,
    oldest: u64,
    slots: Vec<(Window, u64, String)>,
    /// All of them, where any changed.
    marks: Option<Vec<MarkRow>>,
}

struct MarkRow {
    id: u64,
    made: i64,
    marked: i64,
    note: Option<String>,
    json: String,
}

impl File {
    pub(crate) fn open(path: PathBuf) -> Result<Self, InspectorError> {
        if let Err(source) = create_for_its_owner(&path) {
            return Err(InspectorError::CreateFile { path, source });
        }
        let open = |path: &Path| {
            let connection = Connection::open(path)?;
            // The process before may be about to end.
            connection.busy_timeout(Duration::from_secs(2))?;
            // Two processes would overwrite each other's decisions, which have the same numbers.
            connection.pragma_update(None, "locking_mode", "exclusive")?;
            let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            if layout != LAYOUT {
                connection.execute_batch(
                    "DROP TABLE IF EXISTS decisions; DROP TABLE IF EXISTS marks; DROP TABLE IF EXISTS slots;",
                )?;
            }
            connection.execute_batch(TABLES)?;
            connection.pragma_update(None, "user_version", LAYOUT)?;
            // A power failure may cost the last batch, not the file.
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "normal")?;
            Ok::<_, rusqlite::Error>(connection)
        };
        match open(&path) {
            Ok(connection) => Ok(Self { connection, path }),
            Err(source) if source.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                Err(InspectorError::FileInUse(path))
            }
            Err(source) => Err(InspectorError::File { path, source }),
        }
    }

    pub(crate) fn write(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction
                .prepare_cached("INSERT OR REPLACE INTO decisions VALUES (?1, ?2, ?3)")?;
            for (id, millis, json) in &batch.decisions {
                insert.execute(params![signed(*id), millis, json])?;
            }
            transaction.execute(
                "DELETE FROM decisions WHERE id < ?1",
                [signed(batch.oldest)],
            )?;
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO slots VALUES (?1, ?2, ?3)")?;
            for (window, start, json) in &batch.slots {
                insert.execute(params![window.as_str(), signed(*start), json])?;
                let first = start.saturating_sub(window.seconds());
                transaction.execute(
                    "DELETE FROM slots WHERE window = ?1 AND start < ?2",
                    params![window.as_str(), signed(first)],
                )?;
            }
        }
        if let Some(marks) = &batch.marks {
            transaction.execute("DELETE FROM marks", [])?;
            for mark in marks {
                transaction.execute(
                    "INSERT INTO marks VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        signed(mark.id),
                        mark.made,
                        mark.marked,
                        mark.note,
                        mark.json
                    ],
                )?;
            }
        }
        transaction.commit()
    }

    fn read_into(&self, store: &mut Store) -> rusqlite::Result<()> {
        let mut decisions = self
            .connection
            .prepare("SELECT id, millis, json FROM decisions ORDER BY id")?;
        let rows = decisions.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })?;
        for row in rows {
            let (id, millis, json) = row?;
            if let Some(record) = record(id, millis, &json) {
                store.next_id = record.id + 1;
                store.ring.push(record);
            }
        }
        let mut marks = self
            .connection
            .prepare("SELECT id, millis, json, marked, note FROM marks ORDER BY id")?;
        let rows = marks.query_map([], |row| {
            let json: String = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, json, row.get(3)?, row.get(4)?))
        })?;
        for row in rows {
            let (id, millis, json, marked, note) = row?;
            if let Some(record) = record(id, millis, &json) {
                let time = time_of(marked);
                store.next_id = store.next_id.max(record.id + 1);
                store.marks.insert(record.id, Mark { record, time, note });
            }
        }
        let mut slots = self.connection.prepare("SELECT window, json FROM slots")?;
        let rows = slots.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (window, json) = row?;
            let slot = serde_json::from_str::<Slot>(&json);
            if let (Some(window), Ok(slot)) = (Window::parse(&window), slot) {
                store.aggregates.restore(window, slot);
            }
        }
        Ok(())
    }
}

/// It holds addresses and what visitors sent: others on the machine are not to read it. `SQLite` gives the
/// files beside it the same permissions.
fn create_for_its_owner(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

impl Store {
    /// With what the file holds, where there is one.
    pub(crate) fn restored(bounds: Bounds, file: Option<&File>) -> Result<Self, InspectorError> {
        let Some(file) = file else {
            return Ok(Self::new(bounds));
        };
        let mut store = Self::with_windows(bounds, Window::IN_FILE);
        file.read_into(&mut store)
            .map_err(|source| InspectorError::File {
                path: file.path.clone(),
                source,
            })?;
        Ok(store)
    }
}

impl Batch {
    pub(crate) fn take(shared: &Shared, records: Vec<Arc<Record>>) -> Self {
        let anonymize = shared.anonymize;
        let (oldest, slots, marks) = {
            let mut store = shared.store();
            let oldest = store.ring.oldest_id().unwrap_or(store.next_id);
            let slots = store.aggregates.changed();
            let marks = std::mem::take(&mut store.marks_changed).then(|| {
                let mark = |(id, mark): (&u64, &Mark)| MarkRow {
                    id: *id,
                    made: millis_of(mark.record.time),
                    marked: millis_of(mark.time),
                    note: mark.note.clone(),
                    json: json(&mark.record, anonymize),
                };
                store.marks.iter().map(mark).collect()
            });
            (oldest, slots, marks)
        };
        let kept = records.into_iter().filter(|record| record.id >= oldest);
        let decision =
            |record: Arc<Record>| (record.id, millis_of(record.time), json(&record, anonymize));
        let slot = |(window, slot): (Window, Slot)| {
            let json = serde_json::to_string(&slot).unwrap_or_default();
            (window, slot.start, json)
        };
        Self {
            decisions: kept.map(decision).collect(),
            oldest,
            slots: slots.into_iter().map(slot).collect(),
            marks,
        }
    }
}

/// What is written of a decision: anonymous, where the option says so.
fn json(record: &Record, anonymize: Anonymize) -> String {
    let written = Restored {
        row: record.row(anonymize).into_owned(),
        sent: record.sent(anonymize),
        received: record.received(anonymize),
    };
    serde_json::to_string(&written).unwrap_or_default()
}

/// `None` for what another program has written.
fn record(id: i64, millis: i64, json: &str) -> Option<Arc<Record>> {
    let restored: Restored = serde_json::from_str(json).ok()?;
    let id = u64::try_from(id).ok()?;
    Some(Arc::new(Record::restored(id, time_of(millis), restored)))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn millis_of(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn time_of(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}
