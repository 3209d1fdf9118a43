//! Why there is no inspector.

use std::io;
use std::net::SocketAddr;

/// Why an inspector cannot be made or served.
///
/// ```
/// use rti_inspector::{Inspector, InspectorError};
///
/// let inspector = Inspector::new()?;
/// let error = inspector.serve(([192, 0, 2, 1], 80).into()).unwrap_err();
/// assert!(matches!(error, InspectorError::NotLoopback(_)));
/// # Ok::<(), InspectorError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectorError {
    /// The address can be reached from elsewhere, and it is not said under which name.
    #[error(
        "inspector: {0} is not a loopback address: name the hosts it is reached by \
         (InspectorBuilder::hosts, RTI_INSPECTOR_HOSTS), or listen on 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// An option breaks its rule.
    #[error("{option}: {value:?}: {rule}")]
    Option {
        /// The variable or option.
        option: &'static str,
        /// Its value.
        value: String,
        /// The rule.
        rule: &'static str,
    },
    /// The address cannot be listened on.
    #[error("inspector: cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system gives no thread.
    #[error("inspector: cannot start a thread: {0}")]
    Thread(#[source] io::Error),
    /// The system gives no random numbers for the token.
    #[error("inspector: no random numbers: {0}")]
    Random(String),
    /// The file cannot be created or opened.
    #[cfg(feature = "sqlite")]
    #[error("inspector_file (RTI_INSPECTOR_FILE): {path}: {source}")]
    CreateFile {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process writes the file: each needs one of its own.
    #[cfg(feature = "sqlite")]
    #[error(
        "inspector_file (RTI_INSPECTOR_FILE): {0}: in use by another process; expected a file of its own"
    )]
    FileInUse(std::path::PathBuf),
    /// The file is no database, or cannot be read.
    #[cfg(feature = "sqlite")]
    #[error("inspector_file (RTI_INSPECTOR_FILE): {path}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}
