//! Which certificates are good enough to send the key to.

use rti_core::{Decision, FailOpenReason, Outcome, Rti};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::authority::{Authority, Identity};
use crate::checking::{check, config};
use crate::service::{Alpn, Service};

/// An engine that trusts this authority and no other.
pub(crate) fn trusting(authority: &Authority, origin: &str) -> Rti {
    let config = config(origin).ca_certificates(authority.pem());
    Rti::new(config.build().unwrap()).unwrap()
}

#[track_caller]
pub(crate) fn assert_tls_failed(decision: &Decision) {
    let reason = Outcome::FailedOpen(FailOpenReason::Tls);
    assert_eq!(decision.outcome(), &reason);
    assert_eq!(decision.set_cookie(), None);
    assert!(decision.reply().is_none());
}

async fn assert_refused(authority: &Authority, identity: Identity) {
    let service = Service::start(identity, Alpn::Http2).await;
    let rti = trusting(authority, &service.origin);
    assert_tls_failed(&check(&rti).await);
    assert_eq!(
        service.requests_over_http1() + service.requests_over_http2(),
        0
    );
}

#[tokio::test]
async fn a_good_certificate_is_taken() {
    let authority = Authority::new();
    for alpn in [Alpn::Http2, Alpn::Http1, Alpn::Nothing] {
        let service = Service::start(authority.good(), alpn).await;
        let decision = check(&trusting(&authority, &service.origin)).await;
        assert_eq!(decision.outcome().as_str(), "evaluated", "{alpn:?}");
        assert_eq!(decision.set_cookie(), Some("_cheq_rti=b"));
        assert_eq!(decision.reply().map(rti_core::Reply::status), Some(403));
    }
}

#[tokio::test]
async fn an_expired_certificate_is_not() {
    let authority = Authority::new();
    assert_refused(&authority, authority.expired()).await;
    assert_refused(&authority, authority.not_valid_yet()).await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not() {
    let authority = Authority::new();
    assert_refused(&authority, authority.named_otherwise()).await;
}

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_is_not() {
    let authority = Authority::new();
    assert_refused(&authority, Authority::new().good()).await;
    assert_refused(&authority, Identity::self_signed()).await;
}

#[tokio::test]
async fn plain_http_on_the_port_of_tls_is_no_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 512];
        let read = stream.read(&mut hello).await.unwrap();
        assert!(!hello[..read].windows(3).any(|bytes| bytes == b"k-1"));
        let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        // Open until the client has enough: what it makes of the bytes is the matter here.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let rti = trusting(&Authority::new(), &origin);
    assert_tls_failed(&check(&rti).await);
}
