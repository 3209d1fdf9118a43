//! What visitors are expected to see, in one place.

use rti_simulator::Verdict;

/// A verdict that blocks, with [`REFERENCE`].
pub(crate) fn blocked() -> Verdict {
    Verdict::threat(3).request_id(REFERENCE)
}

/// A verdict that challenges.
pub(crate) fn challenged() -> Verdict {
    Verdict::threat(14).request_id(REFERENCE)
}

/// What a blocked visitor can quote.
pub(crate) const REFERENCE: &str = "r-4711";

/// What `/` and `/about` of the application say.
pub(crate) const SITE: &str = "hello";
pub(crate) const ABOUT: &str = "about";

/// The path of the captcha, and what it says.
pub(crate) const CAPTCHA_PATH: &str = "/captcha";
pub(crate) const CAPTCHA: &str = "captcha";

/// The title of the block page.
pub(crate) const BLOCKED_TITLE: &str = "Access denied";

/// The button of the block page that copies the reference, and what it says after.
pub(crate) const COPY_BUTTON: &str = "#copy";
pub(crate) const COPIED: &str = "Copied";

/// The link of the block page to the site's support.
pub(crate) const SUPPORT_LINK: &str = ".support";

/// The content type of what a page's script gets when it is blocked.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// The member of the problem that a challenged script finds.
pub(crate) const CHALLENGE_MEMBER: &str = "challenge";

/// The contrast of text that WCAG requires at level AA.
pub(crate) const CONTRAST: f64 = 4.5;
