//! Any bytes as an `ops.toml`.

use super::{
    hidden::{outputs, shown},
    SECRET,
};
use ops_config::source::{Sources, Texts};

/// It is valid or refused for reasons at their places, nothing panics, and of secrets written
/// before it none is shown.
pub fn judge(data: &[u8]) {
    let said = |bytes: Vec<u8>| outputs(&Sources::from_file("ops.toml"), Texts::from_bytes("ops.toml", bytes));
    said(data.to_vec());
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains(SECRET) {
        return;
    }
    let planted = format!(
        "admin.token = \"{SECRET}\"\npools.planted.url = \"sqlite://ops:{SECRET}@db/main\"\n\
         observability.otlp_headers = {{ authorization = '{SECRET}' }}\n{text}"
    );
    assert_eq!(shown(&said(planted.into_bytes()), SECRET), None);
}
