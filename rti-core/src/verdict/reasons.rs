//! The reasons of a 4.x response, and members that may be of any type.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The reasons that a response gives: the whole numbers of the list, whatever else is in it.
pub(super) fn read(response: &[u8]) -> Box<[i64]> {
    let read: Response = serde_json::from_slice(response).unwrap_or_default();
    let reasons = read.detection.0.and_then(|detection| detection.reasons.0);
    reasons.map_or_else(Box::default, |Reasons(reasons)| reasons.into())
}

#[derive(Deserialize, Default)]
struct Response {
    #[serde(rename = "cheqDetection", default)]
    detection: Lenient<Detection>,
}

#[derive(Deserialize)]
struct Detection {
    #[serde(default)]
    reasons: Lenient<Reasons>,
}

struct Reasons(Vec<i64>);

impl<'de> Deserialize<'de> for Reasons {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Reasons;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of reasons")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Reasons, A::Error> {
                let mut reasons = Vec::new();
                while let Some(Lenient(reason)) = list.next_element::<Lenient<i64>>()? {
                    reasons.extend(reason);
                }
                Ok(Reasons(reasons))
            }
        }

        deserializer.deserialize_seq(List)
    }
}

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
