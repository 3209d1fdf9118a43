//! The view of a request that the engine and the challenge kit look at.

use std::net::IpAddr;

use http::request::Parts;
use rti_core::HttpView;

/// Nested routers remove their prefix from the URI; the visitor requested the whole.
pub(crate) fn view(request: &Parts, peer_ip: Option<IpAddr>) -> HttpView<'_> {
    let view = HttpView::new(request).with_peer_ip(peer_ip);
    #[cfg(feature = "axum")]
    if let Some(axum::extract::OriginalUri(uri)) = request.extensions.get() {
        return view.with_original_uri(uri);
    }
    view
}
