//! Closures for what only the site knows.

use super::ConfigBuilder;
use crate::extractors::Extracted;
use crate::request::RtiRequest;

macro_rules! extractors {
    ($($(#[$doc:meta])* $setter:ident $what:ident;)*) => {
        /// Values that only the site knows. A closure that gives `None` or an empty text leaves
        /// the value out; one that the protocol has no place for is not run; one that panics lets
        /// the request continue, with the reason `internal`.
        impl ConfigBuilder {
            $(
                $(#[$doc])*
                pub fn $setter(
                    mut self,
                    extractor: impl Fn(&dyn RtiRequest) -> Option<String> + Send + Sync + 'static,
                ) -> Self {
                    self.extractors.set(Extracted::$what, extractor);
                    self
                }
            )*
        }
    };
}

extractors! {
    /// The type of the resource. Default: `text/html`. Protocols v1 and v3.
    resource_type ResourceType;
    /// The channel: the name of a `custom` event.
    channel Channel;
    /// The TLS fingerprint JA3.
    ja3 Ja3;
    /// The TLS fingerprint JA4. Protocols v4, as all that follow.
    ja4 Ja4;
    /// The TLS fingerprint JA3 with sorted extensions.
    ja3_sorted Ja3Sorted;
    /// A fingerprint of the IP and TCP layers.
    ip_tcp IpTcp;
    /// The TLS cipher.
    tls_cipher TlsCipher;
    /// The TLS version.
    tls_version TlsVersion;
    /// The region the visitor is in.
    geo_region GeoRegion;
    /// An id of your own, `customId3`.
    custom_id3 CustomId3;
    /// An id of your own, `customId4`.
    custom_id4 CustomId4;
    /// Your id of the user, when one is logged in.
    client_user_id ClientUserId;
    /// The id of the page view that the page's tag made.
    page_view_id PageViewId;
}
