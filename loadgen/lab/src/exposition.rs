//! Prometheus' text format, as anybody writes it: label values may hold anything, and samples may have a timestamp.
//!
//! Source: "Exposition formats", text-based format 0.0.4, of Prometheus' documentation.

/// Pairs of a label and its value.
pub(crate) type Labels = Vec<(String, String)>;

/// The samples of `text`; lines that are none are passed over.
pub(crate) fn samples(text: &str) -> impl Iterator<Item = Sample<'_>> {
    text.lines().filter_map(Sample::parse)
}

/// The sum over the series of `metric` that carry all of `labels`; `None` if there is none.
pub(crate) fn sum(text: &str, metric: &str, labels: &[(String, String)]) -> Option<f64> {
    let mut sum = None;
    for sample in samples(text).filter(|it| it.metric == metric) {
        if labels.iter().all(|wanted| sample.labels.contains(wanted)) {
            sum = Some(sum.unwrap_or(0.0) + sample.value);
        }
    }
    sum
}

/// One line of it.
pub(crate) struct Sample<'a> {
    pub(crate) metric: &'a str,
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

impl<'a> Sample<'a> {
    /// `None` for comments and for what is no sample.
    fn parse(line: &'a str) -> Option<Self> {
        let line = line.trim();
        let end = line.find(['{', ' ', '\t'])?;
        let (metric, mut rest) = line.split_at(end);
        let mut labels = Vec::new();
        if let Some(inside) = rest.strip_prefix('{') {
            (labels, rest) = pairs(inside)?;
        }
        let value = rest.split_whitespace().next()?.parse().ok()?;
        (!metric.starts_with('#')).then_some(Self { metric, labels, value })
    }
}

/// `key="value"` pairs up to the closing brace, and what follows it.
fn pairs(mut rest: &str) -> Option<(Labels, &str)> {
    let mut pairs = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((pairs, after));
        }
        let (key, quoted) = rest.split_once('=')?;
        let (value, after) = string(quoted.trim_start().strip_prefix('"')?)?;
        pairs.push((key.trim().to_owned(), value));
        rest = after;
    }
}

/// A string up to its closing quote, without its escapes, and what follows it.
fn string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# TYPE requests_total counter
requests_total{code="200",path="/a,b}"} 3 1700000000000
requests_total{code="200", path="say \"hi\"\\"} 4
requests_total{code="500",} 1
requests_total_seconds 9
plain 1.5e3
broken{code="2
"#;

    #[test]
    fn series_with_all_labels_are_summed() {
        let of = |metric: &str, labels: &[(&str, &str)]| {
            let labels: Vec<_> = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            sum(TEXT, metric, &labels)
        };
        assert_eq!(of("requests_total", &[]), Some(8.0));
        assert_eq!(of("requests_total", &[("code", "200")]), Some(7.0));
        assert_eq!(of("requests_total", &[("code", "200"), ("path", "/a,b}")]), Some(3.0));
        assert_eq!(of("requests_total", &[("path", "say \"hi\"\\")]), Some(4.0));
        assert_eq!(of("requests_total", &[("code", "404")]), None);
        assert_eq!(of("plain", &[]), Some(1500.0));
        assert_eq!(of("broken", &[]), None);
        assert_eq!(of("#", &[]), None);
    }
}
