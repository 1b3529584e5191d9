//! Places in commands and URLs: which of them can be filled in where.

use toml::Spanned;

use super::{Checker, Services};
use crate::blackbox::location::Located;
use crate::blackbox::nearest::did_you_mean;
use crate::blackbox::template::Template;

/// Services that have an address of the lab's own: those whose children have a port to listen at.
pub(super) fn addresses(services: &Services) -> Vec<String> {
    let listens = |run: &Spanned<String>| Template::new(run.get_ref()).places().any(|place| place == "port");
    let listening =
        services.iter().filter(|(_, service)| service.get_ref().run.as_ref().is_some_and(listens));
    listening.map(|(name, _)| name.get_ref().clone()).collect()
}

/// The places that can be filled in.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// Services with an address of the lab's own.
    pub(super) runs: &'a [String],
    pub(super) own: Option<&'a [&'static str]>,
}

impl<'a> Known<'a> {
    pub(super) fn and(self, own: &'a [&'static str]) -> Self {
        Self { own: Some(own), ..self }
    }

    fn has(self, place: &str) -> bool {
        self.names().any(|name| name == place)
    }

    fn names(self) -> impl Iterator<Item = &'a str> {
        let own = self.own.unwrap_or_default().iter().copied();
        own.chain(["loadgen"]).chain(self.runs.iter().map(String::as_str))
    }
}

/// As it is written.
fn braced(place: &str) -> String {
    format!("{{{place}}}")
}

impl Checker<'_> {
    /// `text` as a template whose places are all known.
    pub(super) fn template(
        &self,
        text: &Spanned<String>,
        key: &str,
        known: Known<'_>,
    ) -> Result<Template, Located> {
        let template = Template::new(text.get_ref());
        if text.get_ref().trim().is_empty() {
            return Err(self
                .at(text, format!("`{key}` is empty: write there what it should be, or leave `{key}` out")));
        }
        let Some(place) = template.places().find(|place| !known.has(place)) else { return Ok(template) };
        let message = if self.names.iter().any(|name| name == place) {
            format!("`{key}`: {{{place}}} is no address: `{place}` has no `run` with a {{port}} to listen at")
        } else {
            let list: Vec<String> = known.names().map(braced).collect();
            format!(
                "`{key}`: {{{place}}} means nothing here: there are {}; for braces of the shell's write {{ {place} }}{}",
                list.join(", "),
                did_you_mean(place, known.names(), braced)
            )
        };
        Err(self.at(text, message))
    }
}
