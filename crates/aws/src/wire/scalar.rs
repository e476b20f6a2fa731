//! Scalars as text: timestamps in their three formats, base64, numbers.

use crate::model::{Kind, TimestampFormat};
use aws_smithy_types::{DateTime, base64, date_time::Format};
use serde_json::{Number, Value};

/// Seconds of the years 0001 and 9999: what RFC 3339 can write.
const YEARS: std::ops::Range<f64> = -62_135_596_800.0..253_402_300_800.0;

/// A timestamp of whichever format, whatever the model says: services mix them.
pub(super) fn timestamp(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let iso = |text: &str| DateTime::from_str(text, Format::DateTimeWithOffset).ok();
    if let Ok(seconds) = text.parse::<f64>() {
        return from_seconds(seconds);
    }
    let parsed = iso(text).or_else(|| DateTime::from_str(text, Format::HttpDate).ok());
    // Without a zone (UTC is meant) and without a time of day: both have been sent.
    let parsed = parsed.or_else(|| iso(&format!("{text}Z")));
    let parsed = parsed.or_else(|| iso(&format!("{text}T00:00:00Z")))?;
    from_parts(parsed.secs(), parsed.subsec_nanos())
}

/// Seconds since 1970; the fraction is rounded to microseconds, which is what a 64-bit float holds.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn from_seconds(seconds: f64) -> Option<DateTime> {
    if !YEARS.contains(&seconds) {
        return None;
    }
    let micros = (seconds * 1e6).round() as i64;
    let nanos = u32::try_from(micros.rem_euclid(1_000_000)).ok()? * 1000;
    from_parts(micros.div_euclid(1_000_000), nanos)
}

#[expect(clippy::cast_precision_loss, reason = "compared with whole years")]
fn from_parts(seconds: i64, nanos: u32) -> Option<DateTime> {
    YEARS
        .contains(&(seconds as f64))
        .then(|| DateTime::from_secs_and_nanos(seconds, nanos))
}

/// A timestamp of an input value: text of any format, or seconds.
pub(super) fn timestamp_of(value: &Value) -> Option<DateTime> {
    match value {
        Value::String(text) => timestamp(text),
        Value::Number(number) => from_seconds(number.as_f64()?),
        _ => None,
    }
}

/// RFC 3339 in UTC, the format of our values.
pub(super) fn rfc3339(time: DateTime) -> Option<Value> {
    time.fmt(Format::DateTime).ok().map(Value::String)
}

/// A timestamp on the wire. HTTP dates have no fraction (RFC 9110, 5.6.7).
pub(super) fn write_timestamp(time: DateTime, format: TimestampFormat) -> Option<String> {
    match format {
        TimestampFormat::Iso8601 => time.fmt(Format::DateTime),
        TimestampFormat::Rfc822 => DateTime::from_secs(time.secs()).fmt(Format::HttpDate),
        TimestampFormat::Unix => time.fmt(Format::EpochSeconds),
    }
    .ok()
}

