//! What can be wrong with a simulator's settings.

use std::error::Error as StdError;

/// Why a rule could not be made, or a simulator not started.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The sort of an [`Error`].
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
    /// The file of rules could not be read.
    UnreadableRules,
    /// The text of the rules does not say what rules can say.
    InvalidRules,
}

impl Error {
    /// The sort of this error, to match on.
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
