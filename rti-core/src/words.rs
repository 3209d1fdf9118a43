//! The words that options are written in, as types. They know nothing of the rest of the crate.

mod api_version;
mod choices;

use std::error::Error;
use std::fmt;

pub use self::api_version::ApiVersion;
pub(crate) use self::api_version::Family;
pub use self::choices::{
    CheckPreflights, CircuitBreaker, CircuitState, LogDecisions, Mode, OnFailure, ResultHeader,
    SessionSync, Strategy,
};

/// A text that is none of the words of an option.
///
/// ```
/// use rti_core::Mode;
///
/// let error = "loud".parse::<Mode>().unwrap_err();
/// assert_eq!(error.accepted(), ["monitoring", "blocking", "off"]);
/// assert_eq!(error.to_string(), "expected `monitoring`, `blocking` or `off`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWordError {
    pub(crate) accepted: &'static [&'static str],
}

impl UnknownWordError {
    /// The words that are accepted, in any case.
    pub fn accepted(&self) -> &'static [&'static str] {
        self.accepted
    }
}

impl fmt::Display for UnknownWordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected ")?;
        let last = self.accepted.len().saturating_sub(1);
        for (index, word) in self.accepted.iter().enumerate() {
            match index {
                0 => {}
                index if index == last => f.write_str(" or ")?,
                _ => f.write_str(", ")?,
            }
            write!(f, "`{word}`")?;
        }
        Ok(())
    }
}

impl Error for UnknownWordError {}

/// What every such type can do with its words, which are listed once.
macro_rules! words {
    ($type:ident { $($word:literal => $variant:ident),+ $(,)? }) => {
        impl $type {
            /// All of them, in the order in which they are documented.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the environment, in files and in logs.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// In any case.
        impl std::str::FromStr for $type {
            type Err = crate::words::UnknownWordError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut all = Self::ALL.iter().copied();
                all.find(|value| value.as_str().eq_ignore_ascii_case(text)).ok_or(
                    crate::words::UnknownWordError { accepted: &[$($word),+] },
                )
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::challenge_event::ChallengeEventKind;
    use crate::decision::Action;

    fn assert_words<T>(all: &[T])
    where
        T: FromStr<Err = UnknownWordError> + Display + Debug + PartialEq + Serialize,
        T: DeserializeOwned,
    {
        for value in all {
            let word = value.to_string();
            assert_eq!(word.parse().as_ref(), Ok(value));
            assert_eq!(word.to_uppercase().parse().as_ref(), Ok(value));
            let json = serde_json::to_string(value).unwrap();
            assert_eq!(json, format!("{word:?}"));
            assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
        }
        let Err(error) = "no such word".parse::<T>() else {
            panic!("any text is taken");
        };
        assert_eq!(error.accepted().len(), all.len());
        let json = serde_json::from_str::<T>("\"no such word\"");
        let message = json.unwrap_err().to_string();
        assert!(message.contains(&error.to_string()), "{message}");
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert_words(Mode::ALL);
        assert_words(CircuitBreaker::ALL);
        assert_words(ResultHeader::ALL);
        assert_words(CheckPreflights::ALL);
        assert_words(Strategy::ALL);
        assert_words(SessionSync::ALL);
        assert_words(ApiVersion::ALL);
        assert_words(Action::ALL);
        assert_words(ChallengeEventKind::ALL);
    }

    #[test]
    fn an_error_names_the_accepted_words() {
        let error = "x".parse::<Strategy>().unwrap_err();
        let expected = "expected `access_denied`, `not_found`, `redirect` or `captcha`";
        assert_eq!(error.to_string(), expected);
    }
}
