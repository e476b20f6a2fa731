//! `palisade.assessment/v1`: one JSON document, written member by member, a finding a line.
//!
//! The schema is `docs/formats/assessment-v1.schema.json`. Members may be added; none is renamed or removed in v1.

mod finding;
mod summary;

use crate::Report;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::snapshot::AccountScope;
use palisade_core::{Catalog, Finding};
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};

pub(crate) use finding::FindingV1;

/// The name and version of the document.
pub(crate) const SCHEMA: &str = "palisade.assessment/v1";

/// Writes `palisade.assessment/v1`.
pub(crate) struct Json<'a> {
    out: Box<dyn Write + Send + 'a>,
    catalog: &'a Catalog,
    findings: u64,
    accounts: Vec<AccountScope>,
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json")
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

impl<'a> Json<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out,
            catalog,
            findings: 0,
            accounts: Vec::new(),
        }
    }

    fn member(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        write!(self.out, ",\n\"{name}\":")?;
        serde_json::to_writer(&mut self.out, value)?;
        Ok(())
    }
}

impl Report for Json<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        write!(self.out, "{{\n\"schema\":\"{SCHEMA}\"")?;
        self.member("palisade", &header.palisade)?;
        self.member("taken_at", &header.taken_at)?;
        self.member("demo", &header.demo)?;
        self.member("controls", &header.controls)?;
        self.member("accounts", &header.accounts)?;
        self.accounts.clone_from(&header.accounts);
        write!(self.out, ",\n\"findings\":[")
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        write!(self.out, "\n]")?;
        self.member("counts", &summary::counts(summary))?;
        self.member(
            "recommendations",
            &summary::recommendations(self.catalog, summary),
        )?;
        let frameworks = summary::frameworks(self.catalog, summary, &self.accounts);
        self.member("frameworks", &frameworks)?;
        self.member("roadmap", &summary.roadmap)?;
        self.member("collection", &summary::collection(summary, &self.accounts))?;
        self.member("exceptions", &summary.waivers)?;
        self.out.write_all(b"\n}\n")?;
        self.out.flush()
    }
}

impl FindingSink for Json<'_> {
    fn reads_grounds(&self) -> bool {
        true
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let comma = if self.findings == 0 { "" } else { "," };
        self.findings += 1;
        writeln!(self.out, "{comma}")?;
        serde_json::to_writer(&mut self.out, &FindingV1::new(self.catalog, finding))?;
        Ok(())
    }
}
