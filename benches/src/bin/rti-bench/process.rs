//! What the kernel tells of a process: processor time, memory, descriptors.

use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Which of the processors a process keeps to: the server has one to itself, and load and verdict
/// service share another. So what the server costs shows in what it serves, and is not made smaller
/// by what surrounds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Server,
    Harness,
}

/// The processor of a place, of those that this process may use as long as it keeps to none.
fn processor(place: Place) -> Option<usize> {
    let allowed = sched_getaffinity(None).ok()?;
    let mut processors = (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor));
    match place {
        Place::Server => processors.next(),
        Place::Harness => processors.next_back(),
    }
}

/// Where servers run; found out before the harness keeps to its own processor.
static SERVER: OnceLock<Option<usize>> = OnceLock::new();

pub(crate) fn processor_for_servers() -> Option<usize> {
    SERVER.get().copied().flatten()
}

/// Keeps the harness's thread to its own processor.
pub(crate) fn keep_apart_from_servers() {
    SERVER.get_or_init(|| processor(Place::Server));
    if let Some(processor) = processor(Place::Harness) {
        keep_to(processor);
    }
}

/// Keeps this thread, and those it starts, to one processor. Where the kernel refuses, things stay
/// as they are. A process that is started later inherits this and must be told of another.
pub(crate) fn keep_to(processor: usize) {
    let mut only = CpuSet::new();
    only.set(processor);
    let _ = sched_setaffinity(None, &only);
}

/// Time on a processor so far, of all threads that live.
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Duration::ZERO;
    };
    let nanos = |entry: fs::DirEntry| -> Option<u64> {
        let text = fs::read_to_string(entry.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    Duration::from_nanos(tasks.flatten().filter_map(nanos).sum())
}

/// Resident bytes.
pub(crate) fn resident(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("Rss:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Open descriptors.
pub(crate) fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// Asks for so many descriptors and says how many there are; processes started later have as many.
pub(crate) fn raise_descriptor_limit(wanted: u64) -> u64 {
    let now = getrlimit(Resource::Nofile);
    for maximum in [now.maximum.map(|maximum| maximum.max(wanted)), now.maximum] {
        let current = maximum.map_or(wanted, |maximum| maximum.min(wanted));
        let limit = Rlimit {
            current: Some(current),
            maximum,
        };
        if current <= now.current.unwrap_or(u64::MAX) || setrlimit(Resource::Nofile, limit).is_ok()
        {
            break;
        }
    }
    getrlimit(Resource::Nofile).current.unwrap_or(wanted)
}

/// Leaves this process no more than so many descriptors.
pub(crate) fn lower_descriptor_limit(to: u64) {
    let limit = Rlimit {
        current: Some(to),
        maximum: Some(to),
    };
    setrlimit(Resource::Nofile, limit).expect("a limit can be lowered");
}
