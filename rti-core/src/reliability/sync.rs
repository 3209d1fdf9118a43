//! What this folder's files share between threads, and their clock. `tests/interleavings` compiles
//! them a second time, with loom's types under these names.

pub(super) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
pub(super) use std::sync::{Mutex, MutexGuard};

pub(super) use tokio::time::Instant;
