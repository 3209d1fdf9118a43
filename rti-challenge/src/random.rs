//! Random bytes of the operating system.

/// The operating system gave no random bytes. Whatever was to be made with them is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomError;

pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_error| NoRandomError)?;
    Ok(bytes)
}
