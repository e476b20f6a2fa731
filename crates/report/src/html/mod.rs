//! One HTML page that needs nothing else: no network, no font, no other file. Of an estate of many accounts it is an
//! overview, with a page of the same kind for each account beside it.
//!
//! Findings are written as they come, into inert `application/json` blocks that the page's own script reads. Values
//! never become markup: in the file every `<`, `>` and `&` of the data is a JSON escape, the script only makes text
//! nodes, and the page's content security policy runs no script but its own (by hash) and loads nothing.

mod ending;
pub(crate) mod escape;
mod head;
mod heads;
mod pages;
mod rows;
mod tail;

pub(crate) use escape::text;

use crate::Report;
use crate::unsent::Unsent;
use heads::Heads;
use pages::Pages;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding};
use rows::Rows;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use tail::{Tail, frameworks};

/// More accounts than this get a page each, where there is a place for them.
const TOGETHER: usize = 25;

/// Writes the page, and those of the accounts.
pub(crate) struct Html<'a> {
    out: Box<dyn Write + Send + 'a>,
    catalog: &'a Catalog,
    /// The page's own file, beside which the others may stand.
    file: Option<PathBuf>,
    header: Option<Header>,
    rows: Rows,
    heads: Heads,
    pages: Option<Pages<'a>>,
    unsent: Unsent,
}

impl fmt::Debug for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Html")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl<'a> Html<'a> {
    pub(crate) fn new(
        out: Box<dyn Write + Send + 'a>,
        catalog: &'a Catalog,
        file: Option<PathBuf>,
    ) -> Self {
        Self {
            out,
            catalog,
            file,
            header: None,
            rows: Rows::default(),
            heads: Heads::default(),
            pages: None,
            unsent: Unsent::default(),
        }
    }
}

impl Report for Html<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        if let Some(file) = self.file.take()
            && header.accounts.len() > TOGETHER
        {
            self.pages = Some(Pages::beside(&file, self.catalog, header)?);
        }
        let pages = self.pages.as_ref().map(Pages::name);
        self.header = Some(header.clone());
        head::write(
            &mut self.out,
            header,
            &head::Links {
                pages,
                overview: None,
            },
        )
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let header = self.header.as_ref().ok_or_else(crate::not_begun)?;
        let accounts = &header.accounts;
        let frameworks = frameworks(self.catalog);
        let own;
        let tail = match self.pages.take() {
            Some(pages) => {
                pages.close(summary, &self.heads, &self.unsent)?;
                Tail::overview(self.catalog, &self.heads, summary, &frameworks, accounts)
            }
            None => {
                self.rows.close(&mut self.out)?;
                own = self.rows.controls(&self.heads);
                let totals = summary.tally.totals();
                Tail::new(self.catalog, &own, summary, totals, &frameworks, accounts)
                    .with(&self.rows, &self.heads)
            }
        };
        tail.told(&self.unsent).write(&mut self.out)?;
        head::close(&mut self.out)?;
        self.out.flush()
    }
}

impl FindingSink for Html<'_> {
    fn reads_grounds(&self) -> bool {
        self.pages.is_none()
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.unsent.add(finding);
        match &mut self.pages {
            Some(pages) => pages.add(&mut self.heads, finding),
            None => self.rows.add(&mut self.out, &mut self.heads, finding),
        }
    }
}
