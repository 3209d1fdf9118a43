//! The circuit breaker against a simple model of it, under random sequences of events.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::circuit::{Admission, CallResult, Circuit, Permit, Probe, Rules};

const RULES: Rules = Rules {
    min_calls: 3,
    window: Duration::from_millis(200),
    max_probe_interval: Duration::from_millis(80),
    timeout: Duration::from_millis(100),
};

/// A call that is under way, by the number of the visitor.
type Visitor = usize;

#[derive(Debug, Clone, Copy)]
enum Event {
    VisitorArrives,
    /// One of the calls under way ends; without a result the visitor left, or the runtime died.
    CallEnds(prop::sample::Index, Option<CallResult>),
    TimePasses(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admitted {
    Call,
    Probe,
    Open,
}

/// What the circuit breaker promises, without a thought of speed or threads.
#[derive(Debug, Default)]
struct Model {
    now: Duration,
    /// How often it opened or closed.
    changes: usize,
    state: State,
    /// In which of its states a call was admitted.
    admitted: HashMap<Visitor, usize>,
}

#[derive(Debug)]
enum State {
    /// The times of all failures since the last response; or one is enough.
    Closed {
        failures: Vec<Duration>,
        is_suspected: bool,
    },
    Open {
        next_probe: Duration,
        failed_probes: u32,
        probe: Option<Visitor>,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed {
            failures: Vec::new(),
            is_suspected: false,
        }
    }
}

impl Model {
    fn arrives(&mut self, visitor: Visitor) -> Admitted {
        if let State::Open { next_probe, .. } = self.state
            && self.now >= next_probe + Duration::from_secs(2)
        {
            self.becomes(State::Closed {
                failures: Vec::new(),
                is_suspected: true,
            });
        }
        let admitted = match &mut self.state {
            State::Closed { .. } => Admitted::Call,
            State::Open { next_probe, .. } if self.now < *next_probe => Admitted::Open,
            State::Open {
                next_probe, probe, ..
            } => {
                *next_probe = self.now + RULES.timeout + RULES.max_probe_interval;
                *probe = Some(visitor);
                Admitted::Probe
            }
        };
        if admitted != Admitted::Open {
            self.admitted.insert(visitor, self.changes);
        }
        admitted
    }

    fn ends(&mut self, visitor: Visitor, result: Option<CallResult>) {
        if self.admitted.remove(&visitor) != Some(self.changes) {
            return;
        }
        let longest = Duration::from_secs(30);
        match (&mut self.state, result) {
            (State::Open { .. }, Some(CallResult::Answered)) => self.becomes(State::default()),
            (State::Closed { .. }, Some(CallResult::Answered)) => self.state = State::default(),
            (
                State::Open {
                    next_probe,
                    failed_probes,
                    probe,
                },
                result,
            ) => {
                if *probe != Some(visitor) {
                    return;
                }
                let mut interval = Duration::from_millis(50);
                for _ in 0..*failed_probes {
                    interval = (interval * 11 / 10).min(RULES.max_probe_interval);
                }
                let asked = match result {
                    Some(CallResult::RetryAfter(wait)) => wait.min(longest),
                    _ => Duration::ZERO,
                };
                *next_probe = self.now + interval.max(asked);
                *failed_probes += 1;
            }
            (State::Closed { .. }, None) => {}
            (State::Closed { .. }, Some(CallResult::RetryAfter(wait))) => {
                self.opens(wait.min(longest));
            }
            (
                State::Closed {
                    failures,
                    is_suspected,
                },
                Some(CallResult::Failed),
            ) => {
                failures.push(self.now);
                let enough = failures.len() >= 3 && failures[0] + RULES.window <= self.now;
                if enough || *is_suspected {
                    self.opens(Duration::ZERO);
                }
            }
        }
    }

    fn opens(&mut self, wait: Duration) {
        self.becomes(State::Open {
            next_probe: self.now + wait,
            failed_probes: 0,
            probe: None,
        });
    }

    fn becomes(&mut self, state: State) {
        self.state = state;
        self.changes += 1;
    }
}

/// A call under way in the circuit breaker itself.
enum UnderWay<'a> {
    Call(Permit<'a>),
    Probe(Probe),
}

async fn compare(events: Vec<Event>) -> Result<(), TestCaseError> {
    let circuit = Arc::new(Circuit::new(RULES));
    let mut model = Model::default();
    let mut under_way = Vec::new();
    for (visitor, event) in events.into_iter().enumerate() {
        match event {
            Event::TimePasses(time) => {
                tokio::time::advance(time).await;
                model.now += time;
            }
            Event::VisitorArrives => {
                let admitted = match circuit.admit() {
                    Admission::Call(permit) => {
                        under_way.push((visitor, UnderWay::Call(permit)));
                        Admitted::Call
                    }
                    Admission::Probe(probe) => {
                        under_way.push((visitor, UnderWay::Probe(probe)));
                        Admitted::Probe
                    }
                    Admission::Open => Admitted::Open,
                };
                prop_assert_eq!(admitted, model.arrives(visitor), "visitor {}", visitor);
            }
            Event::CallEnds(index, result) if !under_way.is_empty() => {
                let (visitor, call) = under_way.swap_remove(index.index(under_way.len()));
                match (call, result) {
                    (UnderWay::Call(permit), Some(result)) => drop(permit.report(result)),
                    (UnderWay::Probe(probe), Some(result)) => drop(probe.report(result)),
                    (call, None) => drop(call),
                }
                model.ends(visitor, result);
            }
            Event::CallEnds(..) => {}
        }
    }
    Ok(())
}

fn event() -> impl Strategy<Value = Event> {
    let seconds = |seconds| CallResult::RetryAfter(Duration::from_secs(seconds));
    let result = prop_oneof![
        8 => Just(Some(CallResult::Failed)),
        2 => Just(Some(CallResult::Answered)),
        1 => (0_u64..40).prop_map(move |time| Some(seconds(time))),
        1 => Just(None),
    ];
    let millis = prop_oneof![
        20 => 0_u64..60,
        2 => 60_u64..300,
        1 => 1900_u64..2300,
        1 => 0_u64..40_000,
    ];
    prop_oneof![
        4 => Just(Event::VisitorArrives),
        4 => (any::<prop::sample::Index>(), result)
            .prop_map(|(index, result)| Event::CallEnds(index, result)),
        2 => millis.prop_map(|millis| Event::TimePasses(Duration::from_millis(millis))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn it_does_what_the_model_does(events in prop::collection::vec(event(), 1..300)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(compare(events))?;
    }
}
