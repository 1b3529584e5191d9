//! The Universal Scalability Law, fitted to throughputs that were measured at several loads, and whether it is the right law at all.
//!
//! - this file: the law, the fit and what it is worth;
//! - [`kink`]: the other law, a straight line up to a hard limit;
//! - [`least_squares`]: the fit itself.

use serde::{Deserialize, Serialize};

use super::student;

mod kink;
mod least_squares;

use least_squares::Symmetric;

/// Parameters of the law.
const PARAMETERS: usize = 3;

/// A misfit below this share says nothing against a law.
const FITS: f64 = 0.01;

/// A line up to a hard limit that leaves less than this share of the variance is the better law beyond chance.
const CLEARLY_BETTER: f64 = 0.25;

/// X(N) = λN / (1 + σ(N−1) + κN(N−1)): throughput X of N clients, where σ stands for waiting for each other and κ for agreeing with
/// each other.
///
/// Source: N. J. Gunther, "A Simple Capacity Model of Massively Parallel Transaction Systems", 1993; "Guerrilla Capacity
/// Planning", 2007.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Usl {
    /// λ: throughput of one client, per second.
    pub lambda_per_second: Estimate,
    /// σ: the share of the work that cannot be done side by side.
    pub sigma: Estimate,
    /// κ: what agreeing of each two costs, as a share.
    pub kappa: Estimate,
    /// The largest distance of a measured throughput from the law, as a share of what was measured.
    pub worst_misfit: f64,
    /// The same for the best straight line up to a hard limit, min(aN, C).
    pub worst_misfit_of_a_kink: f64,
    /// Whether that line explains the points better, with a parameter less: σ and κ then describe nothing, and what the law
    /// says beyond the points is wrong.
    pub wrong_model: bool,
}

/// A parameter with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value that fits best.
    pub value: f64,
    /// Half the width of its interval.
    pub half_width: f64,
}

impl Usl {
    /// The law that fits `points`, pairs of N and X, with the least sum of squares; `None` for fewer than four different loads
    /// (three parameters explain any three), for numbers that are not positive, and where no fit is found.
    ///
    /// Intervals are t·s/√…, from the residual variance s² with n − 3 degrees of freedom and the law linearised around the fit.
    /// It is the wrong model where min(aN, C) leaves less than a quarter of the variance for each degree of freedom, and the law
    /// is off by more than 1 % at some point.
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        if !points.iter().all(|(load, throughput)| is_positive(*load) && is_positive(*throughput)) {
            return None;
        }
        let mut loads: Vec<f64> = points.iter().map(|(load, _)| *load).collect();
        loads.sort_by(f64::total_cmp);
        loads.dedup();
        if loads.len() <= PARAMETERS {
            return None;
        }
        let law = least_squares::fit(points)?;
        let squares = law.squares(points);
        let freedom = points.len() - PARAMETERS;
        let [lambda, sigma, kappa] = law.estimates(points, squares / freedom as f64, freedom)?;
        let kink = kink::fit(points);
        let misfit = worst(points, |load| law.throughput(load));
        let by_kink = kink.squares(points) / (points.len() - kink::PARAMETERS) as f64;
        Some(Self {
            lambda_per_second: lambda,
            sigma,
            kappa,
            worst_misfit: misfit,
            worst_misfit_of_a_kink: worst(points, |load| kink.throughput(load)),
            wrong_model: misfit > FITS && by_kink < CLEARLY_BETTER * squares / freedom as f64,
        })
    }

    /// X(N) at `load` (N).
    pub fn throughput(&self, load: f64) -> f64 {
        Law([self.lambda_per_second.value, self.sigma.value, self.kappa.value]).throughput(load)
    }

    /// N = √((1 − σ)/κ), where throughput is highest; `None` where it never falls again.
    pub fn peak(&self) -> Option<f64> {
        let (sigma, kappa) = (self.sigma.value, self.kappa.value);
        (kappa > 0.0 && sigma < 1.0).then(|| ((1.0 - sigma) / kappa).sqrt())
    }
}

fn is_positive(number: f64) -> bool {
    number.is_finite() && number > 0.0
}

fn worst(points: &[(f64, f64)], law: impl Fn(f64) -> f64) -> f64 {
    points.iter().map(|(load, seen)| (law(*load) / seen - 1.0).abs()).fold(0.0, f64::max)
}

/// λ, σ and κ.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Law([f64; PARAMETERS]);

impl Law {
    fn throughput(&self, load: f64) -> f64 {
        self.0[0] * load / self.denominator(load)
    }

    fn denominator(&self, load: f64) -> f64 {
        1.0 + self.0[1] * (load - 1.0) + self.0[2] * load * (load - 1.0)
    }

    /// How X changes with each parameter.
    fn gradient(&self, load: f64) -> [f64; PARAMETERS] {
        let (alone, throughput) = (load / self.denominator(load), self.throughput(load));
        let by_sigma = -throughput * (load - 1.0) / self.denominator(load);
        [alone, by_sigma, by_sigma * load]
    }

    fn squares(&self, points: &[(f64, f64)]) -> f64 {
        points.iter().map(|(load, seen)| (seen - self.throughput(*load)).powi(2)).sum()
    }

    fn estimates(
        &self,
        points: &[(f64, f64)],
        variance: f64,
        freedom: usize,
    ) -> Option<[Estimate; PARAMETERS]> {
        let covariance = Symmetric::of(points.iter().map(|(load, _)| self.gradient(*load))).inverse()?;
        let t = student::quantile_975(freedom);
        let half_width = |index: usize| t * (variance * covariance.0[index][index]).sqrt();
        Some(std::array::from_fn(|index| Estimate { value: self.0[index], half_width: half_width(index) }))
    }
}

#[cfg(test)]
mod tests;
