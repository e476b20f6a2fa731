//! The report on a terminal.

mod finding;
mod first;
mod paint;
mod rest;

use crate::Report;
use crate::format::Options;
use paint::Paint;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding};
use std::fmt;
use std::io::{self, Write};

/// Narrower than this nothing is legible.
const NARROWEST: usize = 30;
/// Wider than this lines are hard to read.
const WIDEST: usize = 160;

/// Writes text for a terminal.
pub(crate) struct Terminal<'a> {
    page: Page<'a>,
    catalog: &'a Catalog,
    options: Options,
    header: Option<Header>,
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Where lines go, how wide they may be, and in what colours.
pub(crate) struct Page<'a> {
    pub(crate) out: Box<dyn Write + Send + 'a>,
    pub(crate) width: usize,
    pub(crate) paint: Paint,
}

impl Page<'_> {
    /// Writes a line.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// Whether there is room for columns beside each other.
    pub(crate) const fn is_narrow(&self) -> bool {
        self.width < 60
    }
}

impl<'a> Terminal<'a> {
    pub(crate) fn new(
        out: Box<dyn Write + Send + 'a>,
        catalog: &'a Catalog,
        options: Options,
    ) -> Self {
        Self {
            page: Page {
                out,
                width: options.width.clamp(NARROWEST, WIDEST),
                paint: Paint(options.colour),
            },
            catalog,
            options,
            header: None,
        }
    }
}

impl Report for Terminal<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let header = self.header.take().ok_or_else(crate::not_begun)?;
        if self.options.verbose {
            self.page.line("")?;
        }
        first::write(&mut self.page, self.catalog, &header, summary)?;
        if !self.options.quiet {
            rest::write(&mut self.page, self.catalog, &header, summary)?;
        }
        self.page.out.flush()
    }
}

impl FindingSink for Terminal<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.options.verbose {
            finding::write(&mut self.page, finding)?;
        }
        Ok(())
    }
}
