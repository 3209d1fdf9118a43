//! What a decision keeps of its request.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::event_type::EventType;

/// What a decision keeps of its request.
#[derive(Debug, Clone)]
pub(crate) struct RequestFacts {
    pub(crate) method: Cow<'static, str>,
    pub(crate) path: Box<str>,
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) event_type: Option<EventType>,
    pub(crate) user_agent: Option<Box<str>>,
    pub(crate) middleware: &'static str,
}

impl RequestFacts {
    /// Of a request that could not be read.
    pub(crate) fn unknown(middleware: &'static str) -> Self {
        Self {
            method: Cow::Borrowed(""),
            path: Box::default(),
            client_ip: None,
            event_type: None,
            user_agent: None,
            middleware,
        }
    }
}
