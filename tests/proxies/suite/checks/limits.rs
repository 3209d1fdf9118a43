//! Uploads that the proxy itself refuses for their size. Not with Caddy: it notices when it has sent
//! as much to the application, and what the visitor gets then is up to the application.

use rti_conformance::client::Request;

use super::checks;
use crate::site::Setting;

checks![an_upload_over_the_limit_is_refused_by_the_proxy];

async fn an_upload_over_the_limit_is_refused_by_the_proxy(setting: Setting) {
    let site = setting.start().await;
    // HAProxy resets the connection of a client that is still sending.
    let announced = |length| Request::new("POST", "/length").header("Content-Length", length);
    assert_eq!(site.send(&announced("11000000")).await.status, 413);
    assert_eq!(site.simulator.requests_arrived(), 0);
}
