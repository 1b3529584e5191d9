//! `/chunked/N`: an answer of N bytes whose header does not tell how many, in chunks.

use dockercoins_kit::serve::Body;
use hyper::Response;

use crate::bytes::length;
use crate::filler::filler;

/// Small, so that a client has many of them to put together.
const CHUNK: usize = 1024;

/// The answer to `/chunked/{text}`; the error is one line.
pub(crate) fn answer(text: &str, limit: u64) -> Result<Response<Body>, String> {
    Ok(filler(length(text, limit)?).in_chunks(CHUNK).answer())
}
