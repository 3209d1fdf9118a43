//! A kit for a part of a site, and one that is layered more than once.

use rti_simulator::Verdict;

use super::{VPN, cleared, cookie, kit, navigation, solution, verify_json_at};
use crate::Stage;
use crate::client::Request;

crate::suite::cases![
    a_kit_that_is_layered_thrice_challenges_once: needs ChallengeKit and Layering,
    a_part_of_a_site_has_a_kit_under_a_prefix_of_its_own: needs ChallengeKit and TwoEngines,
];

async fn a_kit_that_is_layered_thrice_challenges_once(stage: Stage) {
    let stage = stage.blocking().kit(kit()).layered(3);
    let site = stage.answer(Verdict::threat(VPN)).start().await;
    assert_eq!(site.send(&navigation("/")).await.status, 403);
    let cookie = cleared(&site).await;
    let request = navigation("/").header("Cookie", cookie);
    assert_eq!(site.send(&request).await.text(), "hello");
    assert_eq!(site.calls(), 2);
}

async fn a_part_of_a_site_has_a_kit_under_a_prefix_of_its_own(stage: Stage) {
    let part = kit().prefix("/second/_rti/").unwrap();
    let stage = stage.blocking().kit(kit()).second_kit(part);
    let stage = stage.second(|config| config.mode(rti_core::Mode::Blocking));
    let site = stage.answer(Verdict::threat(VPN)).start().await;
    let page = site.send(&navigation("/second/about")).await;
    assert!(page.text().contains("/second/_rti/"), "{page:?}");
    let page = site.send(&navigation("/about")).await;
    assert!(page.text().contains("/.well-known/rti/"), "{page:?}");
    let asked = site.calls();
    let solution = solution(&site, Request::get("/second/_rti/challenge")).await;
    let verify = verify_json_at("/second/_rti/verify", &solution);
    let passed = site.send(&verify).await;
    assert_eq!((passed.status, site.calls()), (200, asked));
    let request = navigation("/second/about").header("Cookie", cookie(&passed));
    assert_eq!(site.send(&request).await.text(), "about");
}
