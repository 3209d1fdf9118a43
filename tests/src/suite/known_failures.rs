//! Cases that are right and fail all the same, each with the defect behind it.

use libtest_mimic::{Completion, Failed};

struct Known {
    case: &'static str,
    /// Where it fails; everywhere, if empty.
    frameworks: &'static [&'static str],
    defect: &'static str,
}

const KNOWN: &[Known] = &[];

impl Known {
    fn is(&self, name: &str) -> bool {
        let (framework, rest) = name.split_once("::").unwrap_or_default();
        let case = rest.rsplit("::").next();
        let is_here = self.frameworks.is_empty() || self.frameworks.contains(&framework);
        is_here && case == Some(self.case)
    }
}

/// Passes a known failure over, and fails one that is known no longer to be one.
pub(super) fn judge(name: &str, played: Result<(), Failed>) -> Result<Completion, Failed> {
    let known = KNOWN.iter().find(|known| known.is(name));
    match (known, played) {
        (None, played) => played.map(|()| Completion::Completed),
        (Some(known), Err(_)) => {
            let reason = format!("known failure: {}", known.defect);
            Ok(Completion::ignored_with(reason))
        }
        (Some(known), Ok(())) => {
            let stale = format!(
                "passes now: take it off the known failures ({})",
                known.defect
            );
            Err(stale.into())
        }
    }
}
