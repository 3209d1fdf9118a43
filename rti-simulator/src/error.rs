//! Errors of a simulator's settings.

use std::error::Error as StdError;

/// Why a rule is invalid, or a simulator could not be started.
///
/// ```
/// use std::error::Error as _;
/// use rti_simulator::field;
///
/// let error = field("UserAgent").matches("(curl").unwrap_err();
/// assert_eq!(error.to_string(), "\"(curl\" is not a regular expression");
/// assert!(error.source().is_some(), "the position in the pattern");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kind of an [`Error`].
///
/// ```
/// use rti_simulator::{ErrorKind, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let everywhere = Simulator::builder().bind("0.0.0.0:0".parse()?).start().await;
/// assert_eq!(everywhere.map(drop).unwrap_err().kind(), ErrorKind::NotLoopback);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address to bind is not a loopback address.
    NotLoopback,
    /// The address could not be bound.
    Bind,
    /// A condition's pattern is not a regular expression.
    InvalidPattern,
    /// A condition's network is neither CIDR notation nor an address.
    InvalidNetwork,
    /// The file could not be read.
    UnreadableRules,
    /// The text is not TOML, or has an invalid setting or rule.
    InvalidRules,
}

impl Error {
    /// The kind of this error, to match on.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }
}
