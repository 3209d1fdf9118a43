//! Back to where the visitor was: the signed path, and the sealed form.

mod path;
mod sealed;

pub(crate) use self::path::{MAX_RETURN_CHARACTERS, Return, ReturnPath, read_return, sign_return};
pub(crate) use self::sealed::{Form, MAX_FORM_BYTES, MAX_SEALED_CHARACTERS, Sealing, Unsealed};
