//! The picture of a run that goes on. A pure function of what is known, for whatever room there is.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{LineGauge, Row, Sparkline, Table, Widget};

use crate::bench::plan::{Load, Plan, Profile};

use super::progress::{Figures, Progress, Second};
use super::words::{NOTHING, at_least, clock, errors, grouped, millis, per_second};

/// Rows of the whole picture.
pub(super) const ROWS: u16 = 11;

/// Rows of what there is room for on any terminal.
const FEW_ROWS: u16 = 3;

/// Columns of the table.
const TABLE: u16 = 40;

/// Columns that there must be beside it for graphs to be worth it.
const GRAPH: u16 = 20;

/// All that is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picture<'a> {
    pub(super) plan: &'a Plan,
    /// Since the start.
    pub(super) elapsed: Duration,
    pub(super) progress: &'a Progress,
}

/// Rows that the picture takes where there are so many.
pub(super) const fn rows(height: u16) -> u16 {
    // The cursor stands below it.
    if height > ROWS {
        ROWS
    } else if height > FEW_ROWS {
        FEW_ROWS
    } else {
        0
    }
}

impl Picture<'_> {
    pub(super) fn render(&self, area: Rect, buffer: &mut Buffer) {
        if area.height < ROWS {
            return self.few(area, buffer);
        }
        let parts = [1, 1, 6, 1, 1, 1].map(Constraint::Length);
        let [title, bar, figures, standing, errors, limit] = Layout::vertical(parts).areas(area);
        self.title().render(title, buffer);
        self.bar(bar, buffer);
        self.figures(figures, buffer);
        self.standing().render(standing, buffer);
        self.errors().render(errors, buffer);
        self.limit().render(limit, buffer);
    }

    fn few(&self, area: Rect, buffer: &mut Buffer) {
        let [bar, figures, errors] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
        self.bar(bar, buffer);
        self.in_short().render(figures, buffer);
        let last = if self.progress.limit().is_some() { self.limit() } else { self.errors() };
        last.render(errors, buffer);
    }

    fn title(&self) -> Line<'static> {
        let script = &self.plan.script;
        let urls = script.urls();
        let first = urls.first().map_or("", |url| url.as_str());
        let more = if urls.len() > 1 { format!(" and {} more", urls.len() - 1) } else { String::new() };
        Line::from(vec![
            Span::styled(script.method().to_string(), bold()),
            Span::raw(format!(" {first}{more}, ")),
            Span::raw(load(self.plan)),
        ])
    }

    fn bar(&self, area: Rect, buffer: &mut Buffer) {
        let gauge = LineGauge::default()
            .label(self.so_far())
            .ratio(self.share())
            .filled_symbol("━")
            .unfilled_symbol("─")
            .filled_style(Style::new().fg(Color::Cyan))
            .unfilled_style(dim());
        gauge.render(area, buffer);
    }

    /// Of the run that is over, 0 to 1.
    fn share(&self) -> f64 {
        let of = match (self.plan.lasts(), self.plan.own_requests()) {
            (Some(lasts), _) => self.elapsed.as_secs_f64() / lasts.as_secs_f64(),
            (None, Some(limit)) => self.progress.done() as f64 / limit as f64,
            (None, None) => 0.0,
        };
        if of.is_nan() { 0.0 } else { of.clamp(0.0, 1.0) }
    }

    fn so_far(&self) -> String {
        let done = grouped(self.progress.done());
        let time = clock(self.elapsed);
        let warming = self.plan.warm_up.is_some_and(|warm_up| self.elapsed < warm_up);
        let warming = if warming { ", warming up" } else { "" };
        match (self.plan.lasts(), self.plan.own_requests()) {
            (Some(lasts), _) => format!("{time} of {}, {done} requests{warming} ", clock(lasts)),
            (None, Some(limit)) => format!("{time}, {done} of {} requests{warming} ", grouped(limit)),
            (None, None) => format!("{time}, {done} requests{warming} "),
        }
    }

    fn figures(&self, area: Rect, buffer: &mut Buffer) {
        let graph = area.width.checked_sub(TABLE + 2).filter(|left| *left >= GRAPH);
        let parts =
            [Constraint::Length(TABLE), Constraint::Length(2), Constraint::Length(graph.unwrap_or(0))];
        let [table, _, graphs] = Layout::horizontal(parts).areas(area);
        self.table().render(table, buffer);
        if graph.is_some() {
            self.graphs(graphs, buffer);
        }
    }

    fn table(&self) -> Table<'static> {
        let (last, whole) = (self.progress.last(), self.progress.whole());
        let shown = self.lines().iter().map(|(name, figure)| {
            let cells = [last, whole].map(|it| it.and_then(figure).unwrap_or_else(|| NOTHING.to_owned()));
            Row::new(std::iter::once(Line::from(*name)).chain(cells.map(|it| Line::from(it).right_aligned())))
        });
        let header = Row::new(["", "last second", "all"].map(|it| Line::from(it).right_aligned()));
        let widths = [Constraint::Length(13), Constraint::Length(12), Constraint::Length(13)];
        Table::new(shown, widths).header(header.style(dim()))
    }

    /// Lag is what the load generator makes of a schedule, so that there is none without one.
    fn lines(&self) -> &'static [Figure] {
        if matches!(self.plan.load, Load::Open { .. }) { &FIGURES } else { &FIGURES[..FIGURES.len() - 1] }
    }

    fn graphs(&self, area: Rect, buffer: &mut Buffer) {
        let minute: Vec<Second> = self.progress.minute().collect();
        let shown = &minute[minute.len().saturating_sub(usize::from(area.width))..];
        let successes: Vec<u64> = shown.iter().map(|second| second.successes).collect();
        let p99: Vec<u64> = shown.iter().map(|second| nanos(second.p99)).collect();
        let most = |values: &[u64]| values.iter().copied().max().unwrap_or(0);
        let throughput = format!("throughput, up to {}", per_second(most(&successes) as f64));
        let slowest = format!("p99, up to {} ms", millis(Duration::from_nanos(most(&p99))));
        let parts = [1, 2, 1, 2].map(Constraint::Length);
        let [above, upper, between, lower] = Layout::vertical(parts).areas(area);
        Line::styled(throughput, dim()).render(above, buffer);
        graph(&successes, Color::Green).render(upper, buffer);
        Line::styled(slowest, dim()).render(between, buffer);
        graph(&p99, Color::Magenta).render(lower, buffer);
    }

    fn standing(&self) -> Line<'static> {
        let standing = self.progress.standing();
        let mut parts = vec![format!("in flight {}", grouped(standing.in_flight))];
        if matches!(self.plan.load, Load::Open { .. }) {
            parts.push(format!("waiting for a connection {}", grouped(standing.waiting)));
        }
        parts.push(format!("connections opened {}", grouped(standing.connections)));
        parts.extend(self.progress.utilisation().map(|it| format!("own CPU {:.0} %", 100.0 * it)));
        Line::from(parts.join(", "))
    }

    fn errors(&self) -> Line<'static> {
        errors(self.progress).map_or_else(
            || Line::styled("no errors", dim()),
            |errors| Line::styled(errors, Style::new().fg(Color::Red)),
        )
    }

    fn limit(&self) -> Line<'static> {
        let told = |why| format!("The load generator is the limit: {why}");
        let style = bold().fg(Color::Yellow);
        self.progress.limit().map_or_else(Line::default, |why| Line::styled(told(why), style))
    }

    fn in_short(&self) -> Line<'static> {
        let Some(last) = self.progress.last() else { return Line::default() };
        let times = last.response.map_or_else(String::new, |[p50, _, p99]| {
            format!(", p50 {} ms, p99 {} ms", at_least(p50), at_least(p99))
        });
        Line::from(format!("{}{times}", per_second(last.throughput)))
    }
}

/// A line of the table: its name, and what stands in it.
type Figure = (&'static str, fn(Figures) -> Option<String>);

const FIGURES: [Figure; 5] = [
    ("throughput", |it| Some(per_second(it.throughput))),
    ("p50 in ms", |it| Some(at_least(it.response?[0]))),
    ("p90 in ms", |it| Some(at_least(it.response?[1]))),
    ("p99 in ms", |it| Some(at_least(it.response?[2]))),
    ("lag p99 in ms", |it| it.lag.map(millis)),
];

/// What was asked for.
fn load(plan: &Plan) -> String {
    let whole = match &plan.load {
        Load::Closed { .. } => format!("{} connections", grouped(plan.connections as u64)),
        Load::Open { rate: Profile::Constant(rate), .. } => {
            format!("at {}/s", rate.as_per_second())
        }
        Load::Open { rate: Profile::Stages(_), .. } => "in stages".to_owned(),
    };
    if plan.share.is_part() { format!("{whole}, of it shard {}", plan.share) } else { whole }
}

fn nanos(time: Option<Duration>) -> u64 {
    time.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

fn graph(values: &[u64], colour: Color) -> Sparkline<'_> {
    Sparkline::default().data(values).style(Style::new().fg(colour))
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}
