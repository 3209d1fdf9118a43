//! Refused uploads are answered with 403: a proxy makes a 502 of a connection that is closed while
//! it sends.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use rti_conformance::client::{Connection, Http2, Request};

use super::checks;
use crate::site::{Setting, Site};

checks![
    forty_refused_uploads_of_60_kb_are_answered,
    forty_refused_uploads_of_300_kb_are_answered,
    forty_refused_uploads_of_1_mb_are_answered,
    forty_refused_uploads_over_http2_are_answered,
];

const UPLOADS: usize = 40;
const VISITORS: usize = 4;

/// How many got which status.
type Statuses = BTreeMap<u16, usize>;

async fn assert_answered(setting: Setting, length: usize) {
    let site = setting.start().await;
    let upload = upload(length);
    let visitors = (0..VISITORS).map(|_| over_http1(&site, &upload));
    assert_forbidden(join_all(visitors).await);
}

fn upload(length: usize) -> Request {
    Request::post("/length", vec![b'x'; length]).header("User-Agent", "bot")
}

/// Each upload on a connection of its own, as different visitors send them.
async fn over_http1(site: &Site, upload: &Request) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..UPLOADS / VISITORS {
        let mut connection = Connection::open(site.http1).await;
        statuses.push(connection.send(upload).await.status);
    }
    statuses
}

async fn over_http2(site: &Site, upload: &Request) -> Vec<u16> {
    let mut connection = Http2::open(site.http2).await;
    let mut statuses = Vec::new();
    for _ in 0..UPLOADS / VISITORS {
        statuses.push(connection.send(upload).await.status);
    }
    statuses
}

fn assert_forbidden(statuses: Vec<Vec<u16>>) {
    let mut counts = Statuses::new();
    for status in statuses.into_iter().flatten() {
        *counts.entry(status).or_default() += 1;
    }
    assert_eq!(counts, Statuses::from([(403, UPLOADS)]));
}

async fn forty_refused_uploads_of_60_kb_are_answered(setting: Setting) {
    assert_answered(setting, 60_000).await;
}

async fn forty_refused_uploads_of_300_kb_are_answered(setting: Setting) {
    assert_answered(setting, 300_000).await;
}

async fn forty_refused_uploads_of_1_mb_are_answered(setting: Setting) {
    assert_answered(setting, 1_000_000).await;
}

async fn forty_refused_uploads_over_http2_are_answered(setting: Setting) {
    let site = setting.start().await;
    let upload = upload(300_000);
    let visitors = (0..VISITORS).map(|_| over_http2(&site, &upload));
    assert_forbidden(join_all(visitors).await);
}
