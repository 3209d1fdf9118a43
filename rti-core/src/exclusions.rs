//! Which requests are not checked: those that an exclusion names, and the page that blocked
//! visitors are redirected to.

use crate::decision::SkipReason;
use crate::path::{self, Target};
use crate::route::{Methods, PathRules};

#[derive(Debug, Clone)]
pub(crate) struct Exclusions {
    pub(crate) rules: PathRules<SkipReason>,
    pub(crate) redirect_pages: Vec<RedirectPage>,
}

impl Exclusions {
    pub(crate) fn find(&self, method: &str, target: Target<'_>) -> Option<SkipReason> {
        let mut redirects = self.redirect_pages.iter();
        let found = if redirects.any(|page| page.is_at(method, target)) {
            Some(&SkipReason::RedirectTarget)
        } else {
            self.rules.find(method, target.path)
        };
        // Last, since nearly every request is excluded by nothing.
        found.filter(|_| path::is_plain(target.path)).cloned()
    }
}

/// A page of this site that blocked visitors are redirected to. Checking it would redirect them
/// again, in a loop.
///
/// With the query, unlike other exclusions: `/index.php?page=sorry` must not exclude the other
/// pages of `/index.php`. A browser that follows the redirect sends path and query as they were
/// sent to it, by GET or HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectPage {
    pub(crate) path: String,
    /// Not empty.
    pub(crate) query: Option<String>,
}

impl RedirectPage {
    fn is_at(&self, method: &str, target: Target<'_>) -> bool {
        let query = target.query.filter(|query| !query.is_empty());
        self.path == target.path && self.query.as_deref() == query && Methods::Safe.contain(method)
    }
}
