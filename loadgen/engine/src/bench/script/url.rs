//! URLs with placeholders in their paths. Owns where the path begins, and that nothing else has placeholders.

use http::uri::PathAndQuery;

use crate::bench::template::{Lines, Place, Template, TemplateError, parse};
use crate::target::{Target, TargetError};

/// Why a URL cannot be requested.
#[derive(Debug, thiserror::Error)]
pub(in crate::bench) enum UrlError {
    #[error("{0}")]
    Target(#[from] TargetError),
    #[error("{0}")]
    Template(#[from] TemplateError),
    #[error("a host has no placeholders; give one URL for each host, or --urls-from")]
    Host,
}

/// Where `text` leads to, and its path; with `lines`, it may have placeholders in that.
pub(in crate::bench) fn parse_url(
    text: &str,
    lines: Option<&mut Lines>,
) -> Result<(Target, Template), UrlError> {
    let Some(lines) = lines else {
        let target: Target = text.parse()?;
        let path = Template::literal(target.path());
        return Ok((target, path));
    };
    let (origin, path) = text.split_at(path_start(text));
    if origin.contains("{{") {
        return Err(UrlError::Host);
    }
    let target = origin.parse()?;
    let mut path = parse(path.as_bytes(), Place::Path, lines)?.until(b'#');
    for literal in path.literals() {
        let literal = String::from_utf8_lossy(literal);
        PathAndQuery::try_from(format!("/{literal}")).map_err(|_| TargetError::Path(literal.into_owned()))?;
    }
    if !path.starts_with(b"/") {
        let rest = std::mem::replace(&mut path, Template::literal("/"));
        path.append(rest);
    }
    Ok((target, path))
}

/// The first slash or question mark that does not belong to the scheme.
fn path_start(text: &str) -> usize {
    let host = match text.find("://") {
        Some(end) if !text[..end].contains(['/', '{']) => end + 3,
        _ => 0,
    };
    text[host..].find(['/', '?']).map_or(text.len(), |at| host + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::template::Draw;

    fn path(text: &str) -> Result<(String, String), String> {
        let (target, path) =
            parse_url(text, Some(&mut Lines::default())).map_err(|error| error.to_string())?;
        let mut out = Vec::new();
        path.render(&mut Draw::new(1, 7), &mut out);
        Ok((target.authority().to_owned(), String::from_utf8(out).unwrap()))
    }

    #[test]
    fn paths_have_placeholders_and_what_is_before_them_has_none() {
        for (text, authority, filled) in [
            ("http://h:81/{{counter}}/x?q={{counter 10}}#part", "h:81", "/7/x?q=17"),
            ("h", "h", "/"),
            (":80?{{counter}}", "localhost", "/?7"),
            ("h/{{pick ü|ü}}", "h", "/%C3%BC"),
            ("h/to?u=http://{{counter}}", "h", "/to?u=http://7"),
            ("h/a#b{{counter}}", "h", "/a"),
        ] {
            assert_eq!(path(text), Ok((authority.to_owned(), filled.to_owned())), "{text}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("{{uuid}}/x", "a host has no placeholders"),
            ("http://h{{uuid}}/x", "a host has no placeholders"),
            ("h/{{nothing}}", "is no placeholder"),
            ("h/two words{{uuid}}", "is no path"),
            ("/{{uuid}}", "no host"),
        ] {
            let error = path(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn without_templates_braces_are_braces() {
        let (_, path) = parse_url("h/{{uuid}}", None).unwrap();
        assert_eq!(path.as_literal(), Some(&b"/{{uuid}}"[..]));
    }
}
