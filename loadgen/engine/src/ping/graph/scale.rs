//! The scale of the graph. Owns where it ends.

/// The smallest of 1, 2, 5 times a power of ten that leaves room above `highest`; 1 for nothing.
pub(super) fn ceiling(highest: f64) -> f64 {
    if !highest.is_finite() || highest <= 0.0 {
        return 1.0;
    }
    let decade = 10_f64.powf(highest.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|step| step * decade).into_iter().find(|top| *top >= highest).unwrap_or(highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_scale_ends_at_round_numbers() {
        for (highest, top) in
            [(0.0, 1.0), (0.3, 0.5), (1.0, 1.0), (1.1, 2.0), (43.0, 50.0), (99.0, 100.0), (501.0, 1000.0)]
        {
            assert!((ceiling(highest) / top - 1.0).abs() < 1e-9, "{highest}: {}", ceiling(highest));
        }
    }

    proptest! {
        #[test]
        fn nothing_stands_above_it_and_it_is_used(highest in 1e-6..1e9) {
            let top = ceiling(highest);
            prop_assert!(top >= highest && top <= highest * 2.5 + 1e-9, "{top}");
        }
    }
}
