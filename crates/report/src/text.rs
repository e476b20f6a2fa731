//! Text that fits: cleaned of what would steer a terminal, measured in columns, cut and wrapped.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The text without characters that move the cursor, change colours or turn the direction of reading: resource names
/// are chosen by strangers. Each becomes `U+FFFD`; line breaks and tabs become a space.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\n' | '\r' | '\t' => ' ',
                c if steers(c) => '\u{fffd}',
                c => c,
            })
            .collect(),
    )
}

/// Control characters (C0, C1) and Unicode's bidirectional controls.
const fn steers(c: char) -> bool {
    c.is_ascii_control()
        || matches!(c, '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Columns that the text takes on a terminal.
#[must_use]
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `columns`, its end cut off with `…`.
#[must_use]
pub(crate) fn cut_end(text: &str, columns: usize) -> String {
    let text = clean(text);
    if text.width() <= columns {
        return text.into_owned();
    }
    let mut head = take(text.chars(), columns.saturating_sub(1));
    head.truncate(head.trim_end().len());
    if columns > 0 {
        head.push('…');
    }
    head
}

/// The text in at most `columns`, its middle cut out with `…`: both ends of an ARN tell something, the end more.
#[must_use]
pub(crate) fn cut_middle(text: &str, columns: usize) -> String {
    let text = clean(text);
    if text.width() <= columns {
        return text.into_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let head = take(text.chars(), (columns - 1) * 2 / 5);
    let tail: String = take(text.chars().rev(), columns - 1 - head.width())
        .chars()
        .rev()
        .collect();
    format!("{head}…{tail}")
}

fn take(chars: impl Iterator<Item = char>, columns: usize) -> String {
    let mut taken = String::new();
    let mut used = 0;
    for c in chars {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        taken.push(c);
    }
    taken
}

/// The text with spaces after it, up to `columns`.
#[must_use]
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Lines of at most `columns`, broken between words; a word that is longer is cut in the middle.
#[must_use]
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let text = clean(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let word = cut_middle(word, columns);
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// `1204` as `1,204`.
#[must_use]
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 account`, `2 accounts`.
#[must_use]
pub(crate) fn plural(n: u64, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(n))
}

/// A share as whole per cent, rounded down: nothing short of everything is 100 %.
#[must_use]
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", whole_percent(share))
}

/// A share as a whole number from 0 to 100, rounded down.
#[must_use]
pub(crate) fn whole_percent(share: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=100 just before"
    )]
    {
        // The hair keeps 0.29 * 100 = 28.999999999999996 at 29.
        (share * 100.0 + 1e-9).floor().clamp(0.0, 100.0) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_replaced() {
        assert_eq!(
            clean("a\u{1b}[31mb\nc\u{202e}d\u{9b}"),
            "a\u{fffd}[31mb c\u{fffd}d\u{fffd}"
        );
        assert!(matches!(clean("plain é 漢"), Cow::Borrowed(_)));
    }

    #[test]
    fn cuts_count_columns_not_characters() {
        assert_eq!(cut_end("漢字漢字", 5), "漢字…");
        assert_eq!(cut_end("abc", 3), "abc");
        assert_eq!(cut_end("abcd", 3), "ab…");
        assert_eq!(cut_end("abcd", 0), "");
        assert_eq!(
            cut_middle("arn:aws:s3:::a-very-long-bucket", 16),
            "arn:aw…ng-bucket"
        );
        for columns in 0..12 {
            assert!(width(&cut_middle("漢字漢字abc漢字", columns)) <= columns);
            assert!(width(&cut_end("漢字漢字abc漢字", columns)) <= columns);
        }
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 5), ["a…hij"]);
        assert!(wrap("  ", 5).is_empty());
    }

    #[test]
    fn numbers_are_grouped_and_shares_never_flatter() {
        assert_eq!(count(1), "1");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(percent(0.999), "99 %");
        assert_eq!(percent(0.29), "29 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(f64::NAN), "0 %");
    }
}
