//! Calls from pages of another origin: whose, and where the application lets them read its responses.

/// The origin whose pages may read.
pub const FRIEND: &str = "https://app.example";

/// Where the framework's CORS is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cors {
    /// There is none.
    #[default]
    None,
    /// Around RTI: it sees RTI's replies too.
    Outside,
    /// Around the application alone.
    Inside,
}
