//! Which identifiers of a visitor's session travel, and which are withheld.

use SessionSync::{AllIdentifiers, Cookies, Duid, IpUseragent, PageViewId};

use crate::known_headers::KnownHeader as H;
use crate::payload::SessionCookie;
use crate::words::SessionSync;

impl SessionSync {
    pub(super) fn sends_address(self) -> bool {
        matches!(self, AllIdentifiers | IpUseragent)
    }

    pub(super) fn sends_page_view_id(self) -> bool {
        matches!(self, AllIdentifiers | PageViewId)
    }

    /// Headers that name the address count as the address; most headers identify nobody.
    pub(super) fn sends_header(self, header: H) -> bool {
        match header {
            H::UserAgent => matches!(self, AllIdentifiers | IpUseragent),
            H::XForwardedFor | H::XRealIp | H::TrueClientIp => self.sends_address(),
            _ => true,
        }
    }

    pub(super) fn sends_cookie(self, cookie: SessionCookie) -> bool {
        match cookie {
            SessionCookie::Duid => matches!(self, AllIdentifiers | Cookies | Duid),
            SessionCookie::Pvid => matches!(self, AllIdentifiers | Cookies | PageViewId),
            SessionCookie::S => matches!(self, AllIdentifiers | Cookies),
            SessionCookie::CheqRti => false,
        }
    }
}
