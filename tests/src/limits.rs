//! What a framework cannot do, and which case has shown it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crate::capability::Capability;
use crate::harness::Harness;

/// The limits that any case has asked for, as `framework: capability`.
static PINNED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A framework's limits in one case, which remembers those that it met. Clones share that.
#[derive(Clone)]
pub(crate) struct Limits {
    harness: &'static dyn Harness,
    met: Arc<Mutex<BTreeSet<&'static str>>>,
}

impl Limits {
    pub(crate) fn of(harness: &'static dyn Harness) -> Self {
        let met = Arc::default();
        Self { harness, met }
    }

    pub(crate) fn harness(&self) -> &'static dyn Harness {
        self.harness
    }

    /// Why the framework lacks one of these, if it does.
    pub(crate) fn lacking(&self, needs: &[Capability]) -> Option<&'static str> {
        needs.iter().find_map(|need| self.reason(*need))
    }

    /// Why the framework cannot do this, if it cannot. The case is then one that pins it.
    pub(crate) fn reason(&self, capability: Capability) -> Option<&'static str> {
        let mut limits = self.harness.limits().iter();
        let limit = limits.find(|limit| limit.capability == capability)?;
        let row = row(self.harness, capability);
        PINNED.lock().unwrap().insert(row);
        self.met.lock().unwrap().insert(limit.reason);
        Some(limit.reason)
    }

    /// Prints what was met in the case of this name: there the other half of it was asserted.
    pub(crate) fn report(&self, name: &str) {
        for reason in self.met.lock().unwrap().iter() {
            println!("expected in {name}: {reason}");
        }
    }
}

/// Limits that no case has shown: after a run of the whole suite there must be none.
pub(crate) fn unpinned(harnesses: &[&'static dyn Harness]) -> Vec<String> {
    let pinned = PINNED.lock().unwrap();
    let declared = harnesses.iter().flat_map(|harness| {
        let limits = harness.limits().iter();
        limits.map(move |limit| row(*harness, limit.capability))
    });
    declared.filter(|row| !pinned.contains(row)).collect()
}

fn row(harness: &dyn Harness, capability: Capability) -> String {
    format!("{}: {capability:?}", harness.name())
}
