//! A visitor who writes exact bytes and sees exact bytes: a library would hide them.

mod connection;
mod http2;
mod reader;
mod request;
mod response;
mod websocket;

pub use self::connection::Connection;
pub use self::http2::Http2;
pub use self::request::{HOST, Request};
pub use self::response::Response;
pub use self::websocket::WebSocket;
