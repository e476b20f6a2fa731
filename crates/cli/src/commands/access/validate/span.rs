//! From a line and a column to the bytes of what stands there.

use palisade_iam::model::Position;
use serde_json::{Value, json};

/// Bytes of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Of the first byte.
    pub(crate) start: usize,
    /// Behind the last byte.
    pub(crate) end: usize,
}

impl Span {
    /// The string, number or word at this place; one character of a list or an object.
    pub(crate) fn of(text: &str, at: Position) -> Self {
        let line = usize::try_from(at.line).unwrap_or(1).saturating_sub(1);
        let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let rest = text.get(before..).unwrap_or_default();
        let inside: usize = rest.chars().take(column).map(char::len_utf8).sum();
        let start = before + inside;
        let here = text.get(start..).unwrap_or_default();
        Self {
            start,
            end: start + token(here),
        }
    }

    /// As Access Analyzer writes it: lines from 1, columns and offsets from 0, in characters.
    pub(crate) fn json(self, text: &str) -> Value {
        let place = |offset: usize| {
            let before = text.get(..offset).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .chars()
                .count();
            json!({ "line": line, "column": column, "offset": before.chars().count() })
        };
        json!({ "start": place(self.start), "end": place(self.end) })
    }
}

/// The length of the token that the text begins with.
fn token(text: &str) -> usize {
    let mut characters = text.char_indices();
    match characters.next() {
        None => 0,
        Some((_, '"')) => {
            let mut escaped = false;
            for (at, character) in characters {
                match character {
                    '\n' => return at,
                    '"' if !escaped => return at + 1,
                    _ => escaped = character == '\\' && !escaped,
                }
            }
            text.len()
        }
        Some((_, first)) if first.is_ascii_alphanumeric() || first == '-' => text
            .find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
            .unwrap_or(text.len()),
        Some((_, first)) => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_becomes_the_token_there() {
        let text = "{\n  \"é\": [\"a\\\"b\", 12, true]\n}";
        let at = |line, column| {
            let span = Span::of(text, Position { line, column });
            text.get(span.start..span.end).unwrap()
        };
        assert_eq!(at(1, 1), "{");
        assert_eq!(at(2, 3), "\"é\"");
        assert_eq!(at(2, 9), "\"a\\\"b\"");
        assert_eq!(at(2, 17), "12");
        assert_eq!(at(2, 21), "true");
        assert_eq!(at(9, 9), "");
    }
}
