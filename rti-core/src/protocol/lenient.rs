//! Members of an answer that a verdict can do without.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A member that counts as absent when it is of another type: what a verdict can do without must
/// not cost the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Looked at twice, as an untagged enum would be, but without a copy in between.
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}
