//! The mode in force, where it was changed at run time.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::words::Mode;

/// What changes the mode beside the configuration.
#[derive(Debug, Default)]
pub(super) struct ModeSwitch {
    /// The number of the mode that was set, plus one; zero for none.
    set: AtomicU8,
    /// The file exists that turns everything off.
    off_file: AtomicBool,
}

impl ModeSwitch {
    pub(super) fn in_force(&self, configured: Mode) -> Mode {
        if self.off_file.load(Ordering::Relaxed) {
            return Mode::Off;
        }
        self.without_file(configured)
    }

    /// What is in force once the file is gone.
    pub(super) fn without_file(&self, configured: Mode) -> Mode {
        match usize::from(self.set.load(Ordering::Relaxed)).checked_sub(1) {
            Some(number) => Mode::ALL.get(number).copied().unwrap_or(configured),
            None => configured,
        }
    }

    pub(super) fn set(&self, mode: Option<Mode>) {
        let number = mode.and_then(|mode| Mode::ALL.iter().position(|other| *other == mode));
        let number = number.map_or(0, |number| number + 1);
        let number = u8::try_from(number).unwrap_or_default();
        self.set.store(number, Ordering::Relaxed);
    }

    /// Whether this changed anything.
    pub(super) fn set_off_file(&self, presence: FilePresence) -> bool {
        let exists = presence == FilePresence::Exists;
        self.off_file.swap(exists, Ordering::Relaxed) != exists
    }
}

/// Whether the file exists that turns everything off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilePresence {
    Exists,
    Absent,
}
