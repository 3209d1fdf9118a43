//! HTTP/2, where the service offers it.

use std::sync::Arc;

use rti_core::Rti;

use crate::authority::Authority;
use crate::certificates::trusting;
use crate::checking::check;
use crate::service::{Alpn, Service};

async fn protected(alpn: Alpn) -> (Service, Rti) {
    let authority = Authority::new();
    let service = Service::start(authority.good(), alpn).await;
    let rti = trusting(&authority, &service.origin);
    (service, rti)
}

#[tokio::test]
async fn http2_is_spoken_over_one_connection() {
    let (service, rti) = protected(Alpn::Http2).await;
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    let rti = Arc::new(rti);
    let mut checking = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let rti = Arc::clone(&rti);
        checking.spawn(async move { check(&rti).await });
    }
    for decision in checking.join_all().await {
        assert_eq!(decision.outcome().as_str(), "evaluated");
    }
    assert_eq!(service.requests_over_http2(), 33);
    assert_eq!(service.requests_over_http1(), 0);
    assert_eq!(service.connections(), 1);
}

#[tokio::test]
async fn http1_is_spoken_where_there_is_nothing_else() {
    for alpn in [Alpn::Http1, Alpn::Nothing] {
        let (service, rti) = protected(alpn).await;
        for _ in 0..2 {
            assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
        }
        assert_eq!(service.requests_over_http1(), 2, "{alpn:?}");
        assert_eq!(service.connections(), 1, "the connection was not kept");
    }
}
