//! Options of protocols v4.0 and v4.1 beside those of a policy.

use super::ConfigBuilder;
use crate::words::SessionSync;

/// Options of protocols v4.0 and v4.1; with the others they are refused.
impl ConfigBuilder {
    /// Which identifiers of the visitor's session travel. Default:
    /// [`SessionSync::AllIdentifiers`].
    pub fn session_sync(mut self, sync: SessionSync) -> Self {
        self.session_sync = Some(sync);
        self
    }

    /// The header in which your platform names the request, such as `x-request-id`; it
    /// travels as `customId2`. Default: none.
    pub fn request_id_header(mut self, name: impl Into<String>) -> Self {
        self.request_id_header = Some(name.into());
        self
    }
}
