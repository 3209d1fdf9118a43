//! What a service does, all of which can change while it runs.

use std::ops::RangeInclusive;
use std::time::Duration;

/// What a service does. The default answers at once and keeps its connections.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// How long it works on a request, uniform in this range.
    pub service_time: RangeInclusive<Duration>,
    /// The share of requests that it answers with a status other than 200, at random; 0.0 to 1.0.
    /// The random numbers are the same in every run.
    pub failing: f64,
    /// The status of these answers.
    pub failure: Failure,
    /// How long it waits with its part of the TLS handshake.
    pub handshake: Duration,
    /// For how long a connection may be idle before the service closes it, uniform in this range.
    pub idle: Option<RangeInclusive<Duration>>,
    /// After how many requests a connection ends.
    pub requests_per_connection: Option<u64>,
    /// How it ends then.
    pub ending: Ending,
    /// HTTP/2: how many streams may be open on a connection; more are refused.
    pub max_concurrent_streams: Option<u32>,
    /// HTTP/2: the share of streams that it refuses (`RST_STREAM`, `REFUSED_STREAM`) at random.
    pub refusing: f64,
}

/// The status of an answer without a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 500.
    InternalServerError,
    /// 404.
    NotFound,
}

/// How a connection ends after its last request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// HTTP/1.1: the last answer says `Connection: close`. HTTP/2: a GOAWAY names the last stream;
    /// those up to it are answered, later ones, which crossed with it, are not, and when all are
    /// answered the connection is closed.
    Announced,
    /// HTTP/1.1: the request after the last one finds the connection closed. HTTP/2: a GOAWAY names
    /// the last stream, and the connection is closed at once, with all calls that are open.
    Abrupt,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            service_time: Duration::ZERO..=Duration::ZERO,
            failing: 0.0,
            failure: Failure::InternalServerError,
            handshake: Duration::ZERO,
            idle: None,
            requests_per_connection: None,
            ending: Ending::Announced,
            max_concurrent_streams: None,
            refusing: 0.0,
        }
    }
}
