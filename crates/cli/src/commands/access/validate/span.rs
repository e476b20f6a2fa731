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

/// Where the lines and characters of a document stand, so that each of many findings is placed at once.
pub(crate) struct Places<'t> {
    text: &'t str,
    /// Of each line the first byte, and how many characters come before it.
    lines: Vec<(usize, usize)>,
    /// The bytes at which every `STRIDE`th character starts.
    marks: Vec<usize>,
}

/// Characters from one mark to the next.
const STRIDE: usize = 256;

impl<'t> Places<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut lines = vec![(0, 0)];
        let mut marks = Vec::new();
        for (before, (byte, character)) in text.char_indices().enumerate() {
            if before % STRIDE == 0 {
                marks.push(byte);
            }
            if character == '\n' {
                lines.push((byte + 1, before + 1));
            }
        }
        Self { text, lines, marks }
    }

    /// The string, number or word at this place; one character of a list or an object.
    pub(crate) fn span(&self, at: Position) -> Span {
        let line = usize::try_from(at.line).unwrap_or(1).saturating_sub(1);
        let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
        let start = match self.lines.get(line) {
            Some((_, before)) => self.byte(before + column),
            None => self.text.len(),
        };
        let here = self.text.get(start..).unwrap_or_default();
        Span {
            start,
            end: start + token(here),
        }
    }

    /// As Access Analyzer writes it: lines from 1, columns and offsets from 0, in characters.
    pub(crate) fn json(&self, span: Span) -> Value {
        let place = |byte: usize| {
            let line = self.lines.partition_point(|(start, _)| *start <= byte);
            let before = line
                .checked_sub(1)
                .and_then(|at| self.lines.get(at))
                .map_or(0, |(_, before)| *before);
            let offset = self.character(byte);
            json!({ "line": line, "column": offset.saturating_sub(before), "offset": offset })
        };
        json!({ "start": place(span.start), "end": place(span.end) })
    }

    /// The byte at which a character starts, counted from 0.
    fn byte(&self, character: usize) -> usize {
        let Some(mark) = self.marks.get(character / STRIDE) else {
            return self.text.len();
        };
        let rest = self.text.get(*mark..).unwrap_or_default().chars();
        mark + rest
            .take(character % STRIDE)
            .map(char::len_utf8)
            .sum::<usize>()
    }

    /// How many characters come before a byte.
    fn character(&self, byte: usize) -> usize {
        let at = self
            .marks
            .partition_point(|mark| *mark <= byte)
            .saturating_sub(1);
        let mark = self.marks.get(at).copied().unwrap_or_default();
        let rest = self.text.get(mark..byte).unwrap_or_default();
        at * STRIDE + rest.chars().count()
    }
}

/// What is shown of a document around a span: its line and those next to it, long ones cut.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) text: String,
    /// Of what the span is about, in the window's text.
    pub(crate) span: Span,
    /// Lines of the document before the window's first.
    pub(crate) lines: usize,
}

/// Characters that are shown on either side of a span, and of the span itself.
const SHOWN: usize = 200;

impl Window {
    /// `line`: the one on which the span starts, from 1.
    pub(crate) fn around(text: &str, span: Span, line: usize) -> Self {
        let before = text.get(..span.start).unwrap_or_default();
        let inside = text.get(span.start..span.end).unwrap_or_default();
        let after = text.get(span.end..).unwrap_or_default();
        let (above, left) = match before.rsplit_once('\n') {
            Some((above, left)) => (Some(above.rsplit('\n').next().unwrap_or_default()), left),
            None => (None, before),
        };
        let (right, below) = match after.split_once('\n') {
            Some((right, below)) => (right, below.split('\n').next()),
            None => (after, None),
        };
        let mut shown = String::new();
        if let Some(above) = above {
            shown.push_str(&beginning(above));
            shown.push('\n');
        }
        shown.push_str(&end(left));
        let start = shown.len();
        shown.push_str(&beginning(inside));
        let end = shown.len();
        shown.push_str(&beginning(right));
        if let Some(below) = below {
            shown.push('\n');
            shown.push_str(&beginning(below));
        }
        Self {
            text: shown,
            span: Span { start, end },
            lines: line.saturating_sub(1 + usize::from(above.is_some())),
        }
    }
}

/// The first characters, and dots where there are more.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The last characters, and dots where there are more.
fn end(text: &str) -> String {
    match text.char_indices().rev().nth(SHOWN) {
        Some((cut, character)) => {
            let kept = text.get(cut + character.len_utf8()..).unwrap_or_default();
            format!("…{kept}")
        }
        None => text.to_owned(),
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
        let places = Places::new(text);
        let at = |line, column| {
            let span = places.span(Position { line, column });
            text.get(span.start..span.end).unwrap()
        };
        assert_eq!(at(1, 1), "{");
        assert_eq!(at(2, 3), "\"é\"");
        assert_eq!(at(2, 9), "\"a\\\"b\"");
        assert_eq!(at(2, 17), "12");
        assert_eq!(at(2, 21), "true");
        assert_eq!(at(9, 9), "");
        assert_eq!(
            places.json(places.span(Position { line: 2, column: 9 })),
            serde_json::json!({
                "start": { "line": 2, "column": 8, "offset": 10 },
                "end": { "line": 2, "column": 14, "offset": 16 },
            })
        );
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let long = "é".repeat(70_000);
        let text = format!("{{\n\"{long}\": 1, \"b\": \"{long}\"\n}}");
        let places = Places::new(&text);
        let here = Position {
            line: 2,
            column: 70_008,
        };
        let span = places.span(here);
        assert_eq!(text.get(span.start..span.end), Some("\"b\""));
        let window = Window::around(&text, span, 2);
        assert_eq!(
            window.text.get(window.span.start..window.span.end),
            Some("\"b\"")
        );
        assert_eq!(window.lines, 0);
        assert!(window.text.starts_with("{\n…é"), "{}", window.text);
        assert!(window.text.ends_with("é…\n}"), "{}", window.text);
        assert!(window.text.chars().count() < 3 * SHOWN);
        // A token that is long itself.
        let value = places.span(Position {
            line: 2,
            column: 70_013,
        });
        let window = Window::around(&text, value, 2);
        assert!(
            window
                .text
                .get(window.span.start..window.span.end)
                .is_some()
        );
        assert!(window.text.chars().count() < 3 * SHOWN);
        // Short text is shown as it is.
        let short = "{\n\n\"a\": 1\n}\n";
        let span = Places::new(short).span(Position { line: 3, column: 1 });
        let window = Window::around(short, span, 3);
        assert_eq!((window.text.as_str(), window.lines), ("\n\"a\": 1\n}", 1));
        assert_eq!(window.span, Span { start: 1, end: 4 });
    }
}
