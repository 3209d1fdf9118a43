//! What a site adds to the payload with closures of its own.

use std::fmt;
use std::sync::Arc;

use crate::request::RtiRequest;
use crate::words::Family;

/// A value that only the site knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extracted {
    ResourceType,
    Channel,
    Ja3,
    Ja4,
    Ja3Sorted,
    IpTcp,
    TlsCipher,
    TlsVersion,
    GeoRegion,
    CustomId3,
    CustomId4,
    ClientUserId,
    PageViewId,
}

impl Extracted {
    /// Whether a protocol has a place for the value. Where it has none, its closure is not run: the
    /// same application may speak either protocol.
    pub(crate) fn belongs_to(self, family: Family) -> bool {
        match self {
            Self::Channel | Self::Ja3 => true,
            Self::ResourceType => family == Family::V1,
            _ => family == Family::V4,
        }
    }
}

type Extractor = dyn Fn(&dyn RtiRequest) -> Option<String> + Send + Sync;

/// The closures that are configured, one a kind at most.
#[derive(Clone, Default)]
pub(crate) struct Extractors(Vec<(Extracted, Arc<Extractor>)>);

impl Extractors {
    pub(crate) fn set(
        &mut self,
        what: Extracted,
        extractor: impl Fn(&dyn RtiRequest) -> Option<String> + Send + Sync + 'static,
    ) {
        self.0.retain(|(kind, _)| *kind != what);
        self.0.push((what, Arc::new(extractor)));
    }

    /// Drops those that the protocol has no place for.
    pub(crate) fn keep(&mut self, family: Family) {
        self.0.retain(|(what, _)| what.belongs_to(family));
    }

    /// Runs them all. A blank text counts as absent, since the service refuses empty fields.
    pub(crate) fn run(&self, request: &dyn RtiRequest) -> Vec<(Extracted, String)> {
        self.0
            .iter()
            .filter_map(|(what, extract)| Some((*what, extract(request)?)))
            .filter(|(_, value)| !value.trim().is_empty())
            .collect()
    }
}

impl fmt::Debug for Extractors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(what, _)| what))
            .finish()
    }
}
