//! Options that are one of a few words.

use super::words;

/// Whether verdicts are acted on.
///
/// ```
/// # use rti_core::Mode;
/// assert_eq!("blocking".parse(), Ok(Mode::Blocking));
/// assert_eq!(Mode::default(), Mode::Monitoring);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Mode {
    /// Every request continues; verdicts are there for handlers and logs.
    #[default]
    Monitoring,
    /// Invalid visitors are blocked, redirected or challenged.
    Blocking,
    /// Nothing is checked, and the service is not called. For the whole configuration it turns all
    /// policies off.
    Off,
}

/// What blocking mode does with a request for which there is no verdict.
///
/// ```
/// # use rti_core::OnFailure;
/// assert_eq!(OnFailure::default(), OnFailure::Open);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnFailure {
    /// It continues.
    #[default]
    Open,
    /// It gets a 503 with `Retry-After`: while the service cannot be reached, nobody gets past. For a
    /// payment or a login that must not be used unchecked, and for nothing else.
    Closed,
}

/// Whether calls stop while the service gives no responses.
///
/// On, it opens when no call was answered for
/// [`circuit_breaker_window`](crate::ConfigBuilder::circuit_breaker_window), 500 ms, and at least
/// [`circuit_breaker_min_calls`](crate::ConfigBuilder::circuit_breaker_min_calls), 5, failed. While
/// it is open a request continues at once, with
/// [`FailOpenReason::CircuitOpen`](crate::FailOpenReason::CircuitOpen), and one call at a time is
/// made in the background, with the request of a visitor. The first response closes it.
///
/// ```
/// use rti_core::{CircuitBreaker, Config};
///
/// let config = Config::builder("key", "hash", "us").circuit_breaker(CircuitBreaker::Off).build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CircuitBreaker {
    /// Calls stop while the service fails.
    #[default]
    On,
    /// Every request is checked, whatever came of the ones before.
    Off,
}

/// Whether the service is called, as the circuit breaker has it.
///
/// ```
/// # use rti_core::CircuitState;
/// assert_eq!(CircuitState::Open.as_str(), "open");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CircuitState {
    /// It is not: requests continue without a verdict.
    Open,
    /// It is.
    #[default]
    Closed,
}

/// Whether the application behind receives the verdict in a request header,
/// [`RESULT_HEADER`](crate::RESULT_HEADER).
///
/// ```
/// # use rti_core::ResultHeader;
/// assert_eq!(ResultHeader::default(), ResultHeader::Off);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ResultHeader {
    /// No. What a client sends under the name is removed all the same.
    #[default]
    Off,
    /// On requests that continue with a verdict.
    On,
    /// The same with what protocols v4 say of the reasons: `reasons`, the codes, and `rule-name`, the
    /// service's rule that decided. For finding out why; do not build on it.
    Debug,
}

/// Whether CORS preflights are checked: `OPTIONS` with `Access-Control-Request-Method`. Browsers send no
/// cookies with them, and the request that follows is checked.
///
/// ```
/// # use rti_core::CheckPreflights;
/// assert_eq!(CheckPreflights::default(), CheckPreflights::Off);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CheckPreflights {
    /// They continue unchecked.
    #[default]
    Off,
    /// They are checked like any request: for applications that do more for `OPTIONS` than allow.
    On,
}

/// Which decisions are logged at level `info`, and whether each checked request has a span.
///
/// ```
/// # use rti_core::LogDecisions;
/// assert_eq!(LogDecisions::default(), LogDecisions::Actions);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum LogDecisions {
    /// None, at no level, and no span: nothing of a visitor is logged.
    Off,
    /// Those that did something to a request: blocked, redirected or challenged it. Others are logged at
    /// level `debug`.
    #[default]
    Actions,
    /// All of them.
    All,
}

/// How an action shows to the visitor (protocols v4).
///
/// ```
/// # use rti_core::Strategy;
/// assert_eq!("not_found".parse(), Ok(Strategy::NotFound));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// A 403 with a page that says so.
    AccessDenied,
    /// A plain 404 that gives nothing away.
    NotFound,
    /// A 302 to `redirect_url`, which must be set.
    Redirect,
    /// The challenge callback. Without one, a visitor to be challenged continues, and one to be
    /// blocked gets the 403.
    Captcha,
}

/// Which identifiers of a visitor's session travel to the service (protocols v4), by which it
/// finds the session that the page's tag saw. The names are those of the Express edition.
///
/// ```
/// # use rti_core::SessionSync;
/// assert_eq!("ip_useragent".parse(), Ok(SessionSync::IpUseragent));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SessionSync {
    /// All of the below.
    #[default]
    AllIdentifiers,
    /// The client address, with the headers that name it, and the user agent.
    IpUseragent,
    /// The cookies `_cq_duid`, `_cq_pvid` and `_cq_s`.
    Cookies,
    /// The page-view id: what an extractor gives, and the cookie `_cq_pvid`.
    PageViewId,
    /// The device id: the cookie `_cq_duid`.
    Duid,
}

words!(Mode {
    "monitoring" => Monitoring,
    "blocking" => Blocking,
    "off" => Off,
});

words!(OnFailure {
    "open" => Open,
    "closed" => Closed,
});

words!(CircuitBreaker {
    "on" => On,
    "off" => Off,
});

words!(CircuitState {
    "open" => Open,
    "closed" => Closed,
});

words!(ResultHeader {
    "on" => On,
    "off" => Off,
    "debug" => Debug,
});

words!(CheckPreflights {
    "on" => On,
    "off" => Off,
});

words!(LogDecisions {
    "off" => Off,
    "actions" => Actions,
    "all" => All,
});

words!(Strategy {
    "access_denied" => AccessDenied,
    "not_found" => NotFound,
    "redirect" => Redirect,
    "captcha" => Captcha,
});

words!(SessionSync {
    "all_identifiers" => AllIdentifiers,
    "ip_useragent" => IpUseragent,
    "cookies" => Cookies,
    "pageviewid" => PageViewId,
    "duid" => Duid,
});
