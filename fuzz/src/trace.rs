//! Any trace headers, each on a line of its own.
//!
//! ```text
//! traceparent: 00-12345678901234567890123456789012-1234567890123456-01
//! tracestate: foo=1,bar=2
//! ```

use http::{HeaderMap, HeaderName, HeaderValue};

#[path = "../../ops-layer/tests/oracle/headers.rs"]
mod oracle;

/// They are read by the grammar, and handed on as they came.
pub fn judge(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let known = ["traceparent", "tracestate"];
        let named =
            known.into_iter().find_map(|name| Some((name, line.strip_prefix(name.as_bytes())?.strip_prefix(b":")?)));
        // As over HTTP: what no header can hold does not come in.
        if let Some((name, Ok(value))) = named.map(|(name, value)| (name, HeaderValue::from_bytes(value))) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    oracle::check(&headers);
}
