//! Limits that one client must not use up: rows 14 and 15.

use std::net::IpAddr;
use std::time::Duration;

use rti_test_network::Http;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::network::constants::{NEAR, SETTLED};
use crate::network::rig::Path;
use crate::network::share::Share;
use crate::network::site::{CROWD, SOMEBODY_ELSE, Site, Visitor};
use crate::network::visitors::Visit;

/// Bots that come a second later.
const BOTS: usize = 20;

/// Nearly all descriptors are taken by visitors. The bots come on connections that are open.
pub(super) async fn descriptors(http: Http) -> Share {
    let path = Path::start(http, NEAR, |_| {});
    let site = Site::start(&path, 1024);
    sleep(SETTLED).await;
    let crowd = site.visitors(CROWD, 1000).await;
    let mut crowd = visit_at_once(crowd).await;
    sleep(SETTLED).await;
    bots(crowd.iter_mut().take(BOTS)).await
}

/// The bots come from another address.
pub(super) async fn one_client(http: Http) -> Share {
    let path = Path::start(http, NEAR, |_| {});
    let site = Site::start(&path, 20_000);
    sleep(SETTLED).await;
    let crowd = site.visitors(CROWD, 1600).await;
    let _crowd = visit_at_once(crowd).await;
    sleep(SETTLED).await;
    let address: IpAddr = SOMEBODY_ELSE;
    let mut others = site.visitors(address, BOTS).await;
    bots(others.iter_mut()).await
}

async fn visit_at_once(visitors: Vec<Visitor>) -> Vec<Visitor> {
    let mut visiting = JoinSet::new();
    for mut visitor in visitors {
        visiting.spawn(async move {
            visitor.visit().await;
            visitor
        });
    }
    visiting.join_all().await
}

/// One after the other; each is obtainable.
async fn bots(visitors: impl Iterator<Item = &mut Visitor>) -> Share {
    let mut visits = Vec::new();
    for visitor in visitors {
        let status = visitor.visit().await;
        visits.push(Visit {
            at: Duration::ZERO,
            took: Duration::ZERO,
            without: (status != 403).then(|| status.to_string()),
        });
    }
    Share::of_all(&visits)
}
