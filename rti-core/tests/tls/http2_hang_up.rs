//! A service that speaks HTTP/2 and hangs up in place of an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rti_core::{FailOpenReason, Outcome};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, Identity};
use crate::certificates::trusting;
use crate::checking::check;
use crate::service::{Alpn, tls};

/// A frame of HTTP/2: its length in three bytes, its type, its flags, and its stream in four.
const FRAME_HEAD: usize = 9;
const SETTINGS: [u8; FRAME_HEAD] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// DATA, the last of a request, and the acknowledgement of settings.
const DATA: u8 = 0;
const SETTINGS_TYPE: u8 = 4;
const END_OF_STREAM_OR_ACK: u8 = 1;

/// Hangs up when it has read a request, and the client has read something as well: the settings.
async fn hanging_up(identity: Identity) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(tls(identity, Alpn::Http2)));
    let accepted = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut stream = acceptor.accept(stream).await.unwrap();
            stream.write_all(&SETTINGS).await.unwrap();
            let mut read = Vec::new();
            while !was_requested_and_acknowledged(&read) {
                assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0);
            }
        }
    });
    (format!("https://localhost:{port}"), accepted)
}

fn was_requested_and_acknowledged(read: &[u8]) -> bool {
    let (mut asked, mut acknowledged) = (false, false);
    let mut rest = read.get(PREFACE.len()..).unwrap_or_default();
    while let Some(head) = rest.first_chunk::<FRAME_HEAD>() {
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        let is_last = head[4] & END_OF_STREAM_OR_ACK != 0;
        rest = rest.get(FRAME_HEAD + length..).unwrap_or_default();
        asked |= head[3] == DATA && is_last;
        acknowledged |= head[3] == SETTINGS_TYPE && is_last;
    }
    asked && acknowledged
}

/// A connection that has not carried an answer yet is fresh, whatever else was said on it.
#[tokio::test]
async fn a_fresh_connection_that_is_closed_is_not_stale() {
    let authority = Authority::new();
    let (origin, accepted) = hanging_up(authority.good()).await;
    let decision = check(&trusting(&authority, &origin)).await;
    let reason = Outcome::FailedOpen(FailOpenReason::Connect);
    assert_eq!(decision.outcome(), &reason);
    assert_eq!(accepted.load(Ordering::SeqCst), 1, "requested again");
}
