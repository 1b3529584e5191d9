//! Least squares for a law with three parameters, by the method of Levenberg and Marquardt.
//!
//! Source: D. W. Marquardt, "An Algorithm for Least-Squares Estimation of Nonlinear Parameters", 1963.

use super::{Law, PARAMETERS};

/// It takes a dozen steps from a good start; after so many it is as good as it gets.
const MOST_STEPS: usize = 500;

/// A matrix whose columns differ in size by more than this cannot be inverted with any digits left.
const SINGULAR: f64 = 1e-13;

/// Damping beyond this moves nothing any more.
const STUCK: f64 = 1e15;

/// A symmetric matrix of three by three.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Symmetric(pub(super) [[f64; PARAMETERS]; PARAMETERS]);

impl Symmetric {
    /// Σ g·gᵀ over `gradients`.
    pub(super) fn of(gradients: impl Iterator<Item = [f64; PARAMETERS]>) -> Self {
        let mut sum = [[0.0; PARAMETERS]; PARAMETERS];
        for gradient in gradients {
            for (row, left) in sum.iter_mut().zip(gradient) {
                row.iter_mut().zip(gradient).for_each(|(cell, right)| *cell += left * right);
            }
        }
        Self(sum)
    }

    /// Its inverse, by cofactors of the matrix scaled to ones in its diagonal; `None` if it is singular.
    pub(super) fn inverse(&self) -> Option<Self> {
        let scale: [f64; PARAMETERS] = std::array::from_fn(|index| self.0[index][index].sqrt());
        let unit = |row: usize, column: usize| self.0[row][column] / (scale[row] * scale[column]);
        let cofactor = |row: usize, column: usize| {
            let [r1, r2, c1, c2] = [row + 1, row + 2, column + 1, column + 2].map(|index| index % PARAMETERS);
            unit(r1, c1) * unit(r2, c2) - unit(r1, c2) * unit(r2, c1)
        };
        let determinant: f64 = (0..PARAMETERS).map(|column| unit(0, column) * cofactor(0, column)).sum();
        let regular = determinant.is_finite() && determinant > SINGULAR;
        let cell =
            |row: usize, column: usize| cofactor(row, column) / determinant / (scale[row] * scale[column]);
        regular.then(|| Self(std::array::from_fn(|row| std::array::from_fn(|column| cell(row, column)))))
    }

    fn times(&self, vector: [f64; PARAMETERS]) -> [f64; PARAMETERS] {
        self.0.map(|row| row.iter().zip(vector).map(|(cell, part)| cell * part).sum())
    }

    /// With its diagonal larger by the share `damping`.
    fn damped(mut self, damping: f64) -> Self {
        for index in 0..PARAMETERS {
            self.0[index][index] *= 1.0 + damping;
        }
        self
    }
}

/// The law with the least sum of squares; `None` where none is found.
pub(super) fn fit(points: &[(f64, f64)]) -> Option<Law> {
    let mut law = straight(points).filter(|law| is_law(law, points)).or_else(|| level(points))?;
    let (mut squares, mut damping) = (law.squares(points), 1e-3);
    for _ in 0..MOST_STEPS {
        let matrix = Symmetric::of(points.iter().map(|(load, _)| law.gradient(*load)));
        let pull = pull(&law, points);
        let step = matrix.damped(damping).inverse().map(|inverse| inverse.times(pull));
        let next = step.map(|step| Law(std::array::from_fn(|index| law.0[index] + step[index])));
        match next.filter(|next| is_law(next, points) && next.squares(points) < squares) {
            Some(better) => (law, squares, damping) = (better, better.squares(points), damping / 4.0),
            None => damping *= 4.0,
        }
        if damping > STUCK {
            break;
        }
    }
    Some(law)
}

/// Σ g·(seen − X).
fn pull(law: &Law, points: &[(f64, f64)]) -> [f64; PARAMETERS] {
    points.iter().fold([0.0; PARAMETERS], |sum, (load, seen)| {
        let gradient = law.gradient(*load);
        std::array::from_fn(|index| sum[index] + gradient[index] * (seen - law.throughput(*load)))
    })
}

fn is_law(law: &Law, points: &[(f64, f64)]) -> bool {
    law.0.iter().all(|it| it.is_finite())
        && law.0[0] > 0.0
        && points.iter().all(|it| law.denominator(it.0) > 0.0)
}

/// Where to start: N/X = 1/λ + (σ/λ)(N−1) + (κ/λ)N(N−1) is linear in its three factors.
fn straight(points: &[(f64, f64)]) -> Option<Law> {
    let terms = |load: f64| [1.0, load - 1.0, load * (load - 1.0)];
    let matrix = Symmetric::of(points.iter().map(|(load, _)| terms(*load)));
    let sums = points.iter().fold([0.0; PARAMETERS], |sum, (load, seen)| {
        std::array::from_fn(|index| sum[index] + terms(*load)[index] * load / seen)
    });
    let [one, waiting, agreeing] = matrix.inverse()?.times(sums);
    Some(Law([1.0 / one, waiting / one, agreeing / one]))
}

/// Another start: clients that hardly get in each other's way.
fn level(points: &[(f64, f64)]) -> Option<Law> {
    let each = points.iter().map(|(load, seen)| seen / load).reduce(f64::max)?;
    Some(Law([each, 0.01, 1e-6]))
}
