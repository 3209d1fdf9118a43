//! Real-Time Interception for [axum] and any tower service: blocks, redirects or challenges
//! visitors who are not real, before a handler sees them.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use rti_axum::{Config, Rti, RtiDecision, RtiLayer};
//! use std::net::SocketAddr;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let rti = Rti::new(Config::from_env()?)?;
//! let app = Router::new()
//!     .route("/", get(|RtiDecision(decision): RtiDecision| async move {
//!         format!("hello, {}", decision.outcome().as_str())
//!     }))
//!     .layer(RtiLayer::new(rti));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Mind
//! - The client address needs `into_make_service_with_connect_info::<SocketAddr>()`. Without it
//!   the service is not told an address, unless a trusted header names one.
//! - Make RTI the outermost layer: layers outside it that add or remove headers change the order
//!   that is sent, which is part of what tells a browser from a program.
//! - `Router::layer` sees unknown routes too, `Router::route_layer` does not.
//!
//! [axum]: https://docs.rs/axum

mod callbacks;
mod discard;
mod extract;
mod layer;
mod reply;
mod service;
mod view;

pub use rti_core::*;

pub use self::extract::{MissingLayer, RtiDecision};
pub use self::layer::RtiLayer;
pub use self::reply::render;
pub use self::service::RtiService;
