//! The prediction as a table for a terminal. Eighty columns hold it, unless hasher is scaled.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::demands::Demand;
use crate::laws::dispatch::{Dispatch, Method};
use crate::laws::units::{Seconds, Utilisation};
use crate::step::{Count, counts};

use super::prediction::{Answer, Prediction};
use super::row::Row;

/// The knees of more sets of replicas than this make the text longer, and nobody wiser.
const MOST_KNEES: usize = 10;

/// How mean value analysis deals with a crowd at replicas of several slots.
const EXPANDED: &str = "expanded around the most probable";

/// The whole prediction; ends with a line break.
pub(super) fn text(prediction: &Prediction) -> String {
    let mut text = heading(prediction);
    let _ = writeln!(text, "\n{}\n", table(prediction));
    text.push_str(&legend(prediction));
    match &prediction.target {
        Some(answer) => text.push_str(&answered(answer, prediction)),
        None => text.push_str(&knees(&prediction.rows)),
    }
    text
}

fn heading(prediction: &Prediction) -> String {
    let demands = &prediction.demands;
    let overhead = match demands.overhead_seconds {
        Seconds(0.0) => String::new(),
        overhead => format!(", overhead {overhead:.1}"),
    };
    let from = prediction.from.as_ref().map_or_else(String::new, |from| format!(", as measured in {from}"));
    let loops = match demands.concurrency {
        1 => String::new(),
        loops => format!("; {loops} loops a worker"),
    };
    format!(
        "Think time {}, rng {}, hasher {}{overhead}{from}{loops}; dispatch {}.\n",
        demands.think_time_seconds,
        station(&demands.rng),
        station(&demands.hasher),
        dispatch(demands.rng.dispatch)
    )
}

/// `100 ms (1 slot)`
fn station(demand: &Demand) -> String {
    let slots = match demand.slots {
        None => "no limit".to_owned(),
        Some(1) => "1 slot".to_owned(),
        Some(slots) => format!("{slots} slots"),
    };
    format!("{} ({slots})", demand.service_time_seconds)
}

fn dispatch(dispatch: Dispatch) -> &'static str {
    match dispatch {
        Dispatch::RoundRobin => "in turn",
        Dispatch::Random => "at random",
    }
}

fn table(prediction: &Prediction) -> String {
    let counts = counts(prediction.rows.iter().map(|row| row.step));
    let mut header: Vec<&str> = counts.iter().map(|(name, _)| *name).collect();
    header.extend(["in turn", "at random", "MVA", "response", "rng busy", "waiting", "limited by"]);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let dispatch = prediction.demands.rng.dispatch;
    table.set_header(header).add_rows(prediction.rows.iter().map(|row| cells(row, dispatch, &counts)));
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn cells(row: &Row, dispatch: Dispatch, counts: &[Count]) -> Vec<String> {
    let mut cells: Vec<String> = counts.iter().map(|(_, count)| count(&row.step).to_string()).collect();
    cells.extend([
        format!("{:.2}", row.in_turn_per_second.0),
        format!("{:.2}", row.random_per_second.0),
        format!("{:.2}", row.mva_per_second(dispatch).0),
        row.response_time_seconds.to_string(),
        row.rng_utilisation.map_or_else(String::new, |busy: Utilisation| busy.to_string()),
        format!("{:.2}", row.rng_queue_length),
        row.limited_by.clone(),
    ]);
    cells
}

/// What the columns are, and how good.
fn legend(prediction: &Prediction) -> String {
    let dispatch = dispatch(prediction.demands.rng.dispatch);
    let mut text = format!(
        "Hashes/s: in turn and at random with constant times, MVA with exponential ones and dispatch {dispatch}.\n\
         Response: from rng's request to hasher's answer, waiting included. Waiting: requests in rng's queues.\n"
    );
    let of_rows = |row: &Row| match prediction.demands.rng.dispatch {
        Dispatch::RoundRobin => [Some(row.random_method), None],
        Dispatch::Random => [Some(row.random_method), Some(row.mva_random_method)],
    };
    let mut methods: Vec<Method> = prediction.rows.iter().flat_map(of_rows).flatten().collect();
    methods.sort();
    methods.dedup();
    let inexact: Vec<&str> = methods.iter().filter_map(|method| how(*method)).collect();
    let error = Utilisation(methods.iter().map(|method| method.error()).fold(0.0, f64::max));
    let _ = match inexact[..] {
        [] => writeln!(text, "All of it is exact."),
        _ => writeln!(text, "{}, within {error:.1}; the rest is exact.", listed(&inexact)),
    };
    text
}

/// What is not exact, as the beginning of a sentence.
fn listed(inexact: &[&str]) -> String {
    let (mva, at_random): (Vec<&str>, Vec<&str>) = inexact.iter().partition(|how| **how == EXPANDED);
    let at_random = (!at_random.is_empty()).then(|| format!("At random is {}", at_random.join(" or ")));
    let mva = (!mva.is_empty()).then(|| format!("MVA is {EXPANDED}"));
    [at_random, mva].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn how(method: Method) -> Option<&'static str> {
    match method {
        Method::Exact => None,
        Method::Interpolated => Some("interpolated between exact chains"),
        Method::Simulated => Some("simulated"),
        Method::Approximated => Some("approximated for a crowd"),
        Method::Expanded => Some(EXPANDED),
    }
}

/// A line for each set of replicas; all its rows have the same knee.
fn knees(rows: &[Row]) -> String {
    let sets = rows.chunk_by(|a, b| (a.step.rng, a.step.hasher) == (b.step.rng, b.step.hasher));
    let sets: Vec<&Row> = sets.filter_map(<[Row]>::first).collect();
    let mut text: String = sets.iter().take(MOST_KNEES).map(|row| knee(row)).collect();
    if sets.len() > MOST_KNEES {
        text.push_str("…\n");
    }
    text
}

fn knee(row: &Row) -> String {
    let hashers = if row.step.hasher > 1 { format!(" hasher={}", row.step.hasher) } else { String::new() };
    let replicas = format!("rng={}{hashers}", row.step.rng);
    match (&row.bottleneck, row.knee_workers) {
        (Some(bottleneck), Some(knee)) => {
            format!("With {replicas} the knee is at {knee:.1} workers; more wait for {bottleneck}.\n")
        }
        _ => format!("With {replicas} there is no knee: nothing has a limit.\n"),
    }
}

fn answered(answer: &Answer, prediction: &Prediction) -> String {
    let step = answer.step;
    let reached = prediction.rows.first().map_or(answer.target_per_second, |row| row.throughput_per_second);
    format!(
        "{} takes {} replicas at least: worker={} rng={} hasher={} give {reached:.2}.\n",
        answer.target_per_second, answer.replicas, step.workers, step.rng, step.hasher
    )
}
