//! Verdicts obtained, of those that were obtainable.

use std::collections::BTreeMap;

use super::visitors::Visit;

#[derive(Debug, Clone, Default)]
pub(super) struct Share {
    pub(super) visitors: f64,
    pub(super) obtainable: f64,
    pub(super) obtained: f64,
    /// What became of those who went without, for those who look into a figure.
    without: BTreeMap<String, u32>,
}

impl Share {
    /// Each visit is obtainable or not; what is obtained beyond that does not count.
    pub(super) fn of(visits: &[Visit], is_obtainable: impl Fn(&Visit) -> bool) -> Self {
        let obtainable = visits.iter().filter(|visit| is_obtainable(visit));
        let mut share = Self::counted(obtainable);
        share.visitors = visits.len() as f64;
        share
    }

    pub(super) fn of_all(visits: &[Visit]) -> Self {
        Self::of(visits, |_| true)
    }

    /// A part of the visits is obtainable, and nobody knows which.
    pub(super) fn of_part(visits: &[Visit], part: f64) -> Self {
        let mut share = Self::of_all(visits);
        share.obtainable *= part;
        share
    }

    /// So many of the visits at once are obtainable.
    pub(super) fn of_so_many(visits: &[Visit], obtainable: u32) -> Self {
        let mut share = Self::of_all(visits);
        share.obtainable = share.obtainable.min(f64::from(obtainable));
        share
    }

    fn counted<'a>(visits: impl Iterator<Item = &'a Visit>) -> Self {
        let mut share = Self::default();
        for visit in visits {
            share.visitors += 1.0;
            share.obtainable += 1.0;
            match &visit.without {
                None => share.obtained += 1.0,
                Some(reason) => *share.without.entry(reason.clone()).or_default() += 1,
            }
        }
        share
    }

    pub(super) fn and(mut self, other: &Self) -> Self {
        self.visitors += other.visitors;
        self.obtainable += other.obtainable;
        self.obtained += other.obtained;
        for (reason, count) in &other.without {
            *self.without.entry(reason.clone()).or_default() += count;
        }
        self
    }

    /// Obtained ÷ obtainable. Chance may take it above 1 where a part is obtainable.
    pub(super) fn ratio(&self) -> f64 {
        self.obtained / self.obtainable
    }

    /// Obtainable ÷ all.
    pub(super) fn part(&self) -> f64 {
        self.obtainable / self.visitors
    }
}
