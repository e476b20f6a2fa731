//! A JSON reader (RFC 8259) that keeps the place of every value and every member, duplicates included.

use crate::{error::DocumentError, model::Position};

/// Values nest no deeper than this.
const DEPTH: usize = 64;

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it starts.
    pub at: Position,
    /// The value.
    pub value: Json,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string, decoded.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object's members in order; names may repeat.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, decoded.
    pub name: String,
    /// Where the name starts.
    pub at: Position,
    /// Its value.
    pub value: Node,
}

impl Json {
    /// What people call the type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl Node {
    /// The member's value; the last one counts where names repeat.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Json::Object(members) = &self.value else {
            return None;
        };
        members
            .iter()
            .rev()
            .find(|member| member.name == name)
            .map(|member| &member.value)
    }

    /// The string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Json::Null
    }
}

/// Reads a document.
///
/// # Errors
/// The first thing that is no JSON, with its place.
pub fn read(text: &str) -> Result<Node, DocumentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        rest: text,
        at: Position::default(),
    };
    let node = reader.value(0)?;
    reader.space();
    match reader.rest.chars().next() {
        None => Ok(node),
        Some(found) => Err(reader.wrong(format!(
            "`{}` after the end of the document",
            found.escape_debug()
        ))),
    }
}

/// Reads a document from bytes.
///
/// # Errors
/// The first byte that is no UTF-8, or the first thing that is no JSON, with its place.
pub fn read_bytes(bytes: &[u8]) -> Result<Node, DocumentError> {
    read(text(bytes)?)
}

/// A document's text, without the mark that some editors begin a file with.
///
/// # Errors
/// The first byte that is no UTF-8, with its place.
pub fn text(bytes: &[u8]) -> Result<&str, DocumentError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let valid = std::str::from_utf8(valid).unwrap_or_default();
            let mut at = Position::default();
            for character in valid.strip_prefix('\u{feff}').unwrap_or(valid).chars() {
                at.step(character);
            }
            Err(DocumentError::new(
                at,
                "this byte is no UTF-8; save the document as UTF-8",
            ))
        }
    }
}

