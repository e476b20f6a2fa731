//! Where lines for people go: how wide they may be, and in what colours.

use crate::format::Options;
use crate::paint::Paint;
use crate::text;
use palisade_core::State;
use std::io::{self, Write};

/// Narrower than this nothing is legible.
const NARROWEST: usize = 30;
/// Wider than this lines are hard to read.
const WIDEST: usize = 160;

/// Text for a terminal, line by line.
pub struct Page<'a> {
    out: Box<dyn Write + 'a>,
    pub(crate) width: usize,
    pub(crate) paint: Paint,
}

impl std::fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page")
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl<'a> Page<'a> {
    /// A page for `options`.
    #[must_use]
    pub fn new(out: Box<dyn Write + 'a>, options: Options) -> Self {
        Self {
            out,
            width: options.width.clamp(NARROWEST, WIDEST),
            paint: Paint(options.colour),
        }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// An empty line, then a line that stands out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        self.line("")?;
        self.title(text)
    }

    /// Lines that stand out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn title(&mut self, text: &str) -> io::Result<()> {
        for line in text::wrap(text, self.width) {
            let line = self.paint.bold(&line);
            self.line(&line)?;
        }
        Ok(())
    }

    /// Text broken into lines, each indented.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&mut self, indent: usize, text: &str) -> io::Result<()> {
        for line in text::wrap(text, self.width.saturating_sub(indent)) {
            self.line(&format!("{}{line}", " ".repeat(indent)))?;
        }
        Ok(())
    }

    /// The same, less prominent.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn dim(&mut self, indent: usize, text: &str) -> io::Result<()> {
        for line in text::wrap(text, self.width.saturating_sub(indent)) {
            let line = self.paint.dim(&line);
            self.line(&format!("{}{line}", " ".repeat(indent)))?;
        }
        Ok(())
    }

    /// Text that people copy: its lines as they are, but cleaned.
    pub(crate) fn code(&mut self, indent: usize, text: &str) -> io::Result<()> {
        for line in text.lines() {
            self.line(&format!("{}{}", " ".repeat(indent), text::clean(line)))?;
        }
        Ok(())
    }

    /// A name and what it says, the text hanging beside the name. A long name moves its own text, and stands above it
    /// where it would take half of the line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn pair(&mut self, name: &str, text: &str) -> io::Result<()> {
        const COLUMN: usize = 14;
        const GAP: usize = 2;
        let column = match text::width(name) {
            short if short < COLUMN => COLUMN,
            long => long + GAP,
        };
        if self.is_narrow() || column > self.width / 2 {
            self.dim(0, name)?;
            return self.text(2, text);
        }
        for (at, line) in text::wrap(text, self.width - column).iter().enumerate() {
            let label = text::pad(if at == 0 { name } else { "" }, column);
            let label = self.paint.dim(&label);
            self.line(&format!("{label}{line}"))?;
        }
        Ok(())
    }

    /// A state in the colour of a good, a doubtful or a bad one, then text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn state(&mut self, state: State, word: &str, text: &str) -> io::Result<()> {
        let word = text::clean(word);
        let text = text::cut_end(text, self.width.saturating_sub(text::width(&word) + 2));
        let word = self.paint.state(state, &word);
        self.line(&format!("{word}  {text}"))
    }

    /// Whether there is no room for columns beside each other.
    pub(crate) const fn is_narrow(&self) -> bool {
        self.width < 60
    }

    /// Sends what was written on its way.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, text: &str, width: usize) -> String {
        let mut out = Vec::new();
        let options = Options {
            width,
            ..Options::default()
        };
        let mut page = Page::new(Box::new(&mut out), options);
        page.pair(name, text).unwrap();
        drop(page);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_name_and_its_text_are_apart_however_long_the_name_is() {
        assert_eq!(pair("region", "global", 80), "region        global\n");
        assert_eq!(
            pair("organization_feature_set", "ALL", 80),
            "organization_feature_set  ALL\n"
        );
        let long = "x".repeat(40);
        assert_eq!(pair(&long, "ALL", 80), format!("{long}\n  ALL\n"));
        assert_eq!(
            pair("a_name_of_fourteen", &"word ".repeat(9), 60),
            "a_name_of_fourteen  word word word word word word word word\n                    word\n"
        );
    }
}
