//! The cases, by topic.

mod block_page;
mod challenge_kit;
mod challenge_kit_redirects;
mod challenges;
mod cookies;
mod cross_origin;
mod history;
mod inspector;
mod scripts;
mod streams;
mod worker;

use rti_simulator::Received;

use crate::stage::Site;
use crate::suite::Case;

pub(crate) fn all() -> Vec<Case> {
    [
        block_page::cases(),
        challenge_kit::cases(),
        challenge_kit_redirects::cases(),
        challenges::cases(),
        cookies::cases(),
        cross_origin::cases(),
        history::cases(),
        inspector::cases(),
        scripts::cases(),
        streams::cases(),
        worker::cases(),
    ]
    .concat()
}

/// What the service was sent for requests for this path. A browser asks for `/favicon.ico` too.
fn received(site: &Site, path: &str) -> Vec<Received> {
    let mut received = site.simulator.journal();
    received.retain(|received| received.field("RequestURL").unwrap().ends_with(path));
    received
}
