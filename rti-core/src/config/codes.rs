//! Lists of threat type codes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Codes that block or redirect when the option is not set.
pub(crate) const DEFAULT_BLOCK_REDIRECT: [i64; 8] = [2, 3, 6, 7, 10, 11, 16, 18];

/// Codes that challenge when the option is not set.
pub(crate) const DEFAULT_CAPTCHA: [i64; 6] = [4, 5, 13, 14, 15, 17];

/// A list of threat type codes, as an option takes it.
///
/// An empty list means the defaults, as in the Python edition's examples; to have none, say so:
///
/// ```
/// use rti_core::{Config, ThreatCodes};
///
/// let config = Config::builder("key", "hash", "us")
///     .invalid_block_redirect_codes([2, 3, 10])
///     .invalid_captcha_codes(ThreatCodes::none())
///     .build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThreatCodes(Choice);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Choice {
    #[default]
    Default,
    Exactly(BTreeSet<i64>),
}

impl ThreatCodes {
    /// No code at all.
    pub fn none() -> Self {
        Self(Choice::Exactly(BTreeSet::new()))
    }

    /// The codes in force, given what the defaults are.
    pub(crate) fn or(self, defaults: &[i64]) -> BTreeSet<i64> {
        match self.0 {
            Choice::Default => defaults.iter().copied().collect(),
            Choice::Exactly(codes) => codes,
        }
    }

    /// The entries of such a list in a file.
    pub(super) fn entries(&self) -> Value {
        match &self.0 {
            Choice::Default => json!([]),
            Choice::Exactly(codes) if codes.is_empty() => json!(["none"]),
            Choice::Exactly(codes) => json!(codes),
        }
    }

    /// Parses a list's entries: numbers, or `none` alone.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, &'static str> {
        const RULE: &str = "expected threat type codes (whole numbers), or `none` alone";
        match entries {
            [] => Ok(Self::default()),
            [none] if none.eq_ignore_ascii_case("none") => Ok(Self::none()),
            codes => {
                let codes: Result<Vec<i64>, _> = codes.iter().map(|code| code.parse()).collect();
                codes.map(Self::from).map_err(|_| RULE)
            }
        }
    }
}

impl<I: Into<i64>> FromIterator<I> for ThreatCodes {
    fn from_iter<T: IntoIterator<Item = I>>(codes: T) -> Self {
        let codes: BTreeSet<i64> = codes.into_iter().map(Into::into).collect();
        if codes.is_empty() {
            Self::default()
        } else {
            Self(Choice::Exactly(codes))
        }
    }
}

impl From<Vec<i64>> for ThreatCodes {
    fn from(codes: Vec<i64>) -> Self {
        codes.into_iter().collect()
    }
}

impl<const N: usize> From<[i64; N]> for ThreatCodes {
    fn from(codes: [i64; N]) -> Self {
        codes.into_iter().collect()
    }
}
