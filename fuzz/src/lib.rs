//! What the fuzz targets share: a request made of fuzz input, and an engine whose calls are seen.
//!
//! Inputs are text, so that seeds can be written and findings read by hand.

mod asked;
mod payload;
mod request;

pub use self::asked::{Asked, Engine, KEY, config};
pub use self::payload::Question;
pub use self::request::FuzzRequest;
