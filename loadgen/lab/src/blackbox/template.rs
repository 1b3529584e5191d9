//! Commands and URLs with places to fill in, such as `{port}`. What stands in braces and is no single word, or has a `$`
//! before it, is the shell's.

use std::fmt;

/// Text and places, in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(String),
}

impl Template {
    /// Finds the places in `text`.
    pub(super) fn new(text: &str) -> Self {
        let (mut parts, mut rest, mut plain) = (Vec::new(), text, String::new());
        while let Some(open) = rest.find('{') {
            let (before, braced) = rest.split_at(open);
            plain.push_str(before);
            let word = braced.find('}').map(|close| &braced[1..close]).filter(|word| is_name(word));
            let Some(word) = word.filter(|_| !plain.ends_with('$')) else {
                plain.push('{');
                rest = &braced[1..];
                continue;
            };
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Place(word.to_owned()));
            rest = &braced[word.len() + 2..];
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Self(parts)
    }

    /// What stands in braces, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Place(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with each place filled in; one that `value` knows nothing of stays as it is.
    pub(super) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Place(name) => value(name).unwrap_or_else(|| format!("{{{name}}}")),
        };
        self.0.iter().map(part).collect()
    }
}

/// As it was written.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fill(|_| None))
    }
}

/// Whether `word` can be the name of a place or a service.
pub(super) fn is_name(word: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_single_words_and_the_rest_is_the_shell_s() {
        let text = "x={port} ${HOME} awk '{print $1}' {a,b} {database} {";
        let template = Template::new(text);
        assert_eq!(template.places().collect::<Vec<_>>(), ["port", "database"]);
        assert_eq!(template.to_string(), text);
        let filled = template.fill(|name| (name == "port").then(|| "80".to_owned()));
        assert_eq!(filled, "x=80 ${HOME} awk '{print $1}' {a,b} {database} {");
    }
}
