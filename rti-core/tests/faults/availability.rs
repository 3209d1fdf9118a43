//! How many of the verdicts that were obtainable the circuit breaker lets through.

use std::time::Duration;

use rti_core::FailOpenReason::Local;

use crate::checking::check;
use crate::simulated::{DEADLINE, Random, Reply, Simulated, Visit, obtained, visits};

const MINUTE: Duration = Duration::from_secs(60);

/// Sites with few and with many visitors, a second.
const RATES: [u32; 4] = [2, 10, 20, 100];

/// Long enough that chance does not decide.
fn during(rate: u32) -> Duration {
    (4 * MINUTE).min(MINUTE * 50 / rate)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[tokio::test(start_paused = true)]
async fn failures_at_random_leave_the_other_verdicts() {
    for rate in RATES {
        let service = || {
            let random = Random::seeded(7);
            Simulated::new(move |_| match random.fraction() {
                fraction if fraction < 0.49 => Reply::REFUSED,
                _ => Reply::PROMPT,
            })
        };
        let part = obtained(service, rate, during(rate)).await;
        eprintln!("{part}");
        assert!(part >= 0.9, "{part:.3} at {rate} requests/s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_latency_about_the_deadline_leaves_the_verdicts_that_are_in_time() {
    for rate in RATES {
        let service = || {
            let random = Random::seeded(11);
            Simulated::new(move |_| {
                let latency = millis(90).as_secs_f64() + 0.020 * random.fraction();
                Reply::Verdict(Duration::from_secs_f64(latency))
            })
        };
        let part = obtained(service, rate, during(rate)).await;
        eprintln!("{part}");
        assert!(part >= 0.9, "{part:.3} at {rate} requests/s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_flaps_gives_verdicts_while_it_is_up() {
    for down in [Reply::REFUSED, Reply::Never] {
        for period in [1, 2, 4, 10] {
            let period = Duration::from_secs(period);
            let service = || {
                Simulated::new(move |now| {
                    let phase = now.as_secs_f64() % period.as_secs_f64();
                    if phase < 0.48 * period.as_secs_f64() {
                        down
                    } else {
                        Reply::PROMPT
                    }
                })
            };
            let part = obtained(service, 100, MINUTE).await;
            eprintln!("{part}");
            assert!(part >= 0.85, "{part:.3}: {down:?}, every {period:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_flaps_irregularly_gives_verdicts_while_it_is_up() {
    for down in [Reply::REFUSED, Reply::Never] {
        for seed in 0..3 {
            let mut changes = Vec::new();
            let (random, mut at) = (Random::seeded(seed), 0.0);
            while at < MINUTE.as_secs_f64() {
                // Exponential: short phases are the most frequent.
                at += -2.0 * random.fraction().max(1e-9).ln();
                changes.push(at);
            }
            let service = || {
                let changes = changes.clone();
                Simulated::new(move |now| {
                    let before = changes.iter().filter(|at| **at <= now.as_secs_f64());
                    if before.count() % 2 == 0 {
                        Reply::PROMPT
                    } else {
                        down
                    }
                })
            };
            let part = obtained(service, 50, MINUTE).await;
            eprintln!("{part}");
            assert!(part >= 0.85, "{part:.3}: {down:?}, seed {seed}");
        }
    }
}

/// In an outage nobody waits after the first second, and a second after it verdicts are back.
#[tokio::test(start_paused = true)]
async fn a_total_outage_costs_a_second_at_either_end() {
    const OUTAGE: Duration = Duration::from_secs(10);
    const SECOND: Duration = Duration::from_secs(1);
    for down in [Reply::REFUSED, Reply::Never, Reply::Status(503, None)] {
        // The end of the outage falls differently between two probes.
        for (rate, later) in (0..5).flat_map(|step| [(20, 117 * step), (100, 117 * step)]) {
            let back = OUTAGE + millis(later);
            let service = Simulated::new(move |now| if now < back { down } else { Reply::PROMPT });
            let visits = visits(&service.engine(), rate, OUTAGE + 3 * SECOND).await;
            let outage = visits
                .iter()
                .filter(|visit| (SECOND..back).contains(&visit.arrived));
            let (all, waited) = outage.fold((0, 0), |(all, waited), visit| {
                (all + 1, waited + usize::from(visit.waited_in_vain()))
            });
            assert!(
                waited * 100 <= all,
                "{waited} of {all} waited: {down:?}, {rate}/s"
            );
            let recovered = visits
                .iter()
                .filter(|visit| visit.arrived >= back + SECOND)
                .all(Visit::is_evaluated);
            assert!(recovered, "no verdict a second later: {down:?}, {rate}/s");
        }
    }
}

/// Each of them waits for a connection that takes longer than the deadline.
#[tokio::test(start_paused = true)]
async fn a_burst_on_a_cold_pool_opens_nothing() {
    let service = Simulated::new(|now| {
        if now < millis(10) {
            Reply::Never
        } else {
            Reply::PROMPT
        }
    });
    let rti = service.engine();
    let burst = (0..50).map(|_| check(&rti));
    let burst = futures_util::future::join_all(burst).await;
    assert!(burst.iter().all(|decision| decision.elapsed() >= DEADLINE));
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
}

/// At a round trip of 40 ms a connection over TLS takes 120 ms, and an answer 40 ms more.
#[tokio::test(start_paused = true)]
async fn a_cold_start_opens_nothing() {
    for rate in [20, 100, 1000] {
        let service = Simulated::new(|now| {
            if now < millis(160) {
                Reply::Never
            } else {
                Reply::Verdict(millis(40))
            }
        });
        let visits = visits(&service.engine(), rate, MINUTE / 30).await;
        for visit in visits {
            let expected = visit.arrived >= millis(160);
            assert_eq!(visit.is_evaluated(), expected, "{:?}", visit.arrived);
        }
    }
}

/// This machine ran out of descriptors; the service is well.
#[tokio::test(start_paused = true)]
async fn faults_of_this_machine_open_nothing() {
    let shortage = Duration::from_secs(10);
    let service = Simulated::new(move |now| {
        if now < shortage {
            Reply::Error(Local)
        } else {
            Reply::PROMPT
        }
    });
    let visits = visits(&service.engine(), 100, 2 * shortage).await;
    for visit in visits {
        let expected = visit.arrived >= shortage;
        assert_eq!(visit.is_evaluated(), expected, "{:?}", visit.arrived);
    }
}
