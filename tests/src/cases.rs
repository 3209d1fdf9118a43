//! The cases, by topic.

mod block_page;
mod bodies;
mod bounds;
mod challenge_kit;
mod challenges;
mod circuit;
mod client_address;
mod connections;
mod cookies;
mod cors;
mod event_types;
mod exclusions;
mod extractors;
mod failing_open;
mod forgeries;
mod header_names;
mod http2;
mod layering;
mod methods;
mod payload;
mod recorded;
mod redirects;
mod refusals;
mod refused_uploads;
mod requesters;
mod result_header;
mod rollout;
mod shutdown;
mod threat_codes;
mod trusted_host;
mod v4_matrix;
mod v4_payload;
mod verdicts;
mod versions;
mod websocket;

use crate::suite::Case;

pub(crate) fn all() -> Vec<Case> {
    [
        verdicts::cases(),
        threat_codes::cases(),
        redirects::cases(),
        requesters::cases(),
        challenges::cases(),
        challenge_kit::all(),
        block_page::cases(),
        cookies::cases(),
        cors::cases(),
        recorded::cases(),
        payload::cases(),
        bounds::cases(),
        header_names::cases(),
        event_types::cases(),
        extractors::cases(),
        client_address::cases(),
        trusted_host::cases(),
        forgeries::cases(),
        refusals::cases(),
        result_header::cases(),
        exclusions::cases(),
        rollout::cases(),
        layering::cases(),
        methods::cases(),
        bodies::cases(),
        refused_uploads::cases(),
        connections::cases(),
        http2::cases(),
        websocket::cases(),
        shutdown::cases(),
        failing_open::cases(),
        circuit::cases(),
        v4_payload::cases(),
        v4_matrix::cases(),
        versions::cases(),
    ]
    .concat()
}
