//! Test requests: with the secret, one is treated as blocking at 100 per cent, and explained.

use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use crate::config::Settings;
use crate::decision::Enforcing;
use crate::request::{RtiRequest, TEST_HEADER};

/// Whether a request has the secret. Without one configured the headers are not looked at.
pub(super) fn enforcing(settings: &Settings, request: &dyn RtiRequest) -> Enforcing {
    let Some(secret) = &settings.test_secret else {
        return Enforcing::ByPolicy;
    };
    let secret = secret.expose_secret().trim().as_bytes();
    // Compared in constant time, or a client could find it out byte by byte.
    let is_secret = |given: String| bool::from(given.as_bytes().ct_eq(secret));
    if request.header(TEST_HEADER).is_some_and(is_secret) {
        Enforcing::Always
    } else {
        Enforcing::ByPolicy
    }
}
