//! Findings as rows of inert JSON blocks, which the page's own script reads.

use super::escape::Escaped;
use super::heads::{Head, Heads};
use palisade_core::assess::Counts;
use palisade_core::{Accepted, CallRef, Finding, State};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Findings of one block; the browser reads block by block.
const BLOCK: usize = 2000;

/// Findings that a page takes as they come. A browser reads so many in a fraction of a second.
const FREELY: usize = 30_000;

/// What of each control a page takes after that: those that ask for something, and the others.
const AFTER: [u32; 2] = [100, 20];

/// The findings of one page. There may be thousands of pages at once, so it holds little.
#[derive(Debug, Default)]
pub(super) struct Rows {
    heads: Vec<Own>,
    /// The heads' places in the page, by number.
    places: BTreeMap<u32, u32>,
    /// Rows of the block that is open.
    open: usize,
    taken: usize,
    /// What was left out, by the number of its head.
    left: BTreeMap<u32, Counts>,
    /// The calls that were written, by id: findings that rest on one after the first name it by its place.
    calls: BTreeMap<Box<str>, u32>,
}

/// A head of the page, and how many of its findings were written: those that ask for something, and the others.
#[derive(Debug)]
struct Own {
    number: u32,
    asking: u32,
    others: u32,
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
    Place(u32),
}

impl Rows {
    /// Writes a finding, unless the page has enough of its control.
    pub(super) fn add(
        &mut self,
        out: &mut impl Write,
        heads: &mut Heads,
        finding: &Finding,
    ) -> io::Result<()> {
        let number = heads.of(finding);
        let place = self.place(number);
        let state = finding.verdict.state();
        if !self.takes(place, state) {
            self.left.entry(number).or_default().add(state);
            return Ok(());
        }
        self.taken += 1;
        out.write_all(match self.open {
            0 => b"<script type=\"application/json\" class=\"findings\">[",
            _ => b",\n",
        })?;
        self.row(out, place, finding)?;
        self.open += 1;
        if self.open == BLOCK {
            self.close(out)?;
        }
        Ok(())
    }

    /// Closes the block that is open.
    pub(super) fn close(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.open > 0 {
            self.open = 0;
            out.write_all(b"]</script>\n")?;
        }
        Ok(())
    }

    /// What findings point at, in order.
    pub(super) fn heads<'h>(&self, heads: &'h Heads) -> Vec<&'h Head> {
        let own = self.heads.iter();
        own.filter_map(|own| heads.get(own.number)).collect()
    }

    /// The findings that the page does not hold, by control.
    pub(super) fn left<'h>(&self, heads: &'h Heads) -> BTreeMap<&'h str, Counts> {
        let mut all: BTreeMap<&str, Counts> = BTreeMap::new();
        for (number, counts) in &self.left {
            if let Some(head) = heads.get(*number) {
                all.entry(&head.control).or_default().merge(counts);
            }
        }
        all
    }

    /// The controls that have findings, and whether any of them asks for something.
    pub(super) fn controls<'h>(&self, heads: &'h Heads) -> BTreeMap<&'h str, bool> {
        let mut all = BTreeMap::new();
        for own in &self.heads {
            let left = self.left.get(&own.number);
            let asks = own.asking > 0 || left.is_some_and(|c| c.fail + c.unknown + c.excepted > 0);
            if let Some(head) = heads.get(own.number) {
                *all.entry(&*head.control).or_default() |= asks;
            }
        }
        all
    }

    fn call<'f>(&mut self, call: &'f CallRef) -> Call<'f> {
        if let Some(place) = self.calls.get(call.id.as_str()) {
            return Call::Place(*place);
        }
        let place = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        self.calls.insert(call.id.as_str().into(), place);
        let outcome = call.outcome.as_str();
        Call::Whole(&call.id, &call.operation, outcome, call.code.as_deref())
    }

    fn row(&mut self, out: &mut impl Write, head: u32, finding: &Finding) -> io::Result<()> {
        let at = &finding.resource;
        let state = finding.verdict.state();
        let calls = finding.verdict.calls().iter();
        let calls: Vec<Call<'_>> = calls.map(|call| self.call(call)).collect();
        // What a question does not apply to was not judged by its values.
        let values = (state != State::NotApplicable).then(|| finding.values());
        let row = (
            head,
            finding.id(),
            verdict(state),
            &at.arn,
            &at.name,
            &at.account_id,
            &at.region,
            finding.reason(),
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

    /// Counts a finding that there is room for.
    fn takes(&mut self, place: u32, state: State) -> bool {
        let own = usize::try_from(place).ok();
        let Some(own) = own.and_then(|at| self.heads.get_mut(at)) else {
            return false;
        };
        let (written, most) = match state {
            State::Fail | State::Unknown | State::Excepted => (&mut own.asking, AFTER[0]),
            State::Pass | State::NotApplicable => (&mut own.others, AFTER[1]),
        };
        let takes = self.taken < FREELY || *written < most;
        *written += u32::from(takes);
        takes
    }

    /// The place of a head in the page.
    fn place(&mut self, number: u32) -> u32 {
        let next = u32::try_from(self.heads.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(number).or_insert(next);
        if place == next {
            self.heads.push(Own {
                number,
                asking: 0,
                others: 0,
            });
        }
        place
    }
}

/// The verdict's place in the script's list, which is that of [`State::ALL`].
fn verdict(state: State) -> usize {
    let mut all = State::ALL.into_iter();
    all.position(|s| s == state).unwrap_or_default()
}
