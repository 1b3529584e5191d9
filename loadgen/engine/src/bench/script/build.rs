//! From flags to a script. Owns reading the files, and saying which flag or line is wrong.

use std::path::{Path, PathBuf};

use crate::bench::args::RequestArgs;
use crate::bench::request::{Form, has};
use crate::bench::template::{self, Lines, LinesError, Place, Template, TemplateError, read_lines};
use crate::header::basic;
use crate::target::Target;

use super::url::{UrlError, parse_url};
use super::{Content, Request, Script, end};

/// Why there is nothing to send.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ScriptError(#[from] Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("cannot read {}: {source}; give another --body-file", path.display())]
    BodyFile { path: PathBuf, source: std::io::Error },
    #[error("{flag}: {source}")]
    Lines { flag: &'static str, source: LinesError },
    #[error("--urls-from: there is no URL in {}: put at least one line into it", .0.display())]
    NoUrl(PathBuf),
    #[error("{place}: {source}")]
    Url { place: String, source: UrlError },
    #[error("{place}: {source}")]
    Template { place: String, source: TemplateError },
    #[error("{flag} {value:?} cannot be sent in a header: leave out line breaks and the like")]
    Header { flag: &'static str, value: String },
}

/// The script that `args` ask for. Reads the files that they name.
pub(in crate::bench) fn build(
    args: &RequestArgs,
    seed: u64,
    keep_alive: bool,
) -> Result<Script, ScriptError> {
    let mut builder = Builder { args, lines: Lines::default() };
    let headers = builder.headers()?;
    let bodies = builder.bodies()?;
    let mut script = Script {
        method: args.method.clone(),
        origins: Vec::new(),
        urls: Vec::new(),
        requests: Vec::new(),
        adds_length: !has(&headers, "content-length") && !has(&headers, "transfer-encoding"),
        bodies,
        seed,
        redirects: args.redirects,
    };
    for (place, url) in builder.urls()? {
        let (target, path) = builder.url(place, &url)?;
        let host = args.host.as_deref().unwrap_or(target.authority());
        let head = Form { method: &args.method, path, host, headers: &headers, keep_alive }.head();
        script.add(target, url, head);
    }
    Ok(script)
}

impl Script {
    fn add(&mut self, target: Target, url: String, head: Template) {
        let known = self.origins.iter().position(|known| known.is_same_origin(&target));
        let origin = known.unwrap_or(self.origins.len());
        if known.is_none() {
            self.origins.push(target);
        }
        self.urls.push(url);
        self.requests.push(Request { origin, content: self.content(head) });
    }

    /// What is the same for each request is put together now.
    fn content(&self, head: Template) -> Content {
        let (Some(text), [] | [_]) = (head.as_literal(), self.bodies.as_slice()) else {
            return Content::Head(head);
        };
        let mut whole = text.to_vec();
        match self.bodies.first().map(Template::as_literal) {
            Some(Some(body)) => end(&mut whole, body, self.adds_length),
            None => whole.extend_from_slice(b"\r\n"),
            Some(None) => return Content::Head(head),
        }
        Content::Whole(whole)
    }
}

struct Builder<'a> {
    args: &'a RequestArgs,
    lines: Lines,
}

impl Builder<'_> {
    /// Each URL, with what to call it in an error.
    fn urls(&self) -> Result<Vec<(String, String)>, Cause> {
        let mut urls: Vec<_> =
            self.args.urls.iter().map(|url| (format!("URL {url:?}"), url.clone())).collect();
        if let Some(path) = &self.args.urls_from {
            urls.extend(urls_of(path)?);
        }
        Ok(urls)
    }

    fn url(&mut self, place: String, url: &str) -> Result<(Target, Template), Cause> {
        let lines = self.args.template.then_some(&mut self.lines);
        parse_url(url, lines).map_err(|source| Cause::Url { place, source })
    }

    fn headers(&mut self) -> Result<Vec<(String, Template)>, Cause> {
        let mut headers = Vec::new();
        for (name, value) in &self.args.headers {
            let template = self.template(value.as_bytes(), Place::Header, || format!("--header {name:?}"))?;
            headers.push((name.clone(), template));
        }
        check("--host", self.args.host.as_deref())?;
        for (flag, name, value) in [
            ("--content-type", "content-type", self.args.content_type.clone()),
            ("--accept", "accept", self.args.accept.clone()),
            ("--basic-auth", "authorization", self.args.basic_auth.as_deref().map(basic)),
        ] {
            check(flag, value.as_deref())?;
            headers.extend(value.map(|value| (name.to_owned(), Template::literal(value))));
        }
        Ok(headers)
    }

    fn bodies(&mut self) -> Result<Vec<Template>, Cause> {
        if let Some(path) = &self.args.bodies_from {
            let lines = read_lines(path).map_err(|source| Cause::Lines { flag: "--bodies-from", source })?;
            let place = |index: usize| format!("--bodies-from {}, line {}", path.display(), index + 1);
            let bodies = lines.iter().enumerate();
            return bodies.map(|(at, line)| self.template(line, Place::Body, || place(at))).collect();
        }
        let (flag, body) = match (&self.args.body, &self.args.body_file) {
            (Some(text), _) => ("--body", text.clone().into_bytes()),
            (None, Some(path)) => ("--body-file", read_body(path)?),
            (None, None) => return Ok(Vec::new()),
        };
        Ok(vec![self.template(&body, Place::Body, || flag.to_owned())?])
    }

    fn template(
        &mut self,
        text: &[u8],
        place: Place,
        named: impl FnOnce() -> String,
    ) -> Result<Template, Cause> {
        if !self.args.template {
            return Ok(Template::literal(text));
        }
        template::parse(text, place, &mut self.lines)
            .map_err(|source| Cause::Template { place: named(), source })
    }
}

/// The URLs in a file; empty lines and those that begin with `#` are none.
fn urls_of(path: &Path) -> Result<Vec<(String, String)>, Cause> {
    let mut urls = Vec::new();
    let lines = read_lines(path).map_err(|source| Cause::Lines { flag: "--urls-from", source })?;
    for (index, line) in lines.iter().enumerate() {
        let line = String::from_utf8_lossy(line);
        let url = line.trim();
        if !url.is_empty() && !url.starts_with('#') {
            urls.push((format!("--urls-from {}, line {}", path.display(), index + 1), url.to_owned()));
        }
    }
    if urls.is_empty() { Err(Cause::NoUrl(path.to_owned())) } else { Ok(urls) }
}

fn read_body(path: &Path) -> Result<Vec<u8>, Cause> {
    std::fs::read(path).map_err(|source| Cause::BodyFile { path: path.to_owned(), source })
}

fn check(flag: &'static str, value: Option<&str>) -> Result<(), Cause> {
    match value {
        Some(value) if http::HeaderValue::from_str(value).is_err() => {
            Err(Cause::Header { flag, value: value.to_owned() })
        }
        _ => Ok(()),
    }
}
