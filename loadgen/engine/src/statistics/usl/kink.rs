//! The law of a hard limit: each client adds as much as the one before, until none adds anything.

/// Parameters of the law.
pub(super) const PARAMETERS: usize = 2;

/// X(N) = min(aN, C).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kink {
    slope: f64,
    ceiling: f64,
}

impl Kink {
    pub(super) fn throughput(&self, load: f64) -> f64 {
        f64::min(self.slope * load, self.ceiling)
    }

    pub(super) fn squares(&self, points: &[(f64, f64)]) -> f64 {
        points.iter().map(|(load, seen)| (seen - self.throughput(*load)).powi(2)).sum()
    }
}

/// The one with the least sum of squares of those whose line is fitted to the first points, at least one, and whose ceiling is the
/// mean of the others, at least one. `points` are at least two.
pub(super) fn fit(points: &[(f64, f64)]) -> Kink {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let kinks = (1..sorted.len()).map(|on_the_line| {
        let (line, level) = sorted.split_at(on_the_line);
        let products: f64 = line.iter().map(|(load, seen)| load * seen).sum();
        let squares: f64 = line.iter().map(|(load, _)| load * load).sum();
        let ceiling = level.iter().map(|(_, seen)| seen).sum::<f64>() / level.len() as f64;
        Kink { slope: products / squares, ceiling }
    });
    let better =
        |best: Kink, next: Kink| if next.squares(points) < best.squares(points) { next } else { best };
    kinks.reduce(better).unwrap_or(Kink { slope: 0.0, ceiling: 0.0 })
}
