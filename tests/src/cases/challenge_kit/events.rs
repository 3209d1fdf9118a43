//! What happens to challenges, as the engine's observers receive it.

use std::sync::{Arc, Mutex};

use rti_core::{ChallengeEvent, Mode, Observer, ThreatType};
use rti_simulator::Verdict;

use super::{PREFIX, VPN, field, kit, navigation, posted, solved, verify_json};
use crate::{Site, Stage};

crate::suite::cases![
    an_observer_receives_what_happens_to_challenges: needs ChallengeKit,
    an_engine_receives_its_own_challenges_alone: needs ChallengeKit and TwoEngines,
];

/// What happened, and why the visitors were challenged.
#[derive(Default)]
struct Events(Mutex<Vec<Event>>);

type Event = (&'static str, Option<ThreatType>);

impl Observer for Events {
    fn challenge(&self, event: &ChallengeEvent) {
        let event = (event.kind.as_str(), event.threat_type);
        self.0.lock().unwrap().push(event);
    }
}

impl Events {
    /// Since they were taken last.
    fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

async fn an_observer_receives_what_happens_to_challenges(stage: Stage) {
    let events = Arc::new(Events::default());
    let stage = stage.blocking().kit(kit()).observer(Arc::clone(&events));
    let site = stage.answer(Verdict::threat(VPN)).start().await;
    let vpn = Some(ThreatType::Vpn);
    let page = site.send(&navigation("/about")).await;
    assert_eq!(events.take(), [("issued", vpn)]);

    let return_to = field(&page, "return_to").unwrap();
    let solution = solved(&site).await;
    let fields = [("altcha", &*solution), ("return_to", &return_to)];
    let verify = posted(&format!("{PREFIX}verify"), &fields);
    let passed = site.send(&verify).await;
    assert_eq!(passed.status, 303, "{passed:?}");
    assert_eq!(events.take(), [("passed", vpn)]);
    site.send(&verify).await;
    assert_eq!(events.take(), [("replayed", vpn)]);
    let forged = [("altcha", "bm8gc29sdXRpb24="), ("return_to", &return_to)];
    site.send(&posted(&format!("{PREFIX}verify"), &forged))
        .await;
    assert_eq!(events.take(), [("failed", vpn)]);

    let cookie = super::cookie(&passed);
    let cleared = navigation("/about").header("Cookie", cookie);
    assert_eq!(site.send(&cleared).await.text(), "about");
    assert_eq!(events.take(), [], "a cleared visitor is not challenged");
}

/// Of two that share a kit.
async fn an_engine_receives_its_own_challenges_alone(stage: Stage) {
    let (first, second) = (Arc::new(Events::default()), Arc::new(Events::default()));
    let kit = kit();
    let stage = stage.blocking().kit(kit.clone()).second_kit(kit);
    let stage = stage.second(|config| config.mode(Mode::Blocking));
    let stage = stage.observer(Arc::clone(&first));
    let stage = stage.second_observer(Arc::clone(&second));
    let site: Site = stage.answer(Verdict::threat(VPN)).start().await;
    let vpn = Some(ThreatType::Vpn);
    assert_eq!(site.send(&navigation("/second/about")).await.status, 403);
    assert_eq!(
        (first.take(), second.take()),
        (vec![], vec![("issued", vpn)])
    );
    assert_eq!(site.send(&navigation("/about")).await.status, 403);
    assert_eq!(
        (first.take(), second.take()),
        (vec![("issued", vpn)], vec![])
    );
    let solution = solved(&site).await;
    assert_eq!(site.send(&verify_json(&solution)).await.status, 200);
    assert_eq!(
        (first.take(), second.take()),
        (vec![("passed", None)], vec![])
    );
}
