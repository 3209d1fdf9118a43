//! The circuit breaker, as a site sees it. How many verdicts it leaves is in `availability`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rti_core::FailOpenReason::{CircuitOpen, Connect, Saturated, Status, Timeout};
use rti_core::{CircuitBreaker, CircuitState, Rti};
use tokio::time::sleep;

use crate::checking::{GENEROUS, Page, check};
use crate::outcome::assert_failed_open;
use crate::simulated::{DEADLINE, Reply, SERVICE_TIME, Simulated, Visit, visits};

const SECOND: Duration = Duration::from_secs(1);

/// The defaults of the options.
const MIN_CALLS: usize = 5;
const WINDOW: Duration = Duration::from_millis(500);

/// From the end of the first failed probe to the next.
const FIRST_INTERVAL: Duration = Duration::from_millis(50);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// An engine whose service does not answer, and whose circuit has just opened.
async fn opened(service: &Simulated) -> Rti {
    let rti = service.engine();
    for _ in 1..MIN_CALLS {
        check(&rti).await;
    }
    sleep(WINDOW).await;
    check(&rti).await;
    assert_eq!(service.calls().len(), MIN_CALLS);
    rti
}

/// Until the calls that are under way have ended.
async fn settle() {
    sleep(SERVICE_TIME + millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn failures_over_a_time_open_it() {
    let service = Simulated::new(|_| Reply::REFUSED);
    let rti = service.engine();
    for _ in 0..100 {
        assert_failed_open(&check(&rti).await, Connect);
    }
    sleep(millis(499)).await;
    assert_failed_open(&check(&rti).await, Connect);
    sleep(millis(1)).await;
    assert_failed_open(&check(&rti).await, Connect);
    assert_failed_open(&check(&rti).await, CircuitOpen);
}

#[tokio::test(start_paused = true)]
async fn few_failures_open_nothing() {
    let service = Simulated::new(|_| Reply::REFUSED);
    let rti = service.engine();
    for _ in 0..MIN_CALLS {
        assert_failed_open(&check(&rti).await, Connect);
        sleep(SECOND).await;
    }
    assert_failed_open(&check(&rti).await, CircuitOpen);
}

#[tokio::test(start_paused = true)]
async fn the_options_say_when() {
    let service = Simulated::new(|now| match now {
        now if now < 20 * SECOND => Reply::REFUSED,
        _ => Reply::PROMPT,
    });
    let rti = service.engine_with(|config| {
        config
            .circuit_breaker_min_calls(2)
            .circuit_breaker_window(3 * SECOND)
            .circuit_breaker_max_probe_interval(10 * SECOND)
    });
    assert_failed_open(&check(&rti).await, Connect);
    sleep(3 * SECOND).await;
    assert_failed_open(&check(&rti).await, Connect);
    let visits = visits(&rti, 10, 60 * SECOND).await;
    let calls = service.calls();
    let intervals = calls.windows(2).map(|pair| pair[1].abs_diff(pair[0]));
    assert!(
        intervals.skip(1).max() < Some(10 * SECOND),
        "a probe came too late: {calls:?}"
    );
    let last = visits.last().unwrap();
    assert!(last.is_evaluated(), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_response_between_failures_keeps_it_closed() {
    let service = Simulated::new(|now| match now.as_millis() % 500 {
        490.. => Reply::Verdict(Duration::ZERO),
        _ => Reply::REFUSED,
    });
    let visits = visits(&service.engine(), 100, 60 * SECOND).await;
    assert_eq!(service.calls().len(), visits.len());
}

#[tokio::test(start_paused = true)]
async fn switched_off_it_never_opens() {
    let service = Simulated::new(|_| Reply::Status(503, None));
    let rti = service.engine_with(|config| config.circuit_breaker(CircuitBreaker::Off));
    for visit in visits(&rti, 100, 10 * SECOND).await {
        assert_failed_open(&visit.decision, Status(503));
    }
}

/// The first visitor of an open circuit lends a request to a probe.
#[tokio::test(start_paused = true)]
async fn no_visitor_waits_for_a_probe() {
    let service = Simulated::new(|_| Reply::Never);
    let rti = opened(&service).await;
    for _ in 0..10 {
        let decision = check(&rti).await;
        assert_failed_open(&decision, CircuitOpen);
        assert_eq!(decision.elapsed(), Duration::ZERO);
    }
    settle().await;
    assert_eq!(service.calls().len(), MIN_CALLS + 1, "one probe at a time");
}

#[tokio::test(start_paused = true)]
async fn one_probe_that_is_answered_closes_it() {
    let down = DEADLINE * 4 + WINDOW + DEADLINE;
    let service = Simulated::new(move |now| match now {
        now if now < down => Reply::Never,
        _ => Reply::PROMPT,
    });
    let rti = opened(&service).await;
    assert_eq!(rti.statistics().circuit, CircuitState::Open);
    assert_eq!(rti.statistics().connections, None);
    assert_failed_open(&check(&rti).await, CircuitOpen);
    settle().await;
    assert_eq!(rti.statistics().circuit, CircuitState::Closed);
    for _ in 0..10 {
        assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    }
}

#[tokio::test(start_paused = true)]
async fn probes_that_fail_come_less_often() {
    let service = Simulated::new(|_| Reply::REFUSED);
    let rti = opened(&service).await;
    let opened = service.elapsed();
    visits(&rti, 1000, 30 * SECOND).await;
    let probes = service.calls().split_off(MIN_CALLS);
    let intervals: Vec<_> = probes
        .windows(2)
        .map(|pair| pair[1].abs_diff(pair[0]))
        .collect();
    assert!(
        probes[0].abs_diff(opened) <= millis(1),
        "the first is at once"
    );
    assert!((FIRST_INTERVAL..FIRST_INTERVAL + millis(2)).contains(&intervals[0]));
    assert!(intervals.is_sorted(), "{intervals:?}");
    let last = intervals.last().unwrap();
    assert!((millis(500)..millis(502)).contains(last), "{last:?}");
}

/// A probe is a request of a visitor, whom the service would otherwise see twice.
#[tokio::test(start_paused = true)]
async fn no_visitor_is_sent_twice() {
    let service = Simulated::new(|now| match now {
        now if now < 5 * SECOND => Reply::REFUSED,
        _ => Reply::PROMPT,
    });
    let rti = service.engine();
    for visitor in 0..1000 {
        let mut page = Page::default();
        page.headers.push((
            "referer",
            format!("https://shop.example/visitor-{visitor}-"),
        ));
        drop(rti.decide(rti.inspect(&page)).await);
        sleep(millis(7)).await;
    }
    let mut seen = std::collections::HashSet::new();
    for body in service.bodies() {
        let body = String::from_utf8(body.to_vec()).unwrap();
        let visitor = body.split("visitor-").nth(1).unwrap();
        let visitor = visitor.split('-').next().unwrap().to_owned();
        assert!(seen.insert(visitor.clone()), "visitor {visitor}");
    }
}

/// What a service refuses, it refuses alive.
#[tokio::test(start_paused = true)]
async fn a_4xx_closes_it_and_never_opens_it() {
    for status in [400, 401, 403, 404, 408, 413, 429] {
        let service = Simulated::new(move |now| match now {
            now if now < 2 * SECOND => Reply::REFUSED,
            now if now < 3 * SECOND => Reply::Status(status, None),
            _ => Reply::PROMPT,
        });
        let visits = visits(&service.engine(), 100, 4 * SECOND).await;
        let refused: Vec<_> = visits
            .iter()
            .skip_while(|visit| visit.arrived < 2 * SECOND + millis(300))
            .take_while(|visit| visit.arrived < 3 * SECOND)
            .collect();
        assert_eq!(refused.len(), 70);
        for visit in refused {
            assert_failed_open(&visit.decision, Status(status));
        }
        assert!(visits[300..].iter().all(Visit::is_evaluated));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_not_to_be_called_is_not_called() {
    for (status, asked, honoured) in [
        (429, 4 * SECOND, 4 * SECOND),
        (503, 4 * SECOND, 4 * SECOND),
        // Longer would be a way to turn protection off.
        (503, 3600 * SECOND, 30 * SECOND),
        (429, Duration::ZERO, Duration::ZERO),
        (500, 4 * SECOND, Duration::ZERO),
    ] {
        let service = Simulated::new(move |now| match now {
            now if now < millis(5) => Reply::Status(status, Some(asked)),
            _ => Reply::PROMPT,
        });
        let rti = service.engine();
        assert_failed_open(&check(&rti).await, Status(status));
        sleep(millis(5)).await;
        visits(&rti, 100, 40 * SECOND).await;
        let next = service.calls()[1];
        let expected = honoured.max(millis(5))..honoured + millis(20);
        assert!(expected.contains(&next), "{status}, {asked:?}: {next:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_waits_as_long_as_the_service_says() {
    let service = Simulated::new(|now| match now {
        now if now < SECOND => Reply::REFUSED,
        now if now < 2 * SECOND => Reply::Status(503, Some(10 * SECOND)),
        _ => Reply::PROMPT,
    });
    let visits = visits(&service.engine(), 100, 15 * SECOND).await;
    let calls = service.calls();
    let told = calls.iter().position(|call| *call >= SECOND).unwrap();
    let waited = calls[told + 1].abs_diff(calls[told]);
    assert!((10 * SECOND..11 * SECOND).contains(&waited), "{waited:?}");
    assert!(visits[1200..].iter().all(Visit::is_evaluated));
}

/// Calls of an outage may fail long after it.
#[tokio::test(start_paused = true)]
async fn late_failures_say_nothing_of_the_present() {
    let service = Simulated::new(|now| match now {
        now if now < SECOND => Reply::Never,
        now if now < 3 * SECOND => Reply::REFUSED,
        _ => Reply::PROMPT,
    });
    let rti = service.engine_with(|config| config.timeout(8 * SECOND));
    let (outage, later) = tokio::join!(visits(&rti, 100, 3 * SECOND), async {
        sleep(5 * SECOND).await;
        visits(&rti, 1, 10 * SECOND).await
    });
    let late = outage.iter().filter(|visit| {
        let ended = visit.arrived + visit.decision.elapsed();
        visit.decision.outcome().reason().as_deref() == Some("timeout") && ended > 8 * SECOND
    });
    assert!(late.count() > 90);
    // The first of them closed the circuit, or was the probe that did.
    for visit in &later[1..] {
        assert!(visit.is_evaluated(), "{visit:?}");
    }
}

/// A site with a visitor now and then: nobody else could be the probe.
#[tokio::test(start_paused = true)]
async fn a_visitor_after_a_quiet_time_is_checked() {
    let service = Simulated::new(|now| match now {
        now if now < 10 * SECOND => Reply::REFUSED,
        _ => Reply::PROMPT,
    });
    let rti = opened(&service).await;
    assert_failed_open(&check(&rti).await, CircuitOpen);
    sleep(5 * SECOND).await;
    assert_failed_open(&check(&rti).await, Connect);
    // One failure is enough to open it again.
    assert_failed_open(&check(&rti).await, CircuitOpen);
    sleep(5 * SECOND).await;
    let crowd = (0..10).map(|_| check(&rti));
    for decision in futures_util::future::join_all(crowd).await {
        assert_eq!(decision.outcome().as_str(), "evaluated");
    }
}

/// A full cap is no reason not to look whether the service is back.
#[tokio::test(start_paused = true)]
async fn a_probe_needs_no_place_in_flight() {
    let service = Simulated::new(|now| match now {
        now if now < 2 * SECOND => Reply::Never,
        _ => Reply::PROMPT,
    });
    let rti = service.engine_with(|config| config.max_in_flight(1).timeout(DEADLINE));
    let visits = visits(&rti, 100, 4 * SECOND).await;
    assert!(visits.iter().any(|visit| {
        visit.decision.outcome().reason().as_deref() == Some(&*Saturated.to_string())
    }));
    assert!(visits[300].is_evaluated(), "{:?}", visits[300]);
}

/// A runtime of its own, as each worker of actix-web has one.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

/// An engine with an open circuit and a probe that nobody drives, whose service is back.
fn probed_by(runtime: &tokio::runtime::Runtime, timeout: Duration) -> Rti {
    let is_up = Arc::new(AtomicBool::new(false));
    let service = Simulated::new({
        let is_up = Arc::clone(&is_up);
        move |_| {
            if is_up.load(Ordering::SeqCst) {
                Reply::PROMPT
            } else {
                Reply::REFUSED
            }
        }
    });
    let rti = service.engine_with(|config| {
        config
            .timeout(timeout)
            .circuit_breaker_min_calls(1)
            .circuit_breaker_window(millis(1))
            .circuit_breaker_max_probe_interval(millis(10))
    });
    runtime.block_on(async {
        check(&rti).await;
        sleep(millis(2)).await;
        check(&rti).await;
        is_up.store(true, Ordering::SeqCst);
        assert_failed_open(&check(&rti).await, CircuitOpen);
    });
    rti
}

async fn is_closed_within(rti: &Rti, patience: Duration) -> bool {
    let until = std::time::Instant::now() + patience;
    while check(rti).await.outcome().as_str() != "evaluated" {
        if std::time::Instant::now() > until {
            return false;
        }
        sleep(millis(1)).await;
    }
    true
}

#[test]
fn a_probe_dies_with_its_runtime_and_leaves_its_place() {
    let gone = runtime();
    let rti = probed_by(&gone, GENEROUS);
    drop(gone);
    assert!(runtime().block_on(is_closed_within(&rti, GENEROUS / 2)));
}

#[test]
fn a_probe_on_a_runtime_that_nobody_drives_is_given_up() {
    let not_driven = runtime();
    let rti = probed_by(&not_driven, millis(100));
    assert!(runtime().block_on(is_closed_within(&rti, GENEROUS / 2)));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_a_failure() {
    let service = Simulated::new(|_| Reply::Never);
    let rti = opened(&service).await;
    assert_failed_open(&check(&rti).await, CircuitOpen);
    let first = service.engine();
    assert_failed_open(&check(&first).await, Timeout);
}
