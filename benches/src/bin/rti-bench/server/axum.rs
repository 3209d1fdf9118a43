//! axum.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use rti_axum::RtiLayer;
use tokio::net::TcpListener;

use super::control;
use super::setup::{Setup, any_port};

pub(super) async fn serve(setup: Setup) {
    let listener = TcpListener::bind(any_port())
        .await
        .expect("loopback has a free port");
    control::announce(listener.local_addr().expect("a listener has an address"));
    let rti = setup.rti.clone();
    let app = Router::new()
        .route("/catalogue/shoes", get(greet))
        .with_state(Arc::new(setup));
    let served = match rti {
        None => axum::serve(listener, app).await,
        // The layer reads the visitor's address, which costs a lookup: RTI's, not the server's.
        Some(rti) => {
            let app = app.layer(RtiLayer::new(rti));
            axum::serve(
                listener,
                app.into_make_service_with_connect_info::<SocketAddr>(),
            )
            .await
        }
    };
    served.expect("a server serves until its process ends");
}

async fn greet(State(setup): State<Arc<Setup>>) -> &'static str {
    setup.greet().await
}
