//! Where throughput is read, and URLs in general.

use loadgen_engine::target::{Scheme, Target};
use toml::Spanned;

use super::Checker;
use super::places::Known;
use crate::blackbox::file;
use crate::blackbox::location::Located;
use crate::blackbox::plan::Counter;
use crate::blackbox::template::Template;

/// What the load generator's URL is called; it alone may be https://.
const LOAD: &str = "load.url";

impl Checker<'_> {
    pub(super) fn counter(
        &self,
        written: &Spanned<file::Throughput>,
        known: Known<'_>,
    ) -> Result<Counter, Located> {
        let url = |url: &Spanned<String>| self.url(url, url.get_ref(), "url", known);
        let file::Throughput { json, prometheus, redis, load } = written.get_ref();
        match (json, prometheus, redis, load) {
            (Some(it), None, None, None) => {
                Ok(Counter::Json { url: url(&it.url)?, pointer: self.pointer(&it.pointer)? })
            }
            (None, Some(it), None, None) => Ok(Counter::Prometheus {
                url: url(&it.url)?,
                metric: it.metric.clone(),
                labels: it.labels.clone().into_iter().collect(),
            }),
            (None, None, Some(it), None) => {
                let template = self.template(&it.url, "url", known)?;
                if !it.url.get_ref().starts_with("redis://") {
                    return Err(
                        self.at(&it.url, "`url` must be one of Redis, such as \"redis://localhost:6379\"")
                    );
                }
                Ok(Counter::Redis { url: template, key: it.key.clone() })
            }
            (None, None, None, Some(it)) => Ok(Counter::Load {
                url: self.url(&it.url, it.url.get_ref(), LOAD, known)?,
                method: it.method.as_ref().map(|method| self.method(method)).transpose()?,
                body: it.body.clone(),
            }),
            _ => {
                let message = "`throughput` must be exactly one of `json`, `prometheus`, `redis` and `load`";
                Err(self.at(written, message))
            }
        }
    }

    /// RFC 6901: each part begins with a slash; a tilde in one is `~0`, a slash `~1`.
    fn pointer(&self, written: &Spanned<String>) -> Result<String, Located> {
        let pointer = written.get_ref();
        if !pointer.starts_with('/') {
            return Err(self.at(written, format!("`pointer` must begin with a slash: write \"/{pointer}\"")));
        }
        if pointer.split('~').skip(1).any(|after| !after.starts_with(['0', '1'])) {
            return Err(self.at(written, "`pointer`: write ~0 for a tilde in a key, and ~1 for a slash"));
        }
        Ok(pointer.clone())
    }

    fn method(&self, written: &Spanned<String>) -> Result<String, Located> {
        let method = written.get_ref();
        if !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase()) {
            return Ok(method.clone());
        }
        Err(self.at(written, "`method` must be one such as \"GET\" or \"POST\""))
    }

    /// `text`, which is part of `written`, as a URL with places.
    pub(super) fn url<T>(
        &self,
        written: &Spanned<T>,
        text: &str,
        key: &str,
        known: Known<'_>,
    ) -> Result<Template, Located> {
        let spanned = Spanned::new(written.span(), text.to_owned());
        let template = self.template(&spanned, key, known)?;
        // A number stands for a port, a name for the address of a service.
        let example = template.fill(|place| match place {
            "port" | "index" => Some("1".to_owned()),
            _ => Some("127.0.0.1:1".to_owned()),
        });
        let read: Result<Target, _> = example.parse();
        match read {
            Ok(target) if target.scheme() == Scheme::Http || key == LOAD => Ok(template),
            Ok(_) => {
                Err(self.at(written, format!("`{key}`: only the load generator speaks https://: {text}")))
            }
            Err(error) => Err(self.at(written, format!("`{key}`: {text}: {error}"))),
        }
    }
}
