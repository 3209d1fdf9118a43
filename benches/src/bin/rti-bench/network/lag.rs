//! How late the machine itself is: a busy one misses deadlines that no client could keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between two looks at the clock.
const TURN: Duration = Duration::from_millis(5);

/// What a path of 80 ms leaves of the deadline, for everything else.
const LATE: Duration = Duration::from_millis(15);

/// Looks at the clock in a thread of its own until it is asked.
pub(super) struct Lag {
    stop: Arc<AtomicBool>,
    looking: JoinHandle<(u32, u32)>,
}

impl Lag {
    pub(super) fn watch() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let looking = thread::spawn(move || {
            let (mut turns, mut late) = (0, 0);
            while !stopped.load(Ordering::Relaxed) {
                let began = Instant::now();
                thread::sleep(TURN);
                turns += 1;
                late += u32::from(began.elapsed() > TURN + LATE);
            }
            (turns, late)
        });
        Self { stop, looking }
    }

    /// For the report.
    pub(super) fn note(self) -> String {
        self.stop.store(true, Ordering::Relaxed);
        let (turns, late) = self
            .looking
            .join()
            .expect("a look at the clock does not panic");
        let percent = f64::from(late) / f64::from(turns) * 100.0;
        let late = LATE.as_millis();
        format!(
            "The machine was late by more than {late} ms {percent:.2} % of the time: what that cost is in the figures."
        )
    }
}
