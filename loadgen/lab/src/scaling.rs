//! What the measured throughputs say of scaling workers by themselves: a cross-check of the model, which it does not know.

use std::fmt;

use loadgen_engine::statistics::kneedle;
use loadgen_engine::statistics::usl::Usl;
use serde::{Deserialize, Serialize};

use crate::report::StepReport;

/// A curve of fewer points has no shape.
const LEAST_POINTS: usize = 3;

/// Throughput over workers, everything else as at the first step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// How many worker counts were measured.
    pub workers: usize,
    /// Replicas of rng meanwhile.
    pub rng: usize,
    /// The knee by Kneedle, in workers; `None` if the curve does not bend.
    pub knee_workers: Option<f64>,
    /// The Universal Scalability Law, N in workers; `None` for fewer than four worker counts.
    pub usl: Option<Usl>,
}

impl Scaling {
    /// What `steps` say; `None` if they hold fewer than three worker counts with the first step's other replicas.
    pub fn of(steps: &[StepReport]) -> Option<Self> {
        let first = steps.first()?.step;
        let alike = steps.iter().filter(|it| (it.step.rng, it.step.hasher) == (first.rng, first.hasher));
        let mut points: Vec<(f64, f64)> =
            alike.map(|it| (it.step.workers as f64, it.seen.throughput_per_second)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by_key(|point| point.0);
        (points.len() >= LEAST_POINTS).then(|| Self {
            workers: points.len(),
            rng: first.rng,
            knee_workers: kneedle::knee(&points),
            usl: Usl::fit(&points),
        })
    }
}

impl fmt::Display for Scaling {
    /// A sentence or two; ends with a line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Without the model: by Kneedle ")?;
        match self.knee_workers {
            Some(knee) => write!(f, "the knee with rng={} is at worker={knee:.0}", self.rng)?,
            None => write!(f, "there is no knee with rng={}", self.rng)?,
        }
        match &self.usl {
            Some(usl) if usl.wrong_model => writeln!(
                f,
                "; the USL is up to {:.1} % off, so the wrong model:\na line up to a hard limit is up to {:.1} % off.",
                100.0 * usl.worst_misfit,
                100.0 * usl.worst_misfit_of_a_kink
            ),
            Some(usl) => writeln!(
                f,
                "; the USL is up to {:.1} % off, with\nλ {:.2} ± {:.2}/s, σ {:.4} ± {:.4}, κ {:.5} ± {:.5}.",
                100.0 * usl.worst_misfit,
                usl.lambda_per_second.value,
                usl.lambda_per_second.half_width,
                usl.sigma.value,
                usl.sigma.half_width,
                usl.kappa.value,
                usl.kappa.half_width
            ),
            None => writeln!(f, "."),
        }
    }
}
