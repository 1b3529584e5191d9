//! The picture: response times over time, a line a target, and the numbers below. A pure function of what is known.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, Paragraph, Row, Table};

use crate::ping::tally::Tally;
use crate::ping::words::millis;

use super::history::{History, Mark};
use super::scale::ceiling;

const COLOURS: [Color; 6] =
    [Color::Green, Color::Yellow, Color::Cyan, Color::Magenta, Color::Blue, Color::White];

/// Before that the graph would only wriggle.
const SHORTEST: Duration = Duration::from_secs(5);

/// All that is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picture<'a> {
    pub(super) names: &'a [String],
    pub(super) tallies: &'a [Tally],
    pub(super) histories: &'a [History],
    /// Since the start.
    pub(super) now: Duration,
    /// How much of the past is shown.
    pub(super) window: Duration,
    pub(super) halted: bool,
    pub(super) colours: bool,
}

/// One target's part of the graph.
struct Curve {
    name: usize,
    answered: Vec<(f64, f64)>,
    failed: Vec<(f64, f64)>,
}

pub(super) fn draw(frame: &mut Frame<'_>, picture: &Picture<'_>) {
    let rows = u16::try_from(picture.names.len() + 1).unwrap_or(u16::MAX).min(frame.area().height / 2);
    let parts = [Constraint::Min(0), Constraint::Length(rows), Constraint::Length(1)];
    let [graph, numbers, keys] = Layout::vertical(parts).areas(frame.area());
    draw_graph(frame, graph, picture);
    draw_numbers(frame, numbers, picture);
    let halted = if picture.halted { "h goes on (pings do all the time)" } else { "h halts the picture" };
    frame.render_widget(Paragraph::new(format!("q leaves, {halted}")).style(dim()), keys);
}

fn draw_graph(frame: &mut Frame<'_>, area: Rect, picture: &Picture<'_>) {
    let span = picture.now.clamp(SHORTEST.min(picture.window), picture.window);
    let since = picture.now.saturating_sub(span);
    let curves: Vec<_> =
        picture.histories.iter().enumerate().map(|(name, h)| Curve::new(name, h, since)).collect();
    let highest = curves.iter().flat_map(Curve::times).fold(0.0, f64::max);
    let top = ceiling(highest);
    let datasets = curves.iter().flat_map(|curve| curve.datasets(picture.colours)).collect();
    let chart = Chart::new(datasets)
        .block(Block::bordered().title(" response time "))
        .legend_position(None)
        .x_axis(times(since, span))
        .y_axis(Axis::default().bounds([0.0, top]).labels([label(0.0), label(top / 2.0), label(top)]));
    frame.render_widget(chart, area);
}

/// The axis of the last `span`, which began at `since`.
fn times(since: Duration, span: Duration) -> Axis<'static> {
    let from = since.as_secs_f64();
    let digits = usize::from(span < 2 * SHORTEST);
    let ago = |part: f64| Line::from(format!("-{:.digits$} s", span.as_secs_f64() * part));
    Axis::default().bounds([from, from + span.as_secs_f64()]).labels([ago(1.0), ago(0.5), Line::from("now")])
}

/// A label of the axis of response times.
fn label(millis: f64) -> Line<'static> {
    let digits = if millis >= 10.0 || millis == 0.0 { 0 } else { 2 };
    Line::from(format!("{millis:.digits$} ms"))
}

impl Curve {
    fn new(name: usize, history: &History, since: Duration) -> Self {
        let points = |mark| history.points(mark, since);
        Self { name, answered: points(Mark::Answered), failed: points(Mark::Failed) }
    }

    fn times(&self) -> impl Iterator<Item = f64> {
        self.answered.iter().chain(&self.failed).map(|(_, millis)| *millis)
    }

    fn datasets(&self, colours: bool) -> [Dataset<'_>; 2] {
        let line = Dataset::default()
            .marker(if colours { Marker::Braille } else { MARKERS[self.name % MARKERS.len()] })
            .graph_type(GraphType::Line)
            .style(style(self.name, colours))
            .data(&self.answered);
        let failed = Dataset::default()
            .marker(Marker::Custom('x'))
            .graph_type(GraphType::Scatter)
            .style(if colours { Style::new().fg(Color::Red) } else { Style::new() })
            .data(&self.failed);
        [line, failed]
    }
}

/// What tells lines apart without colours.
const MARKERS: [Marker; 4] = [Marker::Braille, Marker::Dot, Marker::Block, Marker::Bar];

/// The same, as they stand before the names.
const SIGNS: [&str; 4] = ["⣿", "•", "█", "▄"];

fn style(target: usize, colours: bool) -> Style {
    if colours { Style::new().fg(COLOURS[target % COLOURS.len()]) } else { Style::new() }
}

fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// What stands in a column, and how it is titled.
type Column = (&'static str, fn(&Tally) -> String);

const COLUMNS: [Column; 8] = [
    ("last ms", |tally| time(tally.last())),
    ("min", |tally| time(tally.round_trip().map(|[min, _, _]| min))),
    ("avg", |tally| time(tally.round_trip().map(|[_, mean, _]| mean))),
    ("max", |tally| time(tally.round_trip().map(|[_, _, max]| max))),
    ("p99", |tally| time(tally.quantile(0.99))),
    ("sent", |tally| tally.sent().to_string()),
    ("ok", |tally| tally.successes().to_string()),
    ("failed", |tally| tally.failed().to_string()),
];

/// Those that stay where there is no room for all.
const ESSENTIAL: [usize; 3] = [0, 2, 7];

/// The narrowest terminal that has room for a name and all columns.
const ROOMY: u16 = 92;

fn draw_numbers(frame: &mut Frame<'_>, area: Rect, picture: &Picture<'_>) {
    let columns: Vec<Column> =
        if area.width >= ROOMY { COLUMNS.to_vec() } else { ESSENTIAL.map(|column| COLUMNS[column]).to_vec() };
    let rows = picture.tallies.iter().enumerate().map(|(target, tally)| {
        let numbers = columns.iter().map(|(_, number)| Line::from(number(tally)).right_aligned());
        Row::new(std::iter::once(label_of(target, picture)).chain(numbers))
    });
    let titles = columns.iter().map(|(title, _)| Line::from(*title).right_aligned());
    let header = Row::new(std::iter::once(Line::from("")).chain(titles)).style(dim());
    let widths = std::iter::once(Constraint::Fill(1)).chain(columns.iter().map(|_| Constraint::Length(8)));
    frame.render_widget(Table::new(rows, widths).header(header), area);
}

fn label_of(target: usize, picture: &Picture<'_>) -> Line<'static> {
    let sign = if picture.colours { "●" } else { SIGNS[target % SIGNS.len()] };
    let name = picture.names[target].clone();
    Line::from(vec![Span::styled(sign, style(target, picture.colours)), Span::raw(" "), Span::raw(name)])
}

fn time(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.2}", millis(time)))
}
