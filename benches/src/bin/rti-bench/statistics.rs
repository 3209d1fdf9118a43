//! Medians and spreads of a few rounds.

/// The middle of some figures, and how far they lie apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Middle {
    pub(crate) median: f64,
    /// Half the way from the lowest to the highest, as a part of the median.
    pub(crate) spread: f64,
}

pub(crate) fn middle(figures: impl IntoIterator<Item = f64>) -> Middle {
    let mut sorted: Vec<f64> = figures
        .into_iter()
        .filter(|figure| figure.is_finite())
        .collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
        return Middle {
            median: f64::NAN,
            spread: f64::NAN,
        };
    };
    let half = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 {
        sorted[half]
    } else {
        f64::midpoint(sorted[half - 1], sorted[half])
    };
    Middle {
        median,
        spread: (highest - lowest) / 2.0 / median,
    }
}

/// The median alone.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    middle(figures).median
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_even_number_lies_between() {
        let four = middle([4.0, 1.0, 3.0, 2.0]);
        assert!((four.median - 2.5).abs() < 1e-9 && (four.spread - 0.6).abs() < 1e-9);
        assert!(median([]).is_nan());
    }
}
