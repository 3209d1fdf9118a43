//! The threat types that the service publishes.

/// The published name and group of a threat code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreatType {
    pub(crate) name: &'static str,
    pub(crate) group: &'static str,
}

impl ThreatType {
    pub(crate) fn of(code: u32) -> Option<Self> {
        let (name, group) = match code {
            0 => ("valid", ""),
            2 => ("scrapers", BOT_ACTIVITY),
            3 => ("automation tools", BOT_ACTIVITY),
            4 => ("frequency capping", SUSPICIOUS),
            5 => ("abnormal rate limit", SUSPICIOUS),
            6 => ("excessive rate limit", MALICIOUS),
            7 => ("disabled JavaScript", MALICIOUS),
            8 => ("behavioural anomalies", MALICIOUS),
            9 => ("click farm", MALICIOUS),
            10 => ("malicious bots", BOT_ACTIVITY),
            11 => ("false representation", MALICIOUS),
            13 => ("data centres", SUSPICIOUS),
            14 => ("VPN", SUSPICIOUS),
            15 => ("proxy", SUSPICIOUS),
            16 => ("disabled cookies", MALICIOUS),
            17 => ("click hijacking", MALICIOUS),
            18 => ("network anomalies", MALICIOUS),
            19 => ("good bot", "known bots"),
            20 => ("crawlers", "undeclared bots"),
            21 => ("geo exclusions", SUSPICIOUS),
            32 => ("like headless", BOT_ACTIVITY),
            _ => return None,
        };
        Some(Self { name, group })
    }

    /// The decision of v4 for a threat of this group. Known and undeclared bots are allowed.
    pub(crate) fn decision(self) -> &'static str {
        match self.group {
            BOT_ACTIVITY | MALICIOUS => "malicious",
            SUSPICIOUS => "suspicious",
            _ => "benign",
        }
    }
}

const BOT_ACTIVITY: &str = "bot activity";
const SUSPICIOUS: &str = "suspicious";
const MALICIOUS: &str = "malicious";
