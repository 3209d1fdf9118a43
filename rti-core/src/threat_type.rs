//! What the service calls a visitor: the threat types and their codes.

use std::fmt;

macro_rules! threat_types {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal, $group:expr;)*) => {
        /// A threat type: why the service thinks a visitor is not a customer.
        ///
        /// The codes and names are the service's own. It may learn new ones, so a code that this
        /// version does not know is kept as [`Unknown`](ThreatType::Unknown), never refused.
        ///
        /// ```
        /// use rti_core::ThreatType;
        ///
        /// assert_eq!(ThreatType::from_code(14), ThreatType::Vpn);
        /// assert_eq!(ThreatType::Vpn.code(), 14);
        /// assert_eq!(ThreatType::from_code(77).as_str(), "unknown");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ThreatType {
            $($(#[$doc])* $variant,)*
            /// A code this version has no name for.
            Unknown(i64),
        }

        impl ThreatType {
            /// Every threat type that has a name here, in the order of the codes.
            pub const NAMED: &'static [Self] = &[$(Self::$variant),*];

            /// The threat type with this code.
            pub fn from_code(code: i64) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    other => Self::Unknown(other),
                }
            }

            /// The service's code.
            pub fn code(self) -> i64 {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => code,
                }
            }

            /// A name for people and logs, in lower case.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown(_) => "unknown",
                }
            }

            /// The group the service files the type under; `None` for valid and unknown ones.
            pub fn group(self) -> Option<ThreatGroup> {
                match self {
                    $(Self::$variant => $group,)*
                    Self::Unknown(_) => None,
                }
            }
        }
    };
}

threat_types! {
    /// A real visitor.
    Valid = 0, "valid", None;
    /// Copies the site's content.
    Scrapers = 2, "scrapers", Some(ThreatGroup::BotActivity);
    /// A browser or client driven by a program.
    AutomationTools = 3, "automation tools", Some(ThreatGroup::BotActivity);
    /// Too many visits by one visitor.
    FrequencyCapping = 4, "frequency capping", Some(ThreatGroup::Suspicious);
    /// A rate of requests that is not usual.
    AbnormalRateLimit = 5, "abnormal rate limit", Some(ThreatGroup::Suspicious);
    /// A rate of requests that no person reaches.
    ExcessiveRateLimit = 6, "excessive rate limit", Some(ThreatGroup::Malicious);
    /// JavaScript does not run.
    DisabledJavaScript = 7, "disabled JavaScript", Some(ThreatGroup::Malicious);
    /// Does not behave as people do.
    BehaviouralAnomalies = 8, "behavioural anomalies", Some(ThreatGroup::Malicious);
    /// Paid or rewarded clicks.
    ClickFarm = 9, "click farm", Some(ThreatGroup::Malicious);
    /// Known malicious bots.
    MaliciousBots = 10, "malicious bots", Some(ThreatGroup::BotActivity);
    /// Claims to be another client than it is.
    FalseRepresentation = 11, "false representation", Some(ThreatGroup::Malicious);
    /// Comes from a data centre.
    DataCentres = 13, "data centres", Some(ThreatGroup::Suspicious);
    /// Comes through a VPN.
    Vpn = 14, "VPN", Some(ThreatGroup::Suspicious);
    /// Comes through a proxy.
    Proxy = 15, "proxy", Some(ThreatGroup::Suspicious);
    /// Cookies do not stick.
    DisabledCookies = 16, "disabled cookies", Some(ThreatGroup::Malicious);
    /// Clicks that the visitor did not mean.
    ClickHijacking = 17, "click hijacking", Some(ThreatGroup::Malicious);
    /// The connection does not fit what the client says.
    NetworkAnomalies = 18, "network anomalies", Some(ThreatGroup::Malicious);
    /// A declared and wanted bot, such as a search engine's.
    GoodBot = 19, "good bot", Some(ThreatGroup::KnownBots);
    /// A crawler that does not declare itself.
    Crawlers = 20, "crawlers", Some(ThreatGroup::UndeclaredBots);
    /// Comes from a country that is excluded.
    GeoExclusions = 21, "geo exclusions", Some(ThreatGroup::Suspicious);
    /// Looks like a headless browser.
    LikeHeadless = 32, "like headless", Some(ThreatGroup::BotActivity);
}

impl fmt::Display for ThreatType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.as_str(), self.code())
    }
}

/// The group of threat types that one belongs to.
///
/// ```
/// use rti_core::{ThreatGroup, ThreatType};
///
/// assert_eq!(ThreatType::Proxy.group(), Some(ThreatGroup::Suspicious));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThreatGroup {
    /// Programs at work.
    BotActivity,
    /// Worth a challenge.
    Suspicious,
    /// Meant to do harm.
    Malicious,
    /// Declared bots.
    KnownBots,
    /// Bots that do not declare themselves.
    UndeclaredBots,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_to_its_type_and_back() {
        for threat in ThreatType::NAMED {
            assert_eq!(ThreatType::from_code(threat.code()), *threat);
            assert_eq!(threat.group().is_none(), *threat == ThreatType::Valid);
        }
        assert_eq!(ThreatType::NAMED.len(), 21);
    }

    #[test]
    fn codes_without_a_name_are_kept() {
        for code in [1, 12, 22, -5, i64::MAX] {
            assert_eq!(ThreatType::from_code(code), ThreatType::Unknown(code));
            assert_eq!(ThreatType::from_code(code).code(), code);
        }
    }
}
