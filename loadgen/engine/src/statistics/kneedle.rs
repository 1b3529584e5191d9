//! Where a curve that rises and flattens has its knee, told from its points alone, without any model.

/// How many mean steps the curve must fall behind its best before the best counts as a knee; the authors' own choice.
const SENSITIVITY: f64 = 1.0;

/// The knee of a curve through `points`, pairs of x and y with x rising; `None` where it does not bend.
///
/// With x and y scaled to between 0 and 1, the knee is where y − x is largest, once y − x has fallen below that by the mean step
/// in x. Each local maximum that is followed by such a fall is a knee; the first one counts. Points are taken as they are,
/// without smoothing.
///
/// Source: V. Satopää, J. Albrecht, D. Irwin and B. Raghavan, "Finding a 'Kneedle' in a Haystack: Detecting Knee Points in
/// System Behavior", 2011.
pub fn knee(points: &[(f64, f64)]) -> Option<f64> {
    let ((first, _), (last, _)) = (points.first()?, points.last()?);
    let low = points.iter().map(|(_, y)| *y).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|(_, y)| *y).fold(f64::NEG_INFINITY, f64::max);
    if points.len() < 3 || last <= first || high <= low {
        return None;
    }
    let ahead = |(x, y): &(f64, f64)| (y - low) / (high - low) - (x - first) / (last - first);
    let step = 1.0 / (points.len() - 1) as f64;
    let mut best: Option<(f64, f64)> = None;
    for (index, point) in points.iter().enumerate() {
        let here = ahead(point);
        if let Some((at, _)) = best.filter(|(_, most)| here < most - SENSITIVITY * step) {
            return Some(at);
        }
        let rises = index == 0 || here > ahead(&points[index - 1]);
        let falls = points.get(index + 1).is_some_and(|next| ahead(next) <= here);
        if rises && falls && index > 0 {
            best = Some((point.0, here));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curve(loads: impl IntoIterator<Item = u32>, law: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        loads.into_iter().map(|load| (f64::from(load), law(f64::from(load)))).collect()
    }

    #[test]
    fn the_authors_own_example_has_its_printed_knee() {
        // Figure 2: y = 5 − 1/(x + 0.1) at ten points from 0 to 1, knee at 0.22.
        let points: Vec<(f64, f64)> =
            (0..10).map(|ninth| f64::from(ninth) / 9.0).map(|x| (x, 5.0 - 1.0 / (x + 0.1))).collect();
        assert!((knee(&points).unwrap() - 2.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn a_hard_bound_has_its_knee_where_it_is_reached() {
        let bound = |replicas: f64| move |load: f64| f64::min(load / 0.3, 10.0 * replicas);
        assert_eq!(knee(&curve(1..=10, bound(1.0))), Some(3.0));
        assert_eq!(knee(&curve(1..=20, bound(2.0))), Some(6.0));
        assert_eq!(knee(&curve([1, 2, 4, 10], bound(1.0))), Some(4.0));
    }

    #[test]
    fn what_does_not_bend_has_no_knee() {
        assert_eq!(knee(&curve(1..=10, |load| 3.3 * load)), None);
        assert_eq!(knee(&curve(1..=10, |_| 5.0)), None);
        assert_eq!(knee(&curve(1..=10, |load| load * load)), None);
        assert_eq!((knee(&[]), knee(&[(1.0, 1.0), (2.0, 2.0)])), (None, None));
    }

    proptest! {
        #[test]
        fn the_unit_of_either_axis_does_not_matter(
            slope in 0.1..10.0_f64, ceiling in 3.0..8.0_f64, x in 0.01..100.0_f64, y in 0.01..100.0_f64,
        ) {
            let points = curve(1..=12, |load| slope * load.min(ceiling));
            let scaled: Vec<(f64, f64)> = points.iter().map(|point| (x * point.0, y * point.1)).collect();
            let (plain, scaled) = (knee(&points).unwrap(), knee(&scaled).unwrap());
            prop_assert!((scaled / x - plain).abs() < 1e-9, "{plain} {scaled}");
        }
    }
}
