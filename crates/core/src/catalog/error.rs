//! Errors of catalogue files, with the place in the user's own file.

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// Something wrong in one file.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
pub struct CatalogError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    #[help]
    pub hint: Option<String>,
    /// The file.
    #[source_code]
    pub file: NamedSource<String>,
    /// Where in the file.
    #[label("here")]
    pub at: Option<SourceSpan>,
}

impl CatalogError {
    /// An error at a byte range of a file.
    #[must_use]
    pub fn new(
        path: &str,
        text: &str,
        span: Option<std::ops::Range<usize>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            message: message.into(),
            hint: None,
            file: NamedSource::new(path, text.to_owned()),
            at: span.map(Into::into),
        }
    }

    /// With a word on what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An error of the TOML reader.
    #[must_use]
    pub fn toml(path: &str, text: &str, error: &toml::de::Error) -> Self {
        Self::new(path, text, error.span(), error.message())
    }

    /// `file:line:column`, as far as it is known.
    #[must_use]
    pub fn place(&self) -> String {
        let place = self.at.map_or_else(String::new, |span| {
            let (line, column) = line_column(self.file.inner(), span.offset());
            format!(":{line}:{column}")
        });
        format!("{}{place}", self.file.name())
    }

    /// `file:line:column: message`, the form that editors and logs understand.
    #[must_use]
    pub fn one_line(&self) -> String {
        let hint = self
            .hint
            .as_ref()
            .map_or_else(String::new, |h| format!(" (hint: {h})"));
        format!("{}: {}{hint}", self.place(), self.message)
    }
}

/// Line and column, both from 1; the column counts characters.
fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let mut line = 1;
    let mut column = 1;
    for (at, c) in text.char_indices() {
        if at >= offset {
            break;
        }
        if c == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_line_and_column() {
        let error = CatalogError::new("a.toml", "x = 1\ny = é2\n", Some(12..13), "wrong");
        assert_eq!(error.one_line(), "a.toml:2:6: wrong");
        let error = error.with_hint("write 3");
        assert_eq!(error.one_line(), "a.toml:2:6: wrong (hint: write 3)");
    }
}
