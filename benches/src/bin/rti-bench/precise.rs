//! Sleeping to a tenth of a millisecond: tokio's clock ticks in milliseconds, and a service of one
//! millisecond would take two.

use std::sync::LazyLock;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

type Alarm = (Instant, oneshot::Sender<()>);

/// A thread that wakes sleepers in the order in which they lay down: all sleep equally long.
static CLOCK: LazyLock<mpsc::Sender<Alarm>> = LazyLock::new(|| {
    let (clock, alarms) = mpsc::channel::<Alarm>();
    thread::spawn(move || {
        for (at, sleeper) in alarms {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            // A sleeper that is gone was not waited for.
            let _ = sleeper.send(());
        }
    });
    clock
});

pub(crate) async fn sleep(duration: Duration) {
    let (wake, woken) = oneshot::channel();
    let alarm = (Instant::now() + duration, wake);
    // The clock runs as long as the program.
    if CLOCK.send(alarm).is_ok() {
        let _ = woken.await;
    }
}
