//! Options of protocols v4.0 and v4.1.

use super::ConfigBuilder;
use crate::words::{SessionSync, Strategy};

/// Options of protocols v4.0 and v4.1; with the others they are refused.
impl ConfigBuilder {
    /// Adds threat types that are blocked beside those that the service calls malicious.
    pub fn block_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.v4.block.codes.extend(codes);
        self
    }

    /// Adds threat types that are challenged beside those that the service calls suspicious.
    pub fn challenge_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.v4.challenge.codes.extend(codes);
        self
    }

    /// Adds threat types that are redirected. Needs a
    /// [`redirect_url`](Self::redirect_url).
    pub fn redirect_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.v4.redirect.codes.extend(codes);
        self
    }

    /// Adds reasons, which may be negative, that block.
    pub fn block_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.v4.block.reasons.extend(reasons);
        self
    }

    /// Adds reasons that challenge.
    pub fn challenge_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.v4.challenge.reasons.extend(reasons);
        self
    }

    /// Adds reasons that redirect. Needs a [`redirect_url`](Self::redirect_url).
    pub fn redirect_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.v4.redirect.reasons.extend(reasons);
        self
    }

    /// How blocking shows. Default: [`Strategy::AccessDenied`].
    pub fn blocking_strategy(mut self, strategy: Strategy) -> Self {
        self.blocking_strategy = Some(strategy);
        self
    }

    /// How challenging shows. Default: [`Strategy::Captcha`].
    pub fn challenging_strategy(mut self, strategy: Strategy) -> Self {
        self.challenging_strategy = Some(strategy);
        self
    }

    /// Which identifiers of the visitor's session travel. Default:
    /// [`SessionSync::AllIdentifiers`].
    pub fn session_sync(mut self, sync: SessionSync) -> Self {
        self.session_sync = Some(sync);
        self
    }

    /// The header in which your platform names the request, such as `x-request-id`; it
    /// travels as `customId2`. Default: none.
    pub fn request_id_header(mut self, name: impl Into<String>) -> Self {
        self.request_id_header = Some(name.into());
        self
    }
}
