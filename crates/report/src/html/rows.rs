//! Findings as rows of inert JSON blocks, which the page's own script reads.

use super::escape::Escaped;
use palisade_core::assess::Counts;
use palisade_core::{Accepted, CallRef, Finding, Severity, State};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Findings of one block; the browser reads block by block.
const BLOCK: usize = 2000;

/// Findings that a page takes as they come. A browser reads so many in a fraction of a second.
const FREELY: usize = 30_000;

/// What of each control a page takes after that: those that ask for something, and the others.
const AFTER: [u64; 2] = [100, 20];

/// What the findings of a control share: they name it by its place in the page's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Head {
    control: String,
    severity: Severity,
    kind: String,
}

/// The findings of one page.
#[derive(Debug, Default)]
pub(super) struct Rows {
    heads: Vec<Head>,
    places: BTreeMap<String, Vec<usize>>,
    /// Rows of the block that is open.
    open: usize,
    taken: usize,
    /// By head: what was written, and what was left out.
    written: BTreeMap<usize, Counts>,
    left: BTreeMap<usize, Counts>,
    /// The calls that were written, by id: findings that rest on one after the first name it by its place.
    calls: BTreeMap<String, usize>,
}

/// What accepts the fail of a row: nothing of most.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Accepts<'f> {
    Nothing(&'static str),
    Exception(&'f Accepted),
}

/// A call of a row: the first time whole.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Call<'f> {
    Whole(&'f str, &'f str, &'static str, Option<&'f str>),
    Place(usize),
}

impl Rows {
    /// Writes a finding, unless the page has enough of its control.
    pub(super) fn add(&mut self, out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
        let head = self.head(finding);
        let state = finding.verdict.state();
        if self.taken >= FREELY && self.enough(head, state) {
            self.left.entry(head).or_default().add(state);
            return Ok(());
        }
        self.taken += 1;
        self.written.entry(head).or_default().add(state);
        out.write_all(match self.open {
            0 => b"<script type=\"application/json\" class=\"findings\">[",
            _ => b",\n",
        })?;
        self.row(out, head, finding)?;
        self.open += 1;
        if self.open == BLOCK {
            self.close(out)?;
        }
        Ok(())
    }

    /// Closes the block that is open.
    pub(super) fn close(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.open > 0 {
            self.open = 0;
            out.write_all(b"]</script>\n")?;
        }
        Ok(())
    }

    /// What findings point at, in order.
    pub(super) fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The findings that the page does not hold, by control.
    pub(super) fn left(&self) -> BTreeMap<&str, Counts> {
        let mut all: BTreeMap<&str, Counts> = BTreeMap::new();
        for (head, counts) in &self.left {
            if let Some(head) = self.heads.get(*head) {
                all.entry(&head.control).or_default().merge(counts);
            }
        }
        all
    }

    /// The controls that have findings, and whether any of them asks for something.
    pub(super) fn controls(&self) -> BTreeMap<&str, bool> {
        let asks = |head: &usize| {
            let all = [&self.written, &self.left].into_iter();
            let mut counts = all.filter_map(|counts| counts.get(head));
            counts.any(|c| c.fail + c.unknown + c.excepted > 0)
        };
        let all = self.places.iter();
        all.map(|(control, heads)| (control.as_str(), heads.iter().any(asks)))
            .collect()
    }

    fn call<'f>(&mut self, call: &'f CallRef) -> Call<'f> {
        if let Some(place) = self.calls.get(&call.id) {
            return Call::Place(*place);
        }
        self.calls.insert(call.id.clone(), self.calls.len());
        let outcome = call.outcome.as_str();
        Call::Whole(&call.id, &call.operation, outcome, call.code.as_deref())
    }

    fn row(&mut self, out: &mut dyn Write, head: usize, finding: &Finding) -> io::Result<()> {
        let at = &finding.resource;
        let state = finding.verdict.state();
        let calls = finding.verdict.calls().iter();
        let calls: Vec<Call<'_>> = calls.map(|call| self.call(call)).collect();
        // What a question does not apply to was not judged by its values.
        let values = (state != State::NotApplicable).then_some(&finding.evidence.values);
        let row = (
            head,
            &finding.id,
            verdict(state),
            &at.arn,
            &at.name,
            &at.account_id,
            &at.region,
            &finding.reason,
            values,
            calls,
            match finding.verdict.accepted() {
                Some(accepted) => Accepts::Exception(accepted),
                None => Accepts::Nothing(""),
            },
        );
        serde_json::to_writer(Escaped(out), &row)?;
        Ok(())
    }

    fn enough(&self, head: usize, state: State) -> bool {
        let written = self.written.get(&head).copied().unwrap_or_default();
        let asking = written.fail + written.unknown + written.excepted;
        match state {
            State::Fail | State::Unknown | State::Excepted => asking >= AFTER[0],
            State::Pass | State::NotApplicable => written.total() - asking >= AFTER[1],
        }
    }

    fn head(&mut self, finding: &Finding) -> usize {
        let is =
            |head: &Head| head.severity == finding.severity && head.kind == finding.resource.kind;
        let known = self.places.get(&*finding.control).into_iter().flatten();
        for at in known {
            if self.heads.get(*at).is_some_and(is) {
                return *at;
            }
        }
        let at = self.heads.len();
        let control = finding.control.to_string();
        self.places.entry(control.clone()).or_default().push(at);
        self.heads.push(Head {
            control,
            severity: finding.severity,
            kind: finding.resource.kind.clone(),
        });
        at
    }
}

/// The verdict's place in the script's list, which is that of [`State::ALL`].
fn verdict(state: State) -> usize {
    let mut all = State::ALL.into_iter();
    all.position(|s| s == state).unwrap_or_default()
}
