//! The report on a terminal.

mod finding;
mod first;
mod phases;
mod rest;
mod unseen;

use crate::Report;
use crate::format::Options;
use crate::page::Page;
use crate::unsent::Unsent;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding};
use std::fmt;
use std::io::{self, Write};

/// Writes text for a terminal.
pub(crate) struct Terminal<'a> {
    page: Page<'a>,
    catalog: &'a Catalog,
    options: Options,
    header: Option<Header>,
    unsent: Unsent,
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<'a> Terminal<'a> {
    pub(crate) fn new(
        out: Box<dyn Write + Send + 'a>,
        catalog: &'a Catalog,
        options: Options,
    ) -> Self {
        Self {
            page: Page::new(out, options),
            catalog,
            options,
            header: None,
            unsent: Unsent::default(),
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
        let (page, unsent) = (&mut self.page, &self.unsent);
        first::write(page, self.catalog, &header, summary, unsent)?;
        if !self.options.quiet {
            rest::write(page, self.catalog, &header, summary, unsent)?;
        }
        self.page.flush()
    }
}

impl FindingSink for Terminal<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.unsent.add(finding);
        if self.options.verbose {
            finding::write(&mut self.page, finding)?;
        }
        Ok(())
    }
}
