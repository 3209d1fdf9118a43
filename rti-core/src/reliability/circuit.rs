//! The circuit breaker: no calls while the service gives no responses.
//!
//! - **Closed**, every call is made. Failures are counted since the last response. When there are
//!   enough of them, over a long enough time, the circuit opens. A share of failures is not looked
//!   at: where half of the calls fail, the other half are verdicts.
//! - **Open**, visitors continue at once. Now and then one of them lends its encoded request to a
//!   probe: a background call that no visitor waits for and none can cancel. The first response
//!   closes the circuit.
//! - **Half forgotten**, where no visitor came for a while who could have lent a probe its request:
//!   the circuit is closed again, and the first failure opens it.
//!
//! While it is closed and the service answers, a call costs two atomic loads.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::sync::{AtomicBool, AtomicU64, Instant, Mutex, MutexGuard, Ordering};

/// From the end of the first failed probe to the next one. It grows by a tenth with each, so that
/// about a tenth of the time that an outage lasted is lost at its end: growing by half would lose
/// a quarter of the verdicts of a service that is up every other second.
const FIRST_PROBE_INTERVAL: Duration = Duration::from_millis(50);

/// An open circuit is half forgotten when a probe was due for this long and no visitor came: far
/// more than a probe's interval, so that it never happens on a site with a visitor a second.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(2);

/// The longest `Retry-After` that is honoured: a service that asks for more would turn protection
/// off for as long, by a mistake perhaps.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// When a circuit opens, and how often it is probed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// The fewest failures in a row.
    pub(crate) min_calls: u32,
    /// The shortest time from the first of them to the last.
    pub(crate) window: Duration,
    pub(crate) max_probe_interval: Duration,
    /// The deadline of a call.
    pub(crate) timeout: Duration,
}

#[derive(Debug)]
pub(crate) struct Circuit {
    rules: Rules,
    began: Instant,
    /// Even while the circuit is closed, odd while it is open; each change adds one. A call counts
    /// only in the generation that admitted it: what comes later says nothing of the present.
    generation: AtomicU64,
    /// Whether a failure was counted since the last response. Without one, a response changes nothing.
    failing: AtomicBool,
    /// While open: from when on a visitor's request becomes a probe, in microseconds since `began`.
    probe_due: AtomicU64,
    /// Its lock is held wherever one of the three above is changed.
    counted: Mutex<Counted>,
}

/// Times are since the circuit began.
#[derive(Debug, Default)]
struct Counted {
    /// Since the last response.
    failures: u32,
    /// When failures have lasted for the window.
    opens_at: Duration,
    probe_interval: Duration,
    /// The number of the last probe.
    probe: u64,
    /// Whether it was logged that it opened, and not yet that it closed.
    announced: bool,
}

/// What becomes of a visitor.
#[derive(Debug)]
pub(crate) enum Admission<'a> {
    /// The call is made.
    Call(Permit<'a>),
    /// The visitor continues unchecked, and the request is sent in the background.
    Probe(Probe),
    /// The visitor continues unchecked.
    Open,
}

/// Permission to make one call. Dropped without a report, as when the visitor leaves, it counts for
/// nothing.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    circuit: &'a Circuit,
    generation: u64,
}

/// Permission to make the one background call. Dropped without a response, for whatever cause, it
/// leaves its place to the next.
#[derive(Debug)]
pub(crate) struct Probe {
    circuit: Arc<Circuit>,
    generation: u64,
    number: u64,
    retry_after: Option<Duration>,
}

/// What a call says about the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallResult {
    /// It is alive.
    Answered,
    Failed,
    /// It asks not to be called for this long.
    RetryAfter(Duration),
}

/// A change that is logged, and that observers receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CircuitChange {
    Opened,
    Closed,
}

