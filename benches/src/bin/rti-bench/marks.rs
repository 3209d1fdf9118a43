//! Marks that callgrind sees: what runs between two of them is counted.
//!
//! callgrind clears its counts when `begin_counting` is entered and writes them out when
//! `end_counting` is; so a mark can stand anywhere, inside a transport too. That is why there is no
//! gungraun here: it counts whole functions, and the stretch from a request to its encoded body
//! ends in the middle of `Rti::decide`; and its runner must be installed in its library's version.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the two functions are called, for callgrind, which loses one of two patterns that begin
/// alike for longer than this.
pub(crate) const BEGIN: &str = "*begin_counting*";
pub(crate) const END: &str = "*end_counting*";

/// While warming up the marks do nothing: each end is a file to be written.
static COUNTING: AtomicBool = AtomicBool::new(false);

pub(crate) fn count_from_now_on(counting: bool) {
    COUNTING.store(counting, Ordering::Relaxed);
}

pub(crate) fn begin() {
    if COUNTING.load(Ordering::Relaxed) {
        begin_counting();
    }
}

pub(crate) fn end() {
    if COUNTING.load(Ordering::Relaxed) {
        end_counting();
    }
}

#[inline(never)]
fn begin_counting() {
    black_box(1_u8);
}

/// Another body than the other has, lest the compiler make one of them.
#[inline(never)]
fn end_counting() {
    black_box(2_u16);
}
