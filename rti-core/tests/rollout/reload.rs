//! Changes at run time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rti_core::{
    Action, Config, ConfigBuilder, ConfigError, ConfigErrorKind, ConfigFault, Mode, Observer,
    Outcome, PolicyOptions, Rti, SkipReason, ThreatType,
};

use crate::site::{Service, Visit, builder, decide, engine, seen};

const BOT: Service = Service::Threat(ThreatType::AutomationTools);

#[derive(Default)]
struct Reloads(Mutex<Vec<Result<(), String>>>);

impl Observer for Reloads {
    fn config_reloaded(&self, result: Result<&Config, &ConfigError>) {
        let result = result.map(drop).map_err(ToString::to_string);
        self.0.lock().unwrap().push(result);
    }
}

#[tokio::test]
async fn a_reload_holds_for_the_requests_that_begin_after_it() {
    let reloads = Arc::new(Reloads::default());
    let config = builder().build().unwrap();
    let rti = Rti::builder(config).observer(Arc::clone(&reloads));
    let rti = rti.build_with_transport(BOT);
    let before = rti.inspect(&Visit::to("/"));
    rti.reload(builder().mode(Mode::Blocking).build().unwrap())
        .unwrap();
    assert_eq!(rti.decide(before).await.action(), Action::Allow);
    assert_eq!(seen(&rti, "/").await, "default block block");
    assert_eq!(*reloads.0.lock().unwrap(), [Ok(())]);
}

#[tokio::test]
async fn what_cannot_change_is_refused_and_nothing_changes() {
    let reloads = Arc::new(Reloads::default());
    let rti = Rti::builder(builder().build().unwrap()).observer(Arc::clone(&reloads));
    let rti = rti.build_with_transport(BOT);
    let other = builder().mode(Mode::Blocking).max_in_flight(7);
    let other = other.api_endpoint("http://127.0.0.1:10");
    let error = rti.reload(other.build().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Fixed);
    let faults = error.faults().iter();
    let options: Vec<_> = faults.map(ConfigFault::option).collect();
    assert_eq!(options, ["api_endpoint", "max_in_flight"]);
    assert_eq!(seen(&rti, "/").await, "default allow block");
    assert!(reloads.0.lock().unwrap()[0].is_err());
}

#[tokio::test]
async fn the_mode_is_set_in_code_until_it_is_given_back() {
    let rti = engine(builder(), BOT);
    rti.set_mode(Some(Mode::Blocking));
    assert_eq!(seen(&rti, "/").await, "default block block");
    rti.set_mode(Some(Mode::Off));
    let decision = decide(&rti, &Visit::to("/")).await;
    assert_eq!(*decision.outcome(), Outcome::Skipped(SkipReason::Off));
    // A reload does not undo the kill switch.
    rti.reload(builder().mode(Mode::Blocking).build().unwrap())
        .unwrap();
    assert_eq!(rti.mode(), Mode::Off);
    rti.set_mode(None);
    assert_eq!(seen(&rti, "/").await, "default block block");
}

/// Each configuration has a policy and a mode that belong together: a request that saw parts of two would
/// show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_of_a_storm_of_reloads_sees_two_configurations() {
    let one = || {
        let blocking = PolicyOptions::new().mode(Mode::Blocking);
        builder().policy("one", ["re:^/"], blocking)
    };
    let other = || {
        let codes = PolicyOptions::new().mode(Mode::Blocking);
        let codes = codes.invalid_block_redirect_codes([99]);
        let codes = codes.invalid_captcha_codes([3]);
        builder().policy("other", ["re:^/"], codes)
    };
    // Each configuration holds it, as long as it is in memory.
    let held = Arc::new(());
    let holding = |config: ConfigBuilder| {
        let held = Arc::clone(&held);
        let config = config.channel(move |_| (Arc::strong_count(&held) == 0).then(String::new));
        config.build().unwrap()
    };
    let rti = Rti::with_transport(holding(one()), BOT);
    let stop = Arc::new(AtomicUsize::new(0));
    let visitors: Vec<_> = (0..4)
        .map(|_| {
            let (rti, stop) = (rti.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut count = 0;
                while stop.load(Ordering::Relaxed) == 0 {
                    let seen = seen(&rti, "/").await;
                    let known = ["one block block", "other challenge challenge"];
                    assert!(known.contains(&seen.as_str()), "{seen}");
                    count += 1;
                    tokio::task::yield_now().await;
                }
                count
            })
        })
        .collect();
    for number in 0..1000 {
        let config = if number % 2 == 0 { other() } else { one() };
        rti.reload(holding(config)).unwrap();
        if number % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    stop.store(1, Ordering::Relaxed);
    for visitor in visitors {
        assert!(visitor.await.unwrap() > 0);
    }
    // Of a thousand configurations one is left.
    assert_eq!(Arc::strong_count(&held), 2);
}
