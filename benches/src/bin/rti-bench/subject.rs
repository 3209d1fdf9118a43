//! What is measured side by side: a framework, and how it asks.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Framework {
    Axum,
    Actix,
    Rocket,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// It does not ask.
    Bare,
    /// It waits as long as the deadline is, on a timer.
    Timer,
    /// The handler posts a constant body by hand, with reqwest.
    Reqwest,
    /// The handler posts a constant body by hand, with hyper-util's client.
    HyperUtil,
    /// The adapter.
    Rti,
    /// The adapter, with the inspector as an observer.
    RtiInspector,
    /// The adapter, with a reqwest client in place of core's own.
    RtiReqwest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    pub(crate) framework: Framework,
    pub(crate) way: Way,
}

impl Framework {
    pub(crate) const ALL: [Self; 3] = [Self::Axum, Self::Actix, Self::Rocket];

    pub(crate) const fn with(self, way: Way) -> Subject {
        Subject {
            framework: self,
            way,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix-web",
            Self::Rocket => "Rocket",
        }
    }
}

impl Way {
    const ALL: [Self; 7] = [
        Self::Bare,
        Self::Timer,
        Self::Reqwest,
        Self::HyperUtil,
        Self::Rti,
        Self::RtiInspector,
        Self::RtiReqwest,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Timer => "timer",
            Self::Reqwest => "reqwest by hand",
            Self::HyperUtil => "hyper-util by hand",
            Self::Rti => "RTI",
            Self::RtiInspector => "RTI with the inspector",
            Self::RtiReqwest => "RTI over reqwest",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.framework.name(), self.way.name())
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let frameworks = Framework::ALL.into_iter();
        frameworks
            .flat_map(|framework| Way::ALL.map(|way| framework.with(way)))
            .find(|subject| subject.to_string() == text)
            .ok_or_else(|| format!("{text} is no subject"))
    }
}
