//! The bandwidth of one direction: when a chunk has left, if those before it had to leave first.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// One direction of the path, shared by all connections.
#[derive(Debug, Default)]
pub(super) struct Line {
    bytes_per_second: Option<u32>,
    busy_until: Mutex<Option<Instant>>,
}

impl Line {
    pub(super) fn with_bandwidth(bytes_per_second: u32) -> Self {
        Self {
            bytes_per_second: Some(bytes_per_second),
            busy_until: Mutex::new(None),
        }
    }

    /// When the last byte of a chunk has left that is ready at `ready`.
    pub(super) fn left(&self, ready: Instant, bytes: usize) -> Instant {
        let Some(bytes_per_second) = self.bytes_per_second else {
            return ready;
        };
        let bytes = u32::try_from(bytes).unwrap();
        let takes = Duration::from_secs_f64(f64::from(bytes) / f64::from(bytes_per_second));
        let mut busy_until = self.busy_until.lock().unwrap();
        let left = busy_until.map_or(ready, |busy| busy.max(ready)) + takes;
        *busy_until = Some(left);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_leave_one_after_the_other() {
        let now = Instant::now();
        let line = Line::with_bandwidth(1000);
        assert_eq!(line.left(now, 500), now + Duration::from_millis(500));
        assert_eq!(line.left(now, 500), now + Duration::from_secs(1));
        let later = now + Duration::from_secs(9);
        assert_eq!(line.left(later, 100), later + Duration::from_millis(100));
        assert_eq!(Line::default().left(now, 500), now);
    }
}
