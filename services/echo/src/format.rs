//! Text or JSON, and who asked for which: the URL before the header, and the header before the setting.

use hyper::HeaderMap;
use hyper::header::ACCEPT;

/// How what was received is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

impl Format {
    /// The format for a request with this `query` and these `headers`.
    pub(crate) fn wanted(query: Option<&str>, headers: &HeaderMap, otherwise: Self) -> Self {
        query.and_then(of_query).or_else(|| of_accept(headers)).unwrap_or(otherwise)
    }
}

fn of_query(query: &str) -> Option<Format> {
    query.split('&').find_map(|pair| match pair {
        "format=json" => Some(Format::Json),
        "format=text" => Some(Format::Text),
        _ => None,
    })
}

/// The first type that is one of ours; weights are left alone, since nobody who asks for JSON gives it the lesser one.
fn of_accept(headers: &HeaderMap) -> Option<Format> {
    let accepted = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).find_map(|range| {
        match range.split(';').next().unwrap_or_default().trim() {
            "application/json" => Some(Format::Json),
            "text/plain" | "text/*" => Some(Format::Text),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(query: Option<&str>, accept: &[&str], otherwise: Format) -> Format {
        let accept = accept.iter().map(|value| (ACCEPT, value.parse().unwrap()));
        Format::wanted(query, &accept.collect(), otherwise)
    }

    #[test]
    fn the_url_comes_before_the_header_and_the_header_before_the_setting() {
        use Format::{Json, Text};
        for (query, accept, otherwise, format) in [
            (None, &[][..], Text, Text),
            (None, &["*/*"], Json, Json),
            (None, &["application/json"], Text, Json),
            (None, &["text/html, application/json;q=0.9"], Text, Json),
            (None, &["text/html", "application/json"], Text, Json),
            (None, &["text/plain, application/json"], Json, Text),
            (Some("format=json"), &["text/plain"], Text, Json),
            (Some("a=1&format=text"), &["application/json"], Json, Text),
            (Some("format=odd&informat=json"), &[], Text, Text),
        ] {
            assert_eq!(wanted(query, accept, otherwise), format, "{query:?} {accept:?} {otherwise:?}");
        }
    }
}
