//! Marks of measured points. Owns how many series can be told apart: by colour and by shape.

use maud::{Markup, html};

use super::at;

/// Colours of the style; as many shapes.
const KINDS: usize = 6;

/// How far a mark reaches from its middle.
const RADIUS: f64 = 7.0;

/// The colour of the `index`-th series.
pub(super) fn colour(index: usize) -> usize {
    index % KINDS
}

/// A mark of the `index`-th series; `hint` is shown to whoever points at it.
pub(super) fn mark(index: usize, (x, y): (f64, f64), hint: &str) -> Markup {
    let class = format!("mark fill{}", colour(index));
    html! { path class=(class) d=(path(shape(index), x, y)) { @if !hint.is_empty() { title { (hint) } } } }
}

/// The same, of something that was not measured.
pub(super) fn hollow(index: usize, (x, y): (f64, f64), hint: &str) -> Markup {
    let class = format!("hollow line{}", colour(index));
    html! { path class=(class) d=(path(shape(index), x, y)) { @if !hint.is_empty() { title { (hint) } } } }
}

/// The `index`-th series has a shape of its own, and beyond the last colour one that this colour had not.
fn shape(index: usize) -> usize {
    (index + index / KINDS) % KINDS
}

fn path(shape: usize, x: f64, y: f64) -> String {
    let corners = |corners: &[(f64, f64)]| {
        let points: Vec<String> = corners
            .iter()
            .map(|(dx, dy)| format!("{} {}", at(x + dx * RADIUS), at(y + dy * RADIUS)))
            .collect();
        format!("M{}Z", points.join("L"))
    };
    match shape {
        0 => format!(
            "M{} {}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z",
            at(x - 0.9 * RADIUS),
            at(y),
            r = at(0.9 * RADIUS),
            d = at(1.8 * RADIUS)
        ),
        1 => corners(&[(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]),
        2 => corners(&[(0.0, -1.1), (1.0, 0.8), (-1.0, 0.8)]),
        3 => corners(&[(0.0, -1.15), (1.15, 0.0), (0.0, 1.15), (-1.15, 0.0)]),
        4 => corners(&[(0.0, 1.1), (1.0, -0.8), (-1.0, -0.8)]),
        _ => corners(&[
            (-0.35, -1.0),
            (0.35, -1.0),
            (0.35, -0.35),
            (1.0, -0.35),
            (1.0, 0.35),
            (0.35, 0.35),
            (0.35, 1.0),
            (-0.35, 1.0),
            (-0.35, 0.35),
            (-1.0, 0.35),
            (-1.0, -0.35),
            (-0.35, -0.35),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn thirty_six_series_differ_and_neighbours_differ_by_shape_as_well() {
        let looks: BTreeSet<(usize, usize)> =
            (0..KINDS * KINDS).map(|index| (colour(index), shape(index))).collect();
        assert_eq!(looks.len(), KINDS * KINDS);
        assert!((0..KINDS * KINDS).all(|index| shape(index) != shape(index + 1)));
    }
}
