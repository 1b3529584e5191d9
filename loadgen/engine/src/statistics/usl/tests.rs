//! The fit against published data, and the warning against both laws.

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

#[track_caller]
fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual / expected - 1.0).abs() <= tolerance, "{actual} is not {expected}");
}

/// Simulated users and scripts an hour of the SPEC SDM91 benchmark on a Sun `SPARCcenter` 2000, from Gunther's book, table 5.5.
const SDM91: [(f64, f64); 7] = [
    (1.0, 64.9),
    (18.0, 995.9),
    (36.0, 1652.4),
    (72.0, 1853.2),
    (108.0, 1828.9),
    (144.0, 1775.0),
    (216.0, 1702.2),
];

#[test]
fn published_data_have_their_known_parameters() {
    let usl = Usl::fit(&SDM91).unwrap();
    // The values to which SciPy's curve_fit comes as well.
    assert_near(usl.lambda_per_second.value, 89.995_232_6, 1e-6);
    assert_near(usl.sigma.value, 0.027_728_475_4, 1e-5);
    assert_near(usl.kappa.value, 0.000_104_365_483, 1e-5);
    assert_near(usl.peak().unwrap(), 96.519_561_3, 1e-5);
    let half_widths = [usl.lambda_per_second, usl.sigma, usl.kappa].map(|estimate| estimate.half_width);
    for (half_width, expected) in half_widths.iter().zip([39.462_973_9, 0.025_325_988_8, 0.000_055_182_601_9])
    {
        assert_near(*half_width, expected, 1e-3);
    }
}

fn law(lambda: f64, sigma: f64, kappa: f64) -> impl Fn(f64) -> f64 {
    move |load| Law([lambda, sigma, kappa]).throughput(load)
}

fn points(loads: impl IntoIterator<Item = u32>, mut law: impl FnMut(f64) -> f64) -> Vec<(f64, f64)> {
    loads.into_iter().map(|load| (f64::from(load), law(f64::from(load)))).collect()
}

#[test]
fn a_hard_limit_is_called_the_wrong_model() {
    for loads in [vec![1, 2, 4, 10], (1..=10).collect(), vec![1, 2, 3, 4, 6, 8, 12, 16]] {
        let usl = Usl::fit(&points(loads.clone(), |load| f64::min(load / 0.302, 10.0))).unwrap();
        assert!(usl.wrong_model && usl.worst_misfit > 0.02, "{loads:?}: {usl:?}");
        assert!(usl.worst_misfit_of_a_kink < 1e-6, "{loads:?}: {usl:?}");
    }
}

#[test]
fn a_soft_bend_is_not() {
    let soft = Usl::fit(&points(1..=12, law(3.3, 0.05, 0.002))).unwrap();
    assert!(!soft.wrong_model && soft.worst_misfit < 1e-6, "{soft:?}");
    assert!(!Usl::fit(&SDM91).unwrap().wrong_model);
}

#[test]
fn clients_that_do_not_meet_have_neither_sigma_nor_kappa() {
    let usl = Usl::fit(&points(1..=6, |load| 3.3 * load)).unwrap();
    assert!(usl.sigma.value.abs() < 1e-9 && usl.kappa.value.abs() < 1e-9 && !usl.wrong_model, "{usl:?}");
}

#[test]
fn too_few_loads_and_odd_numbers_have_no_fit() {
    assert_eq!(Usl::fit(&points([1, 2, 4, 4, 4], |load| load)), None);
    assert_eq!(Usl::fit(&points([1, 2, 3, 4], |_| 0.0)), None);
    assert_eq!(Usl::fit(&points([1, 2, 3, 4], |_| f64::NAN)), None);
}

#[test]
fn intervals_hold_the_true_parameter_as_often_as_they_promise() {
    let mut random = StdRng::seed_from_u64(1);
    let mut holds = || {
        let mut noise = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let measured = points(1..=12, |load| law(10.0, 0.05, 0.003)(load) + 0.3 * noise());
        let sigma = Usl::fit(&measured).unwrap().sigma;
        (sigma.value - 0.05).abs() <= sigma.half_width
    };
    let coverage = (0..300).filter(|_| holds()).count() as f64 / 300.0;
    assert!((0.91..=0.99).contains(&coverage), "{coverage}");
}

proptest! {
    #[test]
    fn what_follows_the_law_gives_its_parameters_back(
        lambda in 0.5..1000.0, sigma in 0.0..0.5, kappa in 0.0..0.05,
    ) {
        let usl = Usl::fit(&points([1, 2, 3, 5, 8, 13, 21], law(lambda, sigma, kappa))).unwrap();
        prop_assert!((usl.lambda_per_second.value / lambda - 1.0).abs() < 1e-6, "{usl:?}");
        prop_assert!((usl.sigma.value - sigma).abs() < 1e-6, "{usl:?}");
        prop_assert!((usl.kappa.value - kappa).abs() < 1e-6, "{usl:?}");
        prop_assert!(usl.worst_misfit < 1e-6, "{usl:?}");
        prop_assert!((usl.throughput(5.0) / law(lambda, sigma, kappa)(5.0) - 1.0).abs() < 1e-6);
    }
}
