//! What a log line says, for whoever reads it.

use opentelemetry::trace::{SpanId, TraceId};
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::{
    fmt,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};
use tracing::Level;

/// One log line of form `json`: parse a line, and this is what it says.
///
/// A line is one JSON object with these keys in this order; `event`, the ids, `fields` and `truncated`
/// are left out where there are none. It is at most 16 KiB long: what goes beyond is cut, which
/// shows as `…` where it happened and as `truncated`.
///
/// ```
/// use ops_layer::telemetry::log::LogEntry;
///
/// let line = r#"{"timestamp":"2023-11-14T22:13:20.123Z","level":"WARN","service":"shop","target":"shop::pay","message":"declined","fields":{"tries":3,"card_token":"********"}}"#;
/// let entry: LogEntry = line.parse()?;
/// assert_eq!(entry.message, "declined");
/// assert_eq!(entry.fields["tries"], 3);
/// assert_eq!(entry.to_string(), line);
/// # Ok::<(), ops_layer::telemetry::log::MalformedEntry>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// When, to the millisecond. RFC 3339 in UTC.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    pub timestamp: SystemTime,
    /// How bad it is.
    #[serde(serialize_with = "write_text", deserialize_with = "read_text")]
    pub level: Level,
    /// The service's name.
    pub service: String,
    /// The module that said it, or what it called itself.
    pub target: String,
    /// The event's name, if its author gave it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What happened.
    pub message: String,
    /// The trace of the request it belongs to, if any, sampled or not.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_id",
        deserialize_with = "read_id"
    )]
    pub trace_id: Option<TraceId>,
    /// The innermost span of that trace.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_id",
        deserialize_with = "read_id"
    )]
    pub span_id: Option<SpanId>,
    /// What the event's author added. Values under the names of secrets are masked; of a name that
    /// comes twice the later value is here.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// Whether something was cut because the line was too long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// A text is not a log line of form `json`.
#[derive(Debug, thiserror::Error)]
#[error("not a log line")]
pub struct MalformedEntry(#[from] serde_json::Error);

impl FromStr for LogEntry {
    type Err = MalformedEntry;

    fn from_str(line: &str) -> Result<Self, MalformedEntry> {
        Ok(serde_json::from_str(line)?)
    }
}

/// The line, without its line break.
impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

fn write_time<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = String::new();
    super::timestamp::Timestamp::default().write(*time, &mut text);
    serializer.serialize_str(&text)
}

fn read_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = humantime::parse_rfc3339(&text).map_err(de::Error::custom)?;
    Ok(time.max(UNIX_EPOCH))
}

fn write_text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn read_text<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// An id of so many hexadecimal digits.
trait Id: Sized + fmt::Display {
    const DIGITS: usize;
    fn parse(text: &str) -> Option<Self>;
}

impl Id for TraceId {
    const DIGITS: usize = 32;
    fn parse(text: &str) -> Option<Self> {
        Self::from_hex(text).ok()
    }
}

impl Id for SpanId {
    const DIGITS: usize = 16;
    fn parse(text: &str) -> Option<Self> {
        Self::from_hex(text).ok()
    }
}

#[expect(clippy::ref_option, reason = "serde hands a field over as it is")]
fn write_id<S: Serializer>(id: &Option<impl Id>, serializer: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => serializer.collect_str(id),
        None => serializer.serialize_none(),
    }
}

fn read_id<'de, D: Deserializer<'de>, T: Id>(deserializer: D) -> Result<Option<T>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let id = Some(&text).filter(|text| text.len() == T::DIGITS).and_then(|text| T::parse(text));
    id.map(Some).ok_or_else(|| de::Error::custom(format_args!("expected {} hexadecimal digits", T::DIGITS)))
}
