//! As much of HTTP/1.1 as the service needs. No sockets here.

mod body;
mod message;
mod parse;
mod response;

pub(crate) use message::{Persistence, Request, values};
pub(crate) use parse::{Expectation, Progress, parse};
pub(crate) use response::Response;
