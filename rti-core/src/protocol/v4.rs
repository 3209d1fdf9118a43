//! Protocols v4.0 and v4.1: JSON both ways.

mod response;

use SessionSync::{AllIdentifiers, Cookies, Duid, IpUseragent, PageViewId};
use bytes::Bytes;

pub(super) use self::response::decode;
use super::body::Name;
use super::json::{Json, object, other, text};
use crate::extractors::Extracted;
use crate::known_headers::KnownHeader as H;
use crate::payload::{Payload, SessionCookie};
use crate::request::HeaderOrder;
use crate::words::{ApiVersion, SessionSync};

/// The headers that are forwarded, and no others. `host` is the one the visitor asked for.
const FORWARDED: [H; 32] = [
    H::UserAgent,
    H::XForwardedFor,
    H::Via,
    H::Referer,
    H::Accept,
    H::AcceptEncoding,
    H::AcceptLanguage,
    H::AcceptCharset,
    H::Origin,
    H::XRequestedWith,
    H::Connection,
    H::Pragma,
    H::CacheControl,
    H::ContentType,
    H::From,
    H::XRealIp,
    H::TrueClientIp,
    H::SecFetchDest,
    H::SecFetchMode,
    H::SecFetchSite,
    H::SecFetchUser,
    H::SecFetchStorageAccess,
    H::SecChUa,
    H::SecChUaMobile,
    H::SecChUaPlatform,
    H::SecChUaArch,
    H::SecChUaModel,
    H::SecChUaFullVersionList,
    H::SecChDeviceMemory,
    H::Signature,
    H::SignatureAgent,
    H::SignatureInput,
];

/// Fingerprints ride as extra members of `headers`.
static FINGERPRINTS: [(Name, Extracted); 7] = [
    (text("cheq_ja3"), Extracted::Ja3),
    (text("cheq_ja4"), Extracted::Ja4),
    (text("cheq_ja3_sorted"), Extracted::Ja3Sorted),
    (text("cheq_ip_tcp"), Extracted::IpTcp),
    (text("cheq_tls_cipher"), Extracted::TlsCipher),
    (text("cheq_tls_version"), Extracted::TlsVersion),
    (text("cheq_geo_region"), Extracted::GeoRegion),
];

pub(super) fn carries(header: H) -> bool {
    header == H::Host || FORWARDED.contains(&header)
}

pub(crate) struct Encoder {
    /// Hash and key, encoded once.
    credentials: Bytes,
    version: ApiVersion,
    sync: SessionSync,
    /// The headers that are sent, with the names of their members.
    headers: Vec<(Name, H)>,
}

impl Encoder {
    pub(super) fn new(
        api_key: &str,
        tag_hash: &str,
        version: ApiVersion,
        sync: SessionSync,
    ) -> Self {
        let mut credentials = Json::with_capacity(128);
        credentials.member(&text("tagHash"), tag_hash);
        credentials.member(&text("apiKey"), api_key);
        let sent = FORWARDED.into_iter();
        let sent = sent.filter(|header| sync.sends_header(*header));
        Self {
            credentials: credentials.into_members(),
            version,
            sync,
            headers: sent.map(|header| (text(header.name()), header)).collect(),
        }
    }

    pub(super) fn encode(&self, payload: &Payload) -> Bytes {
        let mut json = Json::with_capacity(1024 + payload.text_len());
        json.encoded(&self.credentials);
        self.write_end_user(&mut json, payload);
        let is_ordered = payload.header_order == HeaderOrder::Wire;
        json.boolean(const { &other("isHeaderNamesOrdered") }, is_ordered);
        let extracted = |what| payload.extracted(what);
        json.member(const { &text("channel") }, extracted(Extracted::Channel));
        json.number(const { &text("microTime") }, payload.time);
        let event_type = payload.event_type.as_str();
        json.member(const { &text("customId1") }, event_type);
        json.member(const { &text("customId2") }, payload.platform_request_id());
        json.member(
            const { &text("customId3") },
            extracted(Extracted::CustomId3),
        );
        json.member(
            const { &text("customId4") },
            extracted(Extracted::CustomId4),
        );
        let page_view_id = extracted(Extracted::PageViewId);
        let page_view_id = page_view_id.filter(|_| self.sync.sends_page_view_id());
        json.member(const { &text("pageViewId") }, page_view_id);
        let client_user_id = extracted(Extracted::ClientUserId);
        json.member(const { &text("clientUserId") }, client_user_id);
        let cookie = |cookie| payload.cookie(cookie).filter(|_| self.sends_cookie(cookie));
        json.member(const { &text("duidCookie") }, cookie(SessionCookie::Duid));
        json.member(const { &text("pvidCookie") }, cookie(SessionCookie::Pvid));
        json.member(const { &text("sCookie") }, cookie(SessionCookie::S));
        json.finish()
    }

    fn write_end_user(&self, json: &mut Json, payload: &Payload) {
        json.begin(const { &object("endUserParams") });
        if let Some(ip) = payload.client_ip.filter(|_| self.sync.sends_address()) {
            json.address(const { &text("clientIp") }, ip);
        }
        json.member(const { &text("requestUrl") }, payload.request_url());
        json.member(const { &text("headerNames") }, payload.header_names());
        json.member(const { &text("method") }, payload.method());
        json.begin(const { &object("headers") });
        json.member(const { &text(H::Host.name()) }, payload.host());
        for (name, header) in &self.headers {
            json.member(name, payload.header(*header));
        }
        if payload.has_extracted() {
            for (name, what) in &FINGERPRINTS {
                json.member(name, payload.extracted(*what));
            }
        }
        json.end();
        json.end();
    }

    fn sends_cookie(&self, cookie: SessionCookie) -> bool {
        match (cookie, self.version) {
            (SessionCookie::S, ApiVersion::V4_0) => false,
            _ => self.sync.sends_cookie(cookie),
        }
    }
}

/// Which identifiers of a visitor's session are sent, and which are withheld.
impl SessionSync {
    fn sends_address(self) -> bool {
        matches!(self, AllIdentifiers | IpUseragent)
    }

    fn sends_page_view_id(self) -> bool {
        matches!(self, AllIdentifiers | PageViewId)
    }

    /// Headers that name the address count as the address; most headers identify nobody.
    fn sends_header(self, header: H) -> bool {
        match header {
            H::UserAgent => matches!(self, AllIdentifiers | IpUseragent),
            H::XForwardedFor | H::XRealIp | H::TrueClientIp => self.sends_address(),
            _ => true,
        }
    }

    fn sends_cookie(self, cookie: SessionCookie) -> bool {
        match cookie {
            SessionCookie::Duid => matches!(self, AllIdentifiers | Cookies | Duid),
            SessionCookie::Pvid => matches!(self, AllIdentifiers | Cookies | PageViewId),
            SessionCookie::S => matches!(self, AllIdentifiers | Cookies),
            SessionCookie::CheqRti => false,
        }
    }
}
