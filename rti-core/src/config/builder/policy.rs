//! Setting what is done with verdicts: for the whole site, and for parts of it.

use std::time::Duration;

use super::ConfigBuilder;
use crate::config::ThreatCodes;
use crate::config::policy_options::{NamedPolicy, PolicyOptions};
use crate::words::{Mode, OnFailure, Strategy};

impl ConfigBuilder {
    /// Whether requests are checked, and verdicts acted on. Default: [`Mode::Monitoring`].
    /// [`Mode::Off`] turns all policies off.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.policy.mode = Some(mode);
        self
    }

    /// The share of visitors for whom blocking mode acts, in per cent: from 0 to 100, with at most two
    /// decimals. For the others it is as in monitoring mode. Default: 100.
    ///
    /// It goes by visitor, not by request: by client address (IPv6 by its network of 64 bits) and user
    /// agent, keyed with the tag hash. A visitor is in or out on every machine and after every restart,
    /// and raising the share keeps those who were in. Visitors who change their user agent can leave it.
    pub fn enforce_percent(mut self, percent: f64) -> Self {
        self.policy.enforce_percent = Some(percent);
        self
    }

    /// What blocking mode does with a request for which there is no verdict. Default:
    /// [`OnFailure::Open`].
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.policy.on_failure = Some(on_failure);
        self
    }

    /// The deadline of one call, over everything from the name look-up to the last byte of the
    /// answer. Default: 100 ms; from 1 ms to 60 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy.timeout = Some(timeout);
        self
    }

    /// The threat types that are blocked, or redirected where there is a
    /// [`redirect_url`](Self::redirect_url). Default: 2, 3, 6, 7, 10, 11, 16, 18. Protocols v1 and v3.
    pub fn invalid_block_redirect_codes(mut self, codes: impl Into<ThreatCodes>) -> Self {
        self.policy = self.policy.invalid_block_redirect_codes(codes);
        self
    }

    /// The threat types that are handed to the challenge callback. Default: 4, 5, 13, 14,
    /// 15, 17. Protocols v1 and v3.
    pub fn invalid_captcha_codes(mut self, codes: impl Into<ThreatCodes>) -> Self {
        self.policy = self.policy.invalid_captcha_codes(codes);
        self
    }

    /// Where blocked visitors are sent: an absolute `http(s)` URL, or a path on this site, with or
    /// without a query. Default: nowhere, they get a 403.
    ///
    /// A page of this site is not checked itself, which would be a redirect loop: GET, HEAD and
    /// OPTIONS of the same path with the same query, and nothing else. `/` alone is refused, as it
    /// would leave the home page unchecked.
    pub fn redirect_url(mut self, url: impl Into<String>) -> Self {
        self.policy = self.policy.redirect_url(url);
        self
    }

    /// Adds threat types that are blocked beside those that the service calls malicious. Protocols v4.
    pub fn block_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.policy = self.policy.block_codes(codes);
        self
    }

    /// Adds threat types that are challenged beside those that the service calls suspicious. Protocols v4.
    pub fn challenge_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.policy = self.policy.challenge_codes(codes);
        self
    }

    /// Adds threat types that are redirected. Needs a [`redirect_url`](Self::redirect_url). Protocols v4.
    pub fn redirect_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.policy = self.policy.redirect_codes(codes);
        self
    }

    /// Adds reasons, which may be negative, that block. Protocols v4.
    pub fn block_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.policy = self.policy.block_reasons(reasons);
        self
    }

    /// Adds reasons that challenge. Protocols v4.
    pub fn challenge_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.policy = self.policy.challenge_reasons(reasons);
        self
    }

    /// Adds reasons that redirect. Needs a [`redirect_url`](Self::redirect_url). Protocols v4.
    pub fn redirect_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.policy = self.policy.redirect_reasons(reasons);
        self
    }

    /// How blocking shows. Default: [`Strategy::AccessDenied`]. Protocols v4.
    pub fn blocking_strategy(mut self, strategy: Strategy) -> Self {
        self.policy = self.policy.blocking_strategy(strategy);
        self
    }

    /// How challenging shows. Default: [`Strategy::Captcha`]. Protocols v4.
    pub fn challenging_strategy(mut self, strategy: Strategy) -> Self {
        self.policy = self.policy.challenging_strategy(strategy);
        self
    }

    /// Options that are tried on the verdicts of requests without a policy of their own, and never applied.
    /// See [`PolicyOptions::shadow`].
    pub fn shadow(mut self, shadow: PolicyOptions) -> Self {
        self.policy = self.policy.shadow(shadow);
        self
    }

    /// Adds a policy for a part of the site: paths as `[METHOD ]/path` or `[METHOD ]re:regex`, and what is
    /// other there. Of several policies the first that matches counts, and where none does the options of the
    /// configuration. See [`PolicyOptions`] for an example.
    ///
    /// Paths are matched as those of [`uri_exclusion`](Self::uri_exclusion), and a path's spelling never
    /// leads to a more lenient policy: a path that is not normalized gets the strictest of what all policies
    /// say, and where another policy matches without regard to case and to a slash at the end, the
    /// stricter of the two counts. A path of `GET` holds for HEAD too.
    pub fn policy<P: Into<String>>(
        mut self,
        name: impl Into<String>,
        paths: impl IntoIterator<Item = P>,
        options: PolicyOptions,
    ) -> Self {
        self.policies.push(NamedPolicy {
            name: name.into(),
            paths: paths.into_iter().map(Into::into).collect(),
            options,
        });
        self
    }
}
