//! `/status/CODE`: an answer with that status.

use dockercoins_kit::serve::{Body, text};
use hyper::header::{HeaderValue, LOCATION};
use hyper::{Response, StatusCode};

/// The answer to `/status/{code}`; the error is one line. A redirect leads to `/`.
pub(crate) fn answer(code: &str) -> Result<Response<Body>, String> {
    let status = status(code)?;
    let mut response = text(status, line(status));
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
    }
    Ok(response)
}

/// Those below 200 are no answers yet.
fn status(code: &str) -> Result<StatusCode, String> {
    let number = code.parse::<u16>().ok().filter(|code| (200..600).contains(code));
    number.and_then(|number| StatusCode::from_u16(number).ok()).ok_or_else(|| {
        format!("`{code}` is no status to answer with; ask for one from 200 to 599, such as 503")
    })
}

/// The status in words; nothing where HTTP forbids a body.
fn line(status: StatusCode) -> String {
    match status {
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED => String::new(),
        // "503 Service Unavailable"
        _ => format!("{status}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_answered_in_words() {
        assert_eq!(line(status("503").unwrap()), "503 Service Unavailable\n");
        assert_eq!(line(status("204").unwrap()), "");
        assert_eq!(answer("302").unwrap().headers()[LOCATION], "/");
        assert!(answer("304").unwrap().headers().get(LOCATION).is_none());
    }

    #[test]
    fn what_is_no_final_status_is_refused_with_the_remedy() {
        for code in ["", "abc", "100", "199", "600", "99999", "-1"] {
            assert!(status(code).unwrap_err().contains("from 200 to 599"), "{code}");
        }
    }
}
