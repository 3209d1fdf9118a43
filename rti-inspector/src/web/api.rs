//! The JSON under `/api/`. What reads many decisions does so beside the requests of the application.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::aggregates::Window;
use crate::engine::Watched;
use crate::filter::Filter;
use crate::record::timestamp;
use crate::store::{MAX_MARKS, Mark, Shared};
use crate::{detail, summary as summaries, what_if as trial};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;
const MAX_NOTE_BYTES: usize = 500;

type Pairs = Query<BTreeMap<String, String>>;

pub(crate) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}

fn bad_request(message: &str) -> Response {
    error(StatusCode::BAD_REQUEST, message)
}

/// Runs what takes some milliseconds on a thread for it.
async fn beside(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(response) => response,
        Err(_panic) => error(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

pub(super) async fn summary(
    State(shared): State<Arc<Shared>>,
    Extension(watched): Extension<Watched>,
    Query(query): Pairs,
) -> Response {
    let window = query.get("window").map_or("hour", String::as_str);
    match Window::parse(window) {
        Some(window)
            if !shared
                .store()
                .aggregates
                .windows()
                .any(|kept| kept == window) =>
        {
            bad_request("window: a week is counted with a file alone (RTI_INSPECTOR_FILE)")
        }
        Some(window) => {
            let engine = watched.engine();
            let summary = move || summaries::summary(&shared, engine.as_ref(), window);
            beside(move || Json(summary()).into_response()).await
        }
        None => bad_request("window: expected `5m`, `hour`, `day` or `week`"),
    }
}

/// The configuration in force.
pub(super) async fn config(State(shared): State<Arc<Shared>>) -> Response {
    Json(shared.configured().explained()).into_response()
}

/// The newest first, `limit` of them, and with `before` those that are older than an id.
pub(super) async fn decisions(
    State(shared): State<Arc<Shared>>,
    Query(mut query): Pairs,
) -> Response {
    let number = |text: Option<String>| match text.filter(|text| !text.is_empty()) {
        Some(text) => text.parse::<u64>().map(Some),
        None => Ok(None),
    };
    let (limit, before) = (query.remove("limit"), query.remove("before"));
    let (Ok(limit), Ok(before)) = (number(limit), number(before)) else {
        return bad_request("limit, before: expected whole numbers");
    };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let filter = match Filter::parse(&query) {
        Ok(filter) => filter,
        Err(message) => return bad_request(&message),
    };
    beside(move || list(&shared, &filter, limit, before)).await
}

fn list(shared: &Shared, filter: &Filter, limit: usize, before: Option<u64>) -> Response {
    let records = shared.records();
    let marked: Vec<u64> = shared.store().marks.keys().copied().collect();
    let (mut matching, mut older, mut rows) = (0_u64, 0_usize, Vec::new());
    for record in &records {
        let is_marked = marked.binary_search(&record.id).is_ok();
        let row = record.row(shared.anonymize);
        if !filter.matches(&row, is_marked) {
            continue;
        }
        matching += 1;
        if before.is_some_and(|before| record.id >= before) {
            continue;
        }
        older += 1;
        if older <= limit {
            let mut row = json!(row);
            if let Some(fields) = row.as_object_mut() {
                fields.insert("marked".to_owned(), json!(is_marked));
            }
            rows.push(row);
        }
    }
    let last = rows.last().filter(|_| older > limit);
    let next = last.and_then(|row| row.get("id")).cloned();
    Json(json!({"decisions": rows, "matching": matching, "before": next})).into_response()
}

pub(super) async fn decision(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Response {
    beside(move || {
        let (record, is_marked) = {
            let store = shared.store();
            let id = id.parse().unwrap_or_default();
            (store.find(id), store.marks.contains_key(&id))
        };
        match record {
            Some(record) => Json(detail::detail(&shared, &record, is_marked)).into_response(),
            None => error(StatusCode::NOT_FOUND, "no such decision, or no longer"),
        }
    })
    .await
}

/// The body is an object of options, by their names and in the form of a file.
pub(super) async fn what_if(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Response {
    let changes = match body {
        Ok(Json(changes)) => changes,
        Err(rejection) => return error(rejection.status(), &rejection.body_text()),
    };
    let Some(now) = shared.config() else {
        return error(StatusCode::CONFLICT, "the inspector observes no engine yet");
    };
    beside(move || match trial::changed(&now, &changes) {
        Ok(instead) => {
            let records = shared.records();
            Json(trial::compare(&now, &instead, &records, shared.anonymize)).into_response()
        }
        Err(faults) => {
            let body = json!({"error": "these options cannot be in force", "faults": faults});
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MarkRequest {
    id: u64,
    /// `false` takes the mark away.
    #[serde(default = "yes")]
    marked: bool,
    note: Option<String>,
}

fn yes() -> bool {
    true
}

pub(super) async fn mark(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<MarkRequest>, JsonRejection>,
) -> Response {
    let MarkRequest { id, marked, note } = match body {
        Ok(Json(request)) => request,
        Err(rejection) => return error(rejection.status(), &rejection.body_text()),
    };
    let note = note.filter(|note| !note.trim().is_empty());
    if note
        .as_ref()
        .is_some_and(|note| note.len() > MAX_NOTE_BYTES)
    {
        return bad_request("note: expected at most 500 bytes");
    }
    let mut store = shared.store();
    let Some(record) = store.find(id) else {
        return error(StatusCode::NOT_FOUND, "no such decision, or no longer");
    };
    if marked && !store.marks.contains_key(&id) && store.marks.len() >= MAX_MARKS {
        return error(
            StatusCode::CONFLICT,
            "1,000 decisions are marked: export them first",
        );
    }
    let time = SystemTime::now();
    store.set_mark(id, marked.then_some(Mark { record, time, note }));
    Json(json!({"id": id, "marked": marked})).into_response()
}

/// The marked decisions, as a file for the service's support.
pub(super) async fn export(State(shared): State<Arc<Shared>>) -> Response {
    let decisions: Vec<Value> = {
        let store = shared.store();
        let marked = store.marks.values().map(|mark| {
            let mut row = json!(mark.record.row(shared.anonymize));
            if let Some(fields) = row.as_object_mut() {
                fields.insert("marked_at".to_owned(), json!(timestamp(mark.time)));
                fields.insert("note".to_owned(), json!(mark.note));
            }
            row
        });
        marked.collect()
    };
    let file = json!({"exported_at": timestamp(SystemTime::now()), "decisions": decisions});
    let name = "attachment; filename=\"rti-false-positives.json\"";
    ([(CONTENT_DISPOSITION, name)], Json(file)).into_response()
}
