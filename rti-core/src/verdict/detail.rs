//! The detail of a 4.x response: all of it may be missing.

use serde_json::Value;

/// What a 4.x response says beside the verdict. Everything may be missing, and what is of another
/// type than promised counts as missing.
///
/// ```
/// use rti_core::{ApiVersion, Verdict};
///
/// let response = br#"{"decision":{"verdict":"suspicious","riskScore":"71.50"},
///     "classification":{"code":14,"name":"VPN"},"ids":{"rayId":"ray-1","duid":"d-1"},
///     "network":{"ip":"198.51.100.7","as":{"asNumber":64500}}}"#;
/// let detail = Verdict::decode(ApiVersion::V4_1, response)?.detail().unwrap_or_default();
/// assert_eq!(detail.risk_score.as_deref(), Some("71.50"));
/// assert_eq!(detail.ids.duid.as_deref(), Some("d-1"));
/// assert_eq!(detail.network.as_number, Some(64500));
/// assert_eq!(detail.device.os, None);
/// # Ok::<(), rti_core::CallError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct VerdictDetail {
    /// The rule of the service that decided.
    pub rule_name: Option<String>,
    /// From `0.00` up, as text.
    pub risk_score: Option<String>,
    /// The name of the threat type.
    pub classification_name: Option<String>,
    /// The group of the threat type.
    pub classification_group: Option<String>,
    /// Whether the page's tag had seen this session.
    pub session_found: Option<bool>,
    /// Whether a program drives the client.
    pub is_automated: Option<bool>,
    /// Whether the client claims to be another.
    pub is_spoofed: Option<bool>,
    /// Whether the device is emulated.
    pub is_emulator: Option<bool>,
    /// Whether the visitor comes through a proxy.
    pub is_proxy: Option<bool>,
    /// Whether a rate limit was hit.
    pub rate_limit_hit: Option<bool>,
    /// The ids of the visit.
    pub ids: VerdictIds,
    /// The visitor's device.
    pub device: DetectedDevice,
    /// The visitor's network.
    pub network: DetectedNetwork,
    /// The whole response, for members that have no field here yet.
    pub response: Value,
}

/// The ids of a visit.
///
/// ```
/// # use rti_core::VerdictIds;
/// assert_eq!(VerdictIds::default().duid, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct VerdictIds {
    /// Of this request; the verdict's request id.
    pub ray_id: Option<String>,
    /// Of the page view.
    pub page_view_id: Option<String>,
    /// Of the device.
    pub duid: Option<String>,
    /// Of the visit.
    pub unique_visit_id: Option<String>,
}

/// A device as the service sees it.
///
/// ```
/// # use rti_core::DetectedDevice;
/// assert_eq!(DetectedDevice::default().os, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DetectedDevice {
    /// Such as `desktop`.
    pub device_type: Option<String>,
    /// The operating system.
    pub os: Option<String>,
    /// The browser.
    pub browser: Option<String>,
}

/// A network as the service sees it.
///
/// ```
/// # use rti_core::DetectedNetwork;
/// assert_eq!(DetectedNetwork::default().as_number, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DetectedNetwork {
    /// The address the verdict is about.
    pub ip: Option<String>,
    /// The country the address is in.
    pub country: Option<String>,
    /// The number of the autonomous system.
    pub as_number: Option<i64>,
    /// Its name.
    pub as_name: Option<String>,
}

impl VerdictDetail {
    pub(super) fn read(response: &[u8]) -> Self {
        let response: Value = serde_json::from_slice(response).unwrap_or_default();
        let value = |path: &str| response.pointer(path);
        let text = |path: &str| value(path)?.as_str().map(str::to_owned);
        let flag = |path: &str| value(path)?.as_bool();
        Self {
            rule_name: text("/decision/ruleName"),
            risk_score: text("/decision/riskScore"),
            classification_name: text("/classification/name"),
            classification_group: text("/classification/group"),
            session_found: flag("/metadata/sessionFound"),
            is_automated: flag("/cheqDetection/isAutomated"),
            is_spoofed: flag("/cheqDetection/isSpoofed"),
            is_emulator: flag("/cheqDetection/isEmulator"),
            is_proxy: flag("/cheqDetection/isProxy"),
            rate_limit_hit: flag("/cheqDetection/rateLimit/hit"),
            ids: VerdictIds {
                ray_id: text("/ids/rayId"),
                page_view_id: text("/ids/pageViewId"),
                duid: text("/ids/duid"),
                unique_visit_id: text("/ids/uniqueVisitId"),
            },
            device: DetectedDevice {
                device_type: text("/device/type"),
                os: text("/device/os"),
                browser: text("/device/browser"),
            },
            network: DetectedNetwork {
                ip: text("/network/ip"),
                country: text("/network/geoIp/country"),
                as_number: value("/network/as/asNumber").and_then(Value::as_i64),
                as_name: text("/network/as/asName"),
            },
            response,
        }
    }
}
