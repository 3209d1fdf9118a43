//! The headers that may travel to the service; no other header's value ever does.

/// The longest name in the table: a lookup of a longer one is over before it began.
const LONGEST: usize = 27;

macro_rules! known_headers {
    ($($variant:ident $name:literal;)*) => {
        /// A request header whose value may travel, by one protocol or another.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum KnownHeader {
            $($variant,)*
        }

        impl KnownHeader {
            pub(crate) const ALL: [Self; Self::COUNT] = [$(Self::$variant),*];

            pub(crate) const COUNT: usize = [$(Self::$variant),*].len();

            /// The name in lower case.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The name as HTTP/1 writes it.
            pub(crate) const fn title(self) -> &'static [u8] {
                match self {
                    $(Self::$variant => {
                        const TITLE: [u8; $name.len()] = capitalised($name);
                        &TITLE
                    })*
                }
            }

            fn by_lower_case(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

known_headers! {
    Host "host";
    UserAgent "user-agent";
    XForwardedFor "x-forwarded-for";
    Via "via";
    Referer "referer";
    Accept "accept";
    AcceptEncoding "accept-encoding";
    AcceptLanguage "accept-language";
    AcceptCharset "accept-charset";
    Origin "origin";
    XRequestedWith "x-requested-with";
    Connection "connection";
    Pragma "pragma";
    CacheControl "cache-control";
    ContentType "content-type";
    From "from";
    XRealIp "x-real-ip";
    TrueClientIp "true-client-ip";
    RemoteAddr "remote-addr";
    Forwarded "forwarded";
    RequestId "request-id";
    SecFetchDest "sec-fetch-dest";
    SecFetchMode "sec-fetch-mode";
    SecFetchSite "sec-fetch-site";
    SecFetchUser "sec-fetch-user";
    SecFetchStorageAccess "sec-fetch-storage-access";
    SecChUa "sec-ch-ua";
    SecChUaMobile "sec-ch-ua-mobile";
    SecChUaPlatform "sec-ch-ua-platform";
    SecChUaArch "sec-ch-ua-arch";
    SecChUaModel "sec-ch-ua-model";
    SecChUaFullVersionList "sec-ch-ua-full-version-list";
    SecChDeviceMemory "sec-ch-device-memory";
    Signature "signature";
    SignatureAgent "signature-agent";
    SignatureInput "signature-input";
}

#[expect(
    clippy::indexing_slicing,
    reason = "run by the compiler, to which a panic is an error"
)]
const fn capitalised<const LENGTH: usize>(name: &str) -> [u8; LENGTH] {
    let name = name.as_bytes();
    let mut title = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        title[at] = if at == 0 || name[at - 1] == b'-' {
            name[at].to_ascii_uppercase()
        } else {
            name[at]
        };
        at += 1;
    }
    title
}

impl KnownHeader {
    /// The known header of this name, in any case.
    pub(crate) fn lookup(name: &str) -> Option<Self> {
        // hyper and actix-web give names in lower case; only others need a copy.
        let found = Self::by_lower_case(name);
        if found.is_some() || !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return found;
        }
        let mut lower = [0; LONGEST];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        Self::by_lower_case(std::str::from_utf8(lower).ok()?)
    }

    /// Whether the end of a long value says more than its beginning: proxies append.
    pub(crate) fn keeps_tail(self) -> bool {
        matches!(self, Self::XForwardedFor | Self::Forwarded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(
            KnownHeader::lookup("User-Agent"),
            Some(KnownHeader::UserAgent)
        );
        assert_eq!(
            KnownHeader::lookup("sec-ch-ua-full-version-list"),
            Some(KnownHeader::SecChUaFullVersionList)
        );
        assert_eq!(KnownHeader::SecChUaFullVersionList.name().len(), LONGEST);
    }

    #[test]
    fn what_must_not_travel_is_not_known() {
        for name in [
            "cookie",
            "authorization",
            "proxy-authorization",
            "x-api-key",
            "",
            "a-name-longer-than-all-in-the-table",
        ] {
            assert_eq!(KnownHeader::lookup(name), None, "{name}");
        }
    }
}
