//! The one quantile that a 95 % interval needs.

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_985;

/// The quantiles for 1 to 4 degrees of freedom, where the expansion below is not good enough.
const FEW: [f64; 4] = [12.706_205, 4.302_653, 3.182_446, 2.776_445];

/// The 97.5 % quantile of Student's t distribution, within 2·10⁻⁴ of its value; infinite for no degree of freedom,
/// since a single number says nothing about its error.
///
/// From five degrees ν on it is the expansion t = z + g₁(z)/ν + g₂(z)/ν² + g₃(z)/ν³ + g₄(z)/ν⁴ around the normal
/// quantile z. Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.5.
pub fn quantile_975(degrees_of_freedom: usize) -> f64 {
    match degrees_of_freedom {
        0 => f64::INFINITY,
        few @ 1..=4 => FEW[few - 1],
        many => expansion(1.0 / many as f64),
    }
}

fn expansion(step: f64) -> f64 {
    let z2 = Z * Z;
    let terms = [
        1.0,
        (z2 + 1.0) / 4.0,
        ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
        ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0,
    ];
    Z * terms.iter().rev().fold(0.0, |sum, term| sum * step + term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_tables_are_met_for_every_size() {
        let table = [
            (1, 12.706_205),
            (2, 4.302_653),
            (3, 3.182_446),
            (4, 2.776_445),
            (5, 2.570_582),
            (6, 2.446_912),
            (7, 2.364_624),
            (8, 2.306_004),
            (9, 2.262_157),
            (10, 2.228_139),
            (15, 2.131_450),
            (19, 2.093_024),
            (20, 2.085_963),
            (30, 2.042_272),
            (60, 2.000_298),
            (120, 1.979_930),
            (1000, 1.962_339),
        ];
        for (degrees, known) in table {
            let relative = quantile_975(degrees) / known - 1.0;
            assert!(relative.abs() < 2e-4, "{degrees}: {relative}");
        }
    }

    #[test]
    fn the_quantile_falls_towards_the_normal_one() {
        let quantiles: Vec<f64> = (0..2000).map(quantile_975).collect();
        assert!(quantiles.is_sorted_by(|a, b| a > b));
        assert!(quantile_975(usize::MAX) - Z < 1e-12);
    }
}
