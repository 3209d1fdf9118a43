//! `/api/stream`: decisions as they are made, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError::Lagged;

use super::api;
use crate::store::Shared;

/// So many readers at once; each holds a connection.
const MAX_READERS: usize = 16;
/// A comment now and then shows that the connection is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Events `decision`, each with a row. A reader that is slow loses decisions, and an event `lost` says how
/// many.
pub(super) async fn stream(State(shared): State<Arc<Shared>>) -> Response {
    if shared.stream.receiver_count() >= MAX_READERS {
        return api::error(StatusCode::SERVICE_UNAVAILABLE, "too many readers");
    }
    let anonymize = shared.anonymize;
    let events = BroadcastStream::new(shared.stream.subscribe()).map(move |received| {
        let event = match received {
            Ok(record) => Event::default()
                .event("decision")
                .json_data(record.row(anonymize)),
            Err(Lagged(count)) => Event::default()
                .event("lost")
                .json_data(json!({"lost": count})),
        };
        Ok::<_, Infallible>(event.unwrap_or_default())
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Sse::new(events).keep_alive(keep_alive).into_response()
}
