//! Protocols v4.0 and v4.1: JSON both ways.

mod response;

use SessionSync::{AllIdentifiers, Cookies, Duid, IpUseragent, PageViewId};
use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

pub(super) use self::response::decode;
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
const FINGERPRINTS: [(&str, Extracted); 7] = [
    ("cheq_ja3", Extracted::Ja3),
    ("cheq_ja4", Extracted::Ja4),
    ("cheq_ja3_sorted", Extracted::Ja3Sorted),
    ("cheq_ip_tcp", Extracted::IpTcp),
    ("cheq_tls_cipher", Extracted::TlsCipher),
    ("cheq_tls_version", Extracted::TlsVersion),
    ("cheq_geo_region", Extracted::GeoRegion),
];

pub(super) fn carries(header: H) -> bool {
    header == H::Host || FORWARDED.contains(&header)
}

pub(crate) struct Encoder {
    api_key: String,
    tag_hash: String,
    version: ApiVersion,
    sync: SessionSync,
}

impl Encoder {
    pub(super) fn new(
        api_key: &str,
        tag_hash: &str,
        version: ApiVersion,
        sync: SessionSync,
    ) -> Self {
        Self {
            api_key: api_key.to_owned(),
            tag_hash: tag_hash.to_owned(),
            version,
            sync,
        }
    }

    pub(super) fn encode(&self, payload: &Payload) -> Bytes {
        let mut body = Vec::with_capacity(1024 + payload.text_len());
        let traffic = Traffic {
            encoder: self,
            payload,
        };
        // Writing text into memory has nothing to fail on; an empty body would be refused, and the
        // request would continue.
        if serde_json::to_writer(&mut body, &traffic).is_err() {
            body.clear();
        }
        body.into()
    }
}

struct Traffic<'a> {
    encoder: &'a Encoder,
    payload: &'a Payload,
}

impl Serialize for Traffic<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { encoder, payload } = *self;
        let sync = encoder.sync;
        let cookie = |cookie| {
            sync.sends_cookie(cookie)
                .then(|| payload.cookie(cookie))
                .flatten()
        };
        let s_cookie = match encoder.version {
            ApiVersion::V4_0 => None,
            _ => cookie(SessionCookie::S),
        };
        let page_view_id = payload
            .extracted(Extracted::PageViewId)
            .filter(|_| sync.sends_page_view_id());
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("tagHash", &encoder.tag_hash)?;
        members.serialize_entry("apiKey", &encoder.api_key)?;
        members.serialize_entry("endUserParams", &EndUserParams { sync, payload })?;
        members.serialize_entry(
            "isHeaderNamesOrdered",
            &(payload.header_order == HeaderOrder::Wire),
        )?;
        for (name, value) in [
            ("channel", payload.extracted(Extracted::Channel)),
            ("microTime", Some(payload.time.to_string().as_str())),
            ("customId1", Some(payload.event_type.as_str())),
            ("customId2", payload.platform_request_id()),
            ("customId3", payload.extracted(Extracted::CustomId3)),
            ("customId4", payload.extracted(Extracted::CustomId4)),
            ("pageViewId", page_view_id),
            ("clientUserId", payload.extracted(Extracted::ClientUserId)),
            ("duidCookie", cookie(SessionCookie::Duid)),
            ("pvidCookie", cookie(SessionCookie::Pvid)),
            ("sCookie", s_cookie),
        ] {
            entry(&mut members, name, value)?;
        }
        members.end()
    }
}

struct EndUserParams<'a> {
    sync: SessionSync,
    payload: &'a Payload,
}

impl Serialize for EndUserParams<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { sync, payload } = *self;
        let client_ip = payload
            .client_ip
            .filter(|_| sync.sends_address())
            .map(|ip| ip.to_string());
        let mut members = serializer.serialize_map(None)?;
        entry(&mut members, "clientIp", client_ip.as_deref())?;
        entry(&mut members, "requestUrl", payload.request_url())?;
        entry(&mut members, "headerNames", Some(payload.header_names()))?;
        entry(&mut members, "method", Some(payload.method()))?;
        members.serialize_entry("headers", &Headers { sync, payload })?;
        members.end()
    }
}

struct Headers<'a> {
    sync: SessionSync,
    payload: &'a Payload,
}

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { sync, payload } = *self;
        let mut members = serializer.serialize_map(None)?;
        entry(&mut members, H::Host.name(), payload.host())?;
        for header in FORWARDED
            .into_iter()
            .filter(|header| sync.sends_header(*header))
        {
            entry(&mut members, header.name(), payload.header(header))?;
        }
        for (name, what) in FINGERPRINTS {
            entry(&mut members, name, payload.extracted(what))?;
        }
        members.end()
    }
}

/// Absent and blank members are left out: the service refuses empty ones.
fn entry<M: SerializeMap>(
    members: &mut M,
    name: &str,
    value: Option<&str>,
) -> Result<(), M::Error> {
    match value.filter(|value| !value.trim().is_empty()) {
        Some(value) => members.serialize_entry(name, value),
        None => Ok(()),
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
