//! Where findings go: to the tally and to the report, one by one.

use palisade_core::assess::{Exposure, Tally};
use palisade_core::finding::FindingSink;
use palisade_core::{Finding, Severity, State};
use palisade_report::Report;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::thread::ScopedJoinHandle;

/// Feeds the tally and a report.
pub(crate) struct Fan<'r, 's> {
    /// Counts.
    pub(crate) tally: Tally,
    /// Writes; none when only the counts are wanted.
    pub(crate) report: Option<&'r mut dyn Report>,
    /// The resources whose fails count; all, where none are named.
    pub(crate) only: Option<BTreeSet<String>>,
    /// What is exposed, worked out while controls are decided: the tally is told when it is known.
    pub(crate) exposed: Option<ScopedJoinHandle<'s, Exposure>>,
}

impl Fan<'_, '_> {
    /// Tells the tally what is exposed, once that is known; to be called after the last finding too.
    pub(crate) fn reach(&mut self) -> io::Result<()> {
        if let Some(exposed) = self.exposed.take() {
            let exposed = exposed.join();
            self.tally.reach(
                exposed.map_err(|_| io::Error::other("an engine stopped before it answered"))?,
            );
        }
        Ok(())
    }
}

impl FindingSink for Fan<'_, '_> {
    fn reads_grounds(&self) -> bool {
        self.report.as_ref().is_some_and(|r| r.reads_grounds())
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let counts = self.only.as_ref().is_none_or(|only| {
            finding.verdict.state() != State::Fail || only.contains(&finding.resource.arn)
        });
        if !counts {
            return Ok(());
        }
        if self
            .exposed
            .as_ref()
            .is_some_and(ScopedJoinHandle::is_finished)
        {
            self.reach()?;
        }
        self.tally.finding(finding)?;
        match &mut self.report {
            Some(report) => report.finding(finding),
            None => Ok(()),
        }
    }
}

/// Keeps the one finding that has an id.
pub(crate) struct Find<'a> {
    /// The id looked for.
    pub(crate) id: &'a str,
    /// The finding.
    pub(crate) found: Option<Finding>,
}

impl FindingSink for Find<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if finding.id() == self.id {
            self.found = Some(finding.settled());
        }
        Ok(())
    }
}

/// Keeps the state of every finding, by id.
#[derive(Default)]
pub(crate) struct Seen {
    /// The states.
    pub(crate) states: BTreeMap<String, State>,
}

impl FindingSink for Seen {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.states.insert(finding.id(), finding.verdict.state());
        Ok(())
    }
}

/// Whether a tally has a fail at or above a threshold.
pub(crate) fn fails_at(tally: &Tally, threshold: Option<Severity>) -> bool {
    threshold.is_some_and(|least| tally.worst_fail().is_some_and(|worst| worst >= least))
}

/// The findings at or above a severity that could not be decided.
pub(crate) fn unknown_at(tally: &Tally, least: Severity) -> u64 {
    Severity::ALL
        .into_iter()
        .filter(|severity| *severity >= least)
        .map(|severity| tally.of_severity(severity).unknown)
        .sum()
}
