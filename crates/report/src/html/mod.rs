//! One HTML page that needs nothing else: no network, no font, no other file.
//!
//! Findings are written as they come, into inert `application/json` blocks that the page's own script reads. Values
//! never become markup: in the file every `<`, `>` and `&` of the data is a JSON escape, the script only makes text
//! nodes, and the page's content security policy runs no script but its own (by hash) and loads nothing.

pub(crate) mod escape;
mod head;
mod tail;

pub(crate) use escape::text;

use crate::Report;
use escape::Escaped;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::snapshot::AccountScope;
use palisade_core::{CallRef, Catalog, Finding, Severity, State};
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};

/// Findings of one block; the browser reads block by block.
const BLOCK: usize = 2000;

/// Writes the page.
pub(crate) struct Html<'a> {
    out: Box<dyn Write + Send + 'a>,
    catalog: &'a Catalog,
    block: Option<Block>,
    controls: BTreeSet<String>,
    accounts: Vec<AccountScope>,
}

/// The block that is open: what its findings share.
struct Block {
    control: String,
    severity: Severity,
    kind: String,
    rows: usize,
}

impl Block {
    fn holds(&self, finding: &Finding) -> bool {
        self.rows < BLOCK
            && *self.control == *finding.control
            && self.severity == finding.severity
            && self.kind == finding.resource.kind
    }
}

impl fmt::Debug for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Html")
            .field("controls", &self.controls.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Html<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out,
            catalog,
            block: None,
            controls: BTreeSet::new(),
            accounts: Vec::new(),
        }
    }

    fn json(&mut self, value: &(impl serde::Serialize + ?Sized)) -> io::Result<()> {
        serde_json::to_writer(Escaped(&mut self.out), value)?;
        Ok(())
    }

    fn close_block(&mut self) -> io::Result<()> {
        if self.block.take().is_some() {
            self.out.write_all(b"]}</script>\n")?;
        }
        Ok(())
    }

    fn open_block(&mut self, finding: &Finding) -> io::Result<()> {
        self.out
            .write_all(b"<script type=\"application/json\" class=\"findings\">{\"control\":")?;
        self.json(&*finding.control)?;
        self.out.write_all(b",\"severity\":")?;
        self.json(&finding.severity)?;
        self.out.write_all(b",\"kind\":")?;
        self.json(&finding.resource.kind)?;
        self.out.write_all(b",\"rows\":[")?;
        self.controls.insert(finding.control.to_string());
        self.block = Some(Block {
            control: finding.control.to_string(),
            severity: finding.severity,
            kind: finding.resource.kind.clone(),
            rows: 0,
        });
        Ok(())
    }
}

/// The verdict's place in the script's list, which is that of [`State::ALL`].
fn verdict(state: State) -> usize {
    State::ALL
        .into_iter()
        .position(|s| s == state)
        .unwrap_or_default()
}

fn call(call: &CallRef) -> (&str, &str, &'static str, Option<&str>) {
    (
        &call.id,
        &call.operation,
        call.outcome.as_str(),
        call.code.as_deref(),
    )
}

impl Report for Html<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.accounts.clone_from(&header.accounts);
        head::write(&mut self.out, header)?;
        self.out
            .write_all(b"<script type=\"application/json\" id=\"head\">")?;
        self.json(header)?;
        self.out.write_all(b"</script>\n")
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        self.close_block()?;
        self.out
            .write_all(b"<script type=\"application/json\" id=\"tail\">")?;
        let tail = tail::Tail::new(self.catalog, &self.controls, summary, &self.accounts);
        serde_json::to_writer(Escaped(&mut self.out), &tail)?;
        self.out.write_all(b"</script>\n")?;
        head::close(&mut self.out)?;
        self.out.flush()
    }
}

impl FindingSink for Html<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.block.as_ref().is_some_and(|b| b.holds(finding)) {
            self.close_block()?;
            self.open_block(finding)?;
        }
        let at = &finding.resource;
        let owner = finding.verdict.owner().unwrap_or_default();
        let calls: Vec<_> = finding.verdict.calls().iter().map(call).collect();
        let row = (
            &finding.id,
            verdict(finding.verdict.state()),
            &at.arn,
            &at.name,
            &at.account_id,
            &at.region,
            &finding.reason,
            &finding.evidence.values,
            calls,
            owner,
        );
        if let Some(block) = &mut self.block {
            if block.rows > 0 {
                self.out.write_all(b",\n")?;
            }
            block.rows += 1;
        }
        self.json(&row)
    }
}
