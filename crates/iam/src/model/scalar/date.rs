//! Dates of conditions.

use jiff::{Timestamp, civil, tz::Offset};

/// A moment, in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i128);

impl Instant {
    /// Reads a W3C profile of ISO 8601 (year, year-month, date, or date and time with zone) or UNIX
    /// seconds ("Date condition operators", IAM User Guide). A time without zone is UTC;
    /// four digits are a year. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.len() != 4 && digits.bytes().all(|b| b.is_ascii_digit()) {
            let seconds: i64 = text.parse().ok()?;
            return Some(Self(i128::from(seconds) * 1_000_000_000));
        }
        let dashes = text.matches('-').count();
        let whole = match (text.len(), dashes) {
            (4, 0) => format!("{text}-01-01"),
            (7, 1) => format!("{text}-01"),
            _ => text.to_owned(),
        };
        if let Ok(moment) = whole.parse::<Timestamp>() {
            return Some(Self(moment.as_nanosecond()));
        }
        // jiff's civil types would drop a zone that they cannot use.
        if whole.contains(['Z', 'z', '[']) || whole.contains('+') {
            return None;
        }
        let civil = whole.parse::<civil::DateTime>().ok()?;
        let moment = Offset::UTC.to_timestamp(civil).ok()?;
        Some(Self(moment.as_nanosecond()))
    }
}

impl Instant {
    /// This moment and the nanoseconds before and after it, as ISO 8601; `None` outside the calendar.
    pub(crate) fn around(self) -> Option<Vec<String>> {
        let text = |nanoseconds: i128| {
            Timestamp::from_nanosecond(nanoseconds)
                .ok()
                .map(|moment| moment.to_string())
        };
        [self.0 - 1, self.0, self.0 + 1]
            .into_iter()
            .map(text)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment() {
        let moment = Instant::parse("2020-01-01T00:00:00Z").unwrap();
        for text in [
            "2020",
            "2020-01",
            "2020-01-01",
            "2020-01-01T00:00Z",
            "2020-01-01T02:00:00+02:00",
            "2020-01-01T00:00:00.000Z",
            "2020-01-01T00:00:00",
            "1577836800",
        ] {
            assert_eq!(Instant::parse(text), Some(moment), "{text}");
        }
        assert!(Instant::parse("2020-01-01T00:00:00.001Z").unwrap() > moment);
    }

    #[test]
    fn not_dates() {
        for text in [
            "",
            "yesterday",
            "2020-13-01",
            "2020-01-01T25:00:00Z",
            "99999999999999999999",
            "2020-02-30",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