impl Circuit {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            began: Instant::now(),
            generation: AtomicU64::new(0),
            failing: AtomicBool::new(false),
            probe_due: AtomicU64::new(0),
            counted: Mutex::new(Counted::default()),
        }
    }

    pub(crate) fn admit(self: &Arc<Self>) -> Admission<'_> {
        let generation = self.generation.load(Ordering::Acquire);
        if is_open(generation) {
            self.admit_while_open()
        } else {
            Admission::Call(self.permit(generation))
        }
    }

    /// Whether it opened, and no response closed it: a half forgotten circuit is still open.
    pub(crate) fn is_announced_open(&self) -> bool {
        self.lock().announced
    }

    fn admit_while_open(self: &Arc<Self>) -> Admission<'_> {
        let now = self.now();
        if now < self.probe_due() {
            return Admission::Open;
        }
        let mut counted = self.lock();
        let generation = self.generation.load(Ordering::Relaxed);
        let due = self.probe_due();
        if !is_open(generation) {
            Admission::Call(self.permit(generation))
        } else if now < due {
            Admission::Open
        } else if now >= due + FORGOTTEN_AFTER {
            counted.failures = self.rules.min_calls;
            counted.opens_at = now;
            self.failing.store(true, Ordering::Relaxed);
            self.generation.store(generation + 1, Ordering::Release);
            Admission::Call(self.permit(generation + 1))
        } else {
            // A runtime that nobody drives leaves a probe without an end: its place is free when
            // its deadline is long past.
            self.next_probe_at(now + self.rules.timeout + self.rules.max_probe_interval);
            counted.probe += 1;
            Admission::Probe(Probe {
                circuit: Arc::clone(self),
                generation,
                number: counted.probe,
                retry_after: None,
            })
        }
    }

    fn permit(&self, generation: u64) -> Permit<'_> {
        Permit {
            circuit: self,
            generation,
        }
    }

    fn answered(&self, generation: u64) -> Option<CircuitChange> {
        let mut counted = self.lock_in(generation)?;
        counted.failures = 0;
        self.failing.store(false, Ordering::Relaxed);
        if is_open(generation) {
            self.generation.store(generation + 1, Ordering::Release);
        }
        let announced = std::mem::take(&mut counted.announced);
        drop(counted);
        if announced {
            tracing::info!(target: "rti", "circuit closed: the service answers again");
        }
        announced.then_some(CircuitChange::Closed)
    }

    fn failed(&self, generation: u64) -> Option<CircuitChange> {
        let mut counted = self.lock_in(generation)?;
        let now = self.now();
        if counted.failures == 0 {
            counted.opens_at = now + self.rules.window;
            self.failing.store(true, Ordering::Relaxed);
        }
        counted.failures = counted.failures.saturating_add(1);
        if counted.failures >= self.rules.min_calls && now >= counted.opens_at {
            return self.open(generation, counted, None);
        }
        None
    }

    /// One call is enough: the service says itself that others would get no other response.
    fn refused(&self, generation: u64, retry_after: Duration) -> Option<CircuitChange> {
        let counted = self.lock_in(generation)?;
        self.open(generation, counted, Some(retry_after))
    }

    fn open(
        &self,
        generation: u64,
        mut counted: MutexGuard<'_, Counted>,
        retry_after: Option<Duration>,
    ) -> Option<CircuitChange> {
        let failures = std::mem::take(&mut counted.failures);
        self.failing.store(false, Ordering::Relaxed);
        counted.probe_interval = FIRST_PROBE_INTERVAL.min(self.rules.max_probe_interval);
        let wait = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        self.next_probe_at(self.now() + wait);
        self.generation.store(generation + 1, Ordering::Release);
        let announced = std::mem::replace(&mut counted.announced, true);
        drop(counted);
        if !announced {
            let retry_after_ms = retry_after.map(|_| millis(wait));
            tracing::warn!(
                target: "rti",
                failures,
                retry_after_ms,
                "circuit opened: the service is not called, and requests get no verdict"
            );
        }
        (!announced).then_some(CircuitChange::Opened)
    }

    /// A probe came to an end, and the circuit may be as open as before.
    fn rest(&self, probe: &Probe) {
        let Some(mut counted) = self.lock_in(probe.generation) else {
            return;
        };
        if counted.probe != probe.number {
            return;
        }
        let interval = counted.probe_interval;
        counted.probe_interval = (interval * 11 / 10).min(self.rules.max_probe_interval);
        let retry_after = probe.retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        self.next_probe_at(self.now() + interval.max(retry_after));
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, if this generation is the present one.
    fn lock_in(&self, generation: u64) -> Option<MutexGuard<'_, Counted>> {
        let counted = self.lock();
        (self.generation.load(Ordering::Relaxed) == generation).then_some(counted)
    }

    fn probe_due(&self) -> Duration {
        Duration::from_micros(self.probe_due.load(Ordering::Relaxed))
    }

    fn next_probe_at(&self, due: Duration) {
        let micros = u64::try_from(due.as_micros()).unwrap_or(u64::MAX);
        self.probe_due.store(micros, Ordering::Relaxed);
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Permit<'_> {
    pub(crate) fn report(self, result: CallResult) -> Option<CircuitChange> {
        let Self {
            circuit,
            generation,
        } = self;
        match result {
            CallResult::Answered if circuit.failing.load(Ordering::Relaxed) => {
                circuit.answered(generation)
            }
            CallResult::Answered => None,
            CallResult::Failed => circuit.failed(generation),
            CallResult::RetryAfter(wait) => circuit.refused(generation, wait),
        }
    }
}

impl Probe {
    pub(crate) fn report(mut self, result: CallResult) -> Option<CircuitChange> {
        match result {
            CallResult::Answered => self.circuit.answered(self.generation),
            // Dropping it says the rest.
            CallResult::Failed => None,
            CallResult::RetryAfter(wait) => {
                self.retry_after = Some(wait);
                None
            }
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.circuit.rest(self);
    }
}

fn is_open(generation: u64) -> bool {
    generation % 2 == 1
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