impl Position {
    fn step(&mut self, character: char) {
        if character == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    at: Position,
}

impl Reader<'_> {
    fn wrong(&self, problem: impl Into<String>) -> DocumentError {
        DocumentError::new(self.at, problem)
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next()?;
        self.rest = characters.as_str();
        self.at.step(character);
        Some(character)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.next();
        }
    }

    fn found(&self) -> String {
        match self.peek() {
            Some(character) => format!("`{}`", character.escape_debug()),
            None => "the end of the document".to_owned(),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, DocumentError> {
        self.space();
        let at = self.at;
        if depth > DEPTH {
            return Err(self.wrong(format!("values nest deeper than {DEPTH} levels")));
        }
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Json::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            Some('t') => self.word("true", Json::Bool(true))?,
            Some('f') => self.word("false", Json::Bool(false))?,
            Some('n') => self.word("null", Json::Null)?,
            _ => return Err(self.wrong(format!("a value is missing before {}", self.found()))),
        };
        Ok(Node { at, value })
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, DocumentError> {
        if !self.rest.starts_with(word) {
            return Err(self.wrong(format!(
                "no JSON value; did you mean `{word}`, or a string in double quotes?"
            )));
        }
        for _ in word.chars() {
            self.next();
        }
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json, DocumentError> {
        self.next();
        let mut members = Vec::new();
        self.space();
        if self.peek() == Some('}') {
            self.next();
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let at = self.at;
            if self.peek() != Some('"') {
                return Err(self.wrong(format!(
                    "a member's name in double quotes is missing before {}",
                    self.found()
                )));
            }
            let name = self.string()?;
            self.space();
            if self.peek() != Some(':') {
                return Err(self.wrong(format!("`:` is missing before {}", self.found())));
            }
            self.next();
            let value = self.value(depth + 1)?;
            members.push(Member { name, at, value });
            self.space();
            match self.peek() {
                Some(',') => self.next(),
                Some('}') => {
                    self.next();
                    return Ok(Json::Object(members));
                }
                _ => {
                    return Err(
                        self.wrong(format!("`,` or `}}` is missing before {}", self.found()))
                    );
                }
            };
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, DocumentError> {
        self.next();
        let mut values = Vec::new();
        self.space();
        if self.peek() == Some(']') {
            self.next();
            return Ok(Json::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(',') => self.next(),
                Some(']') => {
                    self.next();
                    return Ok(Json::List(values));
                }
                _ => {
                    return Err(
                        self.wrong(format!("`,` or `]` is missing before {}", self.found()))
                    );
                }
            };
        }
    }

    fn number(&mut self) -> Result<Json, DocumentError> {
        let at = self.at;
        let mut text = String::new();
        while let Some(character) = self.peek()
            && matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')
        {
            text.push(character);
            self.next();
        }
        if is_number(&text) {
            Ok(Json::Number(text))
        } else {
            Err(DocumentError::new(
                at,
                format!("`{text}` is no JSON number"),
            ))
        }
    }

    fn string(&mut self) -> Result<String, DocumentError> {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(DocumentError::new(start, "this string is not closed")),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(control) if control < ' ' => {
                    return Err(
                        self.wrong("a control character stands in a string; write it as an escape")
                    );
                }
                Some(character) => text.push(character),
            }
        }
    }

    fn escape(&mut self) -> Result<char, DocumentError> {
        let at = self.at;
        let wrong = |problem: &str| DocumentError::new(at, problem);
        Ok(match self.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('u') => {
                let first = self
                    .hex()
                    .ok_or_else(|| wrong("`\\u` needs four hexadecimal digits"))?;
                let code = if (0xD800..0xDC00).contains(&first) {
                    let second = (self.next() == Some('\\') && self.next() == Some('u'))
                        .then(|| self.hex())
                        .flatten()
                        .filter(|second| (0xDC00..0xE000).contains(second))
                        .ok_or_else(|| wrong("half of a surrogate pair"))?;
                    0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                } else {
                    first
                };
                char::from_u32(code).ok_or_else(|| wrong("half of a surrogate pair"))?
            }
            _ => return Err(wrong("unknown escape in a string")),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + self.next()?.to_digit(16)?;
        }
        Some(code)
    }
}

/// RFC 8259, section 6.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn places_count_characters() {
        let node = read("{\"é\":\n  [1, \"x\"]}").unwrap();
        let list = node.get("é").unwrap();
        assert_eq!((list.at.line, list.at.column), (2, 3));
        let Json::List(values) = &list.value else {
            panic!()
        };
        assert_eq!((values[1].at.line, values[1].at.column), (2, 7));
    }

    #[test]
    fn duplicates_are_kept_and_the_last_counts() {
        let node = read(r#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(node.get("a").unwrap().value, Json::Number("2".into()));
    }

    #[test]
    fn errors_have_a_place() {
        assert_eq!(
            error("{\n \"a\" 1}"),
            "line 2, column 6: `:` is missing before `1`"
        );
        assert_eq!(
            error("[1,]"),
            "line 1, column 4: a value is missing before `]`"
        );
        assert_eq!(error("\"a"), "line 1, column 1: this string is not closed");
        assert!(error(&"[".repeat(100_000)).contains("deeper"));
        assert!(
            read("01").is_err()
                && read("1.").is_err()
                && read("\"\\ud800\"").is_err()
                && read("{} x").is_err()
        );
        assert_eq!(read_bytes(b"{\"a\": \"\xff\"}").unwrap_err().at.column, 8);
    }

    #[test]
    fn surrogates() {
        assert_eq!(read(r#""\ud83d\ude00""#).unwrap().text(), Some("😀"));
    }
}