/// A checked scalar of an input as text, timestamps in the given format.
pub(super) fn text(value: &Value, kind: &Kind, format: TimestampFormat) -> Option<String> {
    match kind {
        Kind::Timestamp => write_timestamp(timestamp_of(value)?, format),
        _ => Some(match value {
            Value::String(text) => text.clone(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        }),
    }
}

/// A scalar of a reply from its text. Empty text is "not set" for all but strings and blobs.
pub(super) fn parse(text: &str, kind: &Kind) -> Result<Option<Value>, String> {
    let wrong = || Err(format!("`{}` is not a {}", short(text), kind.word()));
    if text.trim().is_empty() && !matches!(kind, Kind::String { .. } | Kind::Blob) {
        return Ok(None);
    }
    let trimmed = text.trim();
    let value = match kind {
        Kind::Integer | Kind::Long => integer(trimmed),
        Kind::Float | Kind::Double => float(trimmed),
        Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        Kind::Timestamp => timestamp(trimmed).and_then(rfc3339),
        Kind::String { .. } => Some(Value::String(text.to_owned())),
        Kind::Blob if is_base64(trimmed) => Some(Value::String(trimmed.to_owned())),
        _ => None,
    };
    value.map_or_else(wrong, |value| Ok(Some(value)))
}

fn integer(text: &str) -> Option<Value> {
    let signed = text.parse::<i64>().ok().map(Number::from);
    signed
        .or_else(|| text.parse::<u64>().ok().map(Number::from))
        .map(Value::Number)
}

/// A number, or one of the three that JSON cannot write as text.
fn float(text: &str) -> Option<Value> {
    if is_special(text) {
        return Some(Value::String(text.to_owned()));
    }
    Number::from_f64(text.parse().ok()?).map(Value::Number)
}

/// The floats that are text in JSON.
pub(super) fn is_special(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity")
}

pub(super) fn is_base64(text: &str) -> bool {
    base64::decode(text).is_ok()
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    base64::decode(text).ok()
}

pub(super) fn encode(bytes: &[u8]) -> String {
    base64::encode(bytes)
}

/// At most 40 characters, for messages.
pub(super) fn short(text: &str) -> String {
    let mut letters = text.chars();
    let mut out: String = letters.by_ref().take(40).collect();
    if letters.next().is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_of_every_format() {
        for (text, expected) in [
            ("2014-04-29T18:30:38Z", "2014-04-29T18:30:38Z"),
            ("2014-04-29T18:30:38.000Z", "2014-04-29T18:30:38Z"),
            ("2000-01-02T20:34:56.123Z", "2000-01-02T20:34:56.123Z"),
            ("2019-12-17T00:48:18+01:00", "2019-12-16T23:48:18Z"),
            ("2014-04-29T18:30:38", "2014-04-29T18:30:38Z"),
            ("2014-04-29", "2014-04-29T00:00:00Z"),
            ("Tue, 29 Apr 2014 18:30:38 GMT", "2014-04-29T18:30:38Z"),
            ("1398796238", "2014-04-29T18:30:38Z"),
            ("946845296.123", "2000-01-02T20:34:56.123Z"),
            ("1.398796238E9", "2014-04-29T18:30:38Z"),
            ("-1.5", "1969-12-31T23:59:58.5Z"),
        ] {
            let value = timestamp(text).and_then(rfc3339);
            assert_eq!(value, Some(Value::from(expected)), "{text}");
        }
        for text in [
            "",
            "soon",
            "1e300",
            "NaN",
            "99999999999999",
            "2014-13-29T18:30:38Z",
            "2014",
        ] {
            let value = timestamp(text).and_then(rfc3339);
            // A bare year is a number of seconds.
            assert_eq!(value.is_some(), text == "2014", "{text}: {value:?}");
        }
    }

    #[test]
    fn timestamps_are_written_as_told() {
        let time = timestamp("2014-04-29T18:30:38.250Z").unwrap();
        let written = |format| write_timestamp(time, format).unwrap();
        assert_eq!(written(TimestampFormat::Iso8601), "2014-04-29T18:30:38.25Z");
        assert_eq!(
            written(TimestampFormat::Rfc822),
            "Tue, 29 Apr 2014 18:30:38 GMT"
        );
        assert_eq!(written(TimestampFormat::Unix), "1398796238.25");
    }

    #[test]
    fn scalars_from_text() {
        let read = |text, kind| parse(text, &kind);
        assert_eq!(
            read("9007199254740993", Kind::Long),
            Ok(Some(9_007_199_254_740_993_i64.into()))
        );
        assert_eq!(read("NaN", Kind::Double), Ok(Some("NaN".into())));
        assert_eq!(read("", Kind::Integer), Ok(None));
        assert_eq!(
            read("yes", Kind::Boolean),
            Err("`yes` is not a boolean".into())
        );
        assert_eq!(
            read("1.5", Kind::Integer),
            Err("`1.5` is not a integer".into())
        );
    }
}
