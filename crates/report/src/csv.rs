//! CSV as in RFC 4180: one finding a line, safe to open in a spreadsheet.

use crate::Report;
use crate::lookup::Lookup;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Accepted, Catalog, Finding};
use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

/// The columns, in order. New ones are added at the end.
pub(crate) const COLUMNS: [&str; 19] = [
    "id",
    "control",
    "also",
    "title",
    "severity",
    "verdict",
    "resource",
    "name",
    "kind",
    "account_id",
    "account_name",
    "region",
    "reason",
    "recommendations",
    "owner",
    "values",
    "calls",
    "exception_reason",
    "exception_expires",
];

/// Writes CSV.
pub(crate) struct Csv<'a> {
    out: csv::Writer<Box<dyn Write + Send + 'a>>,
    lookup: Lookup<'a>,
    header: Option<Header>,
}

impl fmt::Debug for Csv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csv").finish_non_exhaustive()
    }
}

impl<'a> Csv<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out: csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(out),
            lookup: Lookup::new(catalog),
            header: None,
        }
    }
}

/// A spreadsheet runs a cell that begins like a formula (OWASP, "CSV Injection"); an apostrophe makes it text.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

impl Report for Csv<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        self.out.write_record(COLUMNS)?;
        Ok(())
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

impl FindingSink for Csv<'_> {
    fn reads_grounds(&self) -> bool {
        true
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let known = self.lookup.get(&finding.control);
        let at = &finding.resource;
        let account = self
            .header
            .iter()
            .flat_map(|h| &h.accounts)
            .find(|a| a.id == at.account_id)
            .map_or("", |a| &a.name);
        let accepted = finding.verdict.accepted();
        let calls: Vec<String> = finding
            .verdict
            .calls()
            .iter()
            .map(|c| format!("{}={}", c.operation, c.outcome))
            .collect();
        let fields = [
            Cow::Owned(finding.id()),
            Cow::Borrowed(&*finding.control),
            Cow::Owned(known.map(|k| k.control.also.join(" ")).unwrap_or_default()),
            Cow::Borrowed(self.lookup.title(&finding.control)),
            Cow::Borrowed(finding.severity.as_str()),
            Cow::Borrowed(finding.verdict.state().as_str()),
            Cow::Borrowed(at.arn.as_str()),
            Cow::Borrowed(at.name.as_str()),
            Cow::Borrowed(at.kind.as_str()),
            Cow::Borrowed(at.account_id.as_str()),
            Cow::Borrowed(account),
            Cow::Borrowed(at.region.as_str()),
            finding.reason(),
            Cow::Owned(
                known
                    .map(|k| k.recommendations.join(" "))
                    .unwrap_or_default(),
            ),
            Cow::Borrowed(accepted.map_or("", |a| &a.owner)),
            Cow::Owned(serde_json::to_string(&finding.values())?),
            Cow::Owned(calls.join(" ")),
            Cow::Borrowed(accepted.map_or("", |a| &a.reason)),
            Cow::Owned(accepted.map(Accepted::until).unwrap_or_default()),
        ];
        self.out
            .write_record(fields.iter().map(|f| cell(f).into_owned().into_bytes()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        for formula in ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "＝1"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        assert_eq!(cell("arn:aws:s3:::a=b"), "arn:aws:s3:::a=b");
    }
}
