//! Headers as they are typed. Owns the reading of `NAME: VALUE`, and what names a user.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Name, in lower case, and value.
pub(crate) fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME: VALUE, such as 'Accept: text/plain'")?;
    let name = http::HeaderName::try_from(name.trim()).map_err(|_| format!("`{name}` is no header name"))?;
    let value = value.trim();
    http::HeaderValue::from_str(value).map_err(|_| format!("`{value}` cannot be sent in a header"))?;
    Ok((name.as_str().to_owned(), value.to_owned()))
}

/// The header that names a user, `USER:PASSWORD` (RFC 7617).
pub(crate) fn basic(user: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(user))
}
