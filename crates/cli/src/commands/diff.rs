//! `palisade diff OLDER NEWER`

mod again;

use crate::args::Diff;
use crate::evaluate::Evaluation;
use crate::failure::{Done, Failure};
use crate::house::{self, House};
use crate::sink::Seen;
use crate::state::State as Kept;
use crate::terminal::Terminal;
use again::{Again, was_not_asked};
use palisade_core::catalog::{Attestations, Selected};
use palisade_core::finding::FindingSink;
use palisade_core::snapshot::Manifest;
use palisade_core::{Finding, State};
use palisade_query::Snapshot;
use palisade_report::{Changed, Difference, NotAgain, diff_text};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Evaluates both snapshots with today's catalogue and compares the findings by their stable ids.
pub(crate) fn run(args: &Diff, terminal: &Terminal) -> Result<Done, Failure> {
    let house = House::open(&args.catalog, terminal)?;
    let (older, newer) = snapshots(args)?;
    let mut before = Seen::default();
    evaluate(&house, &older, &mut before, terminal)?;
    let mut compare = Compare {
        before: before.states,
        seen: BTreeSet::new(),
        again: Again::new(&house.catalog, &scope(&older)?, &scope(&newer)?),
        difference: Difference::default(),
    };
    evaluate(&house, &newer, &mut compare, terminal)?;
    let Compare {
        before: mut left,
        seen,
        again,
        mut difference,
    } = compare;
    left.retain(|id, _| !seen.contains(id));
    if !left.is_empty() {
        // What is left was seen only in the older one: its findings are read again, to be told whole.
        let mut only = Only {
            ids: left,
            again,
            difference,
        };
        evaluate(&house, &older, &mut only, terminal)?;
        difference = only.difference;
    }
    let mut output = terminal.output(None)?;
    match args.format.as_str() {
        "json" => output.json(&json(&difference))?,
        _ => diff_text(&mut output, &difference, terminal.options(false))?,
    }
    output.finish()?;
    let worse = difference
        .new
        .iter()
        .chain(difference.changed.iter().map(|c| &c.now))
        .filter(|f| f.verdict.state() == State::Fail)
        .map(|f| f.severity)
        .max();
    Ok(match (args.fail_on, worse) {
        (Some(least), Some(worst)) if worst >= least => Done::Found,
        _ => Done::Clean,
    })
}

fn snapshots(args: &Diff) -> Result<(PathBuf, PathBuf), Failure> {
    match (&args.older, &args.newer) {
        (Some(older), Some(newer)) => Ok((older.clone(), newer.clone())),
        (Some(older), None) => Ok((older.clone(), Kept::find()?.latest()?)),
        (None, _) => match Kept::find()?.whole().as_slice() {
            [.., older, newer] => Ok((older.clone(), newer.clone())),
            _ => Err(Failure::usage("there are not two snapshots to compare")
                .hint("name them: `palisade diff OLDER NEWER`")),
        },
    }
}

/// The accounts of a snapshot.
fn scope(folder: &Path) -> Result<Manifest, Failure> {
    Ok(Snapshot::open(folder)?.manifest().clone())
}

fn evaluate(
    house: &House,
    folder: &Path,
    sink: &mut dyn FindingSink,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let (exceptions, _) = house::exceptions(None, &house.catalog)?;
    Evaluation {
        house,
        selected: Selected::all(&house.catalog),
        planned: None,
        exceptions: &exceptions,
        attestations: &Attestations::default(),
        demo: false,
        owner: None,
    }
    .feed(folder, sink, terminal)
}

/// Takes the newer findings and compares each with what was seen of it.
struct Compare<'c> {
    before: BTreeMap<String, State>,
    /// Kept apart: resources that AWS gives one and the same ARN share an id, and each is compared.
    seen: BTreeSet<String>,
    again: Again<'c>,
    difference: Difference,
}

impl FindingSink for Compare<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let now = finding.verdict.state();
        let id = finding.id();
        self.again.take(finding);
        let before = self.before.get(&id).copied();
        self.seen.insert(id);
        match before {
            None if was_not_asked(finding) => self.difference.unasked.now += 1,
            None => self.difference.new.push(finding.settled()),
            Some(before) if before == now => self.difference.still.add(now),
            Some(before) if was_not_asked(finding) => self.difference.not_again.push(NotAgain {
                before,
                finding: finding.settled(),
                why: finding.reason().into_owned(),
            }),
            Some(before) => self.difference.changed.push(Changed {
                before,
                now: finding.settled(),
            }),
        }
        Ok(())
    }
}

/// Takes the findings of some ids: they are gone, or were not looked at again.
struct Only<'c> {
    ids: BTreeMap<String, State>,
    again: Again<'c>,
    difference: Difference,
}

impl FindingSink for Only<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.ids.contains_key(&finding.id()) {
            return Ok(());
        }
        if was_not_asked(finding) {
            self.difference.unasked.before += 1;
            return Ok(());
        }
        match self.again.why_not(finding) {
            None => self.difference.gone.push(finding.settled()),
            Some(why) => self.difference.not_again.push(NotAgain {
                before: finding.verdict.state(),
                finding: finding.settled(),
                why,
            }),
        }
        Ok(())
    }
}

fn json(difference: &Difference) -> serde_json::Value {
    let one = |f: &Finding, before: Option<State>| {
        serde_json::json!({
            "id": f.id(),
            "control": &*f.control,
            "severity": f.severity,
            "verdict": f.verdict.state(),
            "before": before,
            "resource": *f.resource,
            "reason": f.reason(),
        })
    };
    let not_again = |one: &NotAgain| {
        let f = &one.finding;
        serde_json::json!({
            "id": f.id(),
            "control": &*f.control,
            "severity": f.severity,
            "before": one.before,
            "resource": *f.resource,
            "reason": one.why,
        })
    };
    let all = |findings: &[Finding]| -> Vec<_> { findings.iter().map(|f| one(f, None)).collect() };
    serde_json::json!({
        "schema": "palisade.diff/v1",
        "new": all(&difference.new),
        "gone": all(&difference.gone),
        "changed": difference.changed.iter().map(|c| one(&c.now, Some(c.before))).collect::<Vec<_>>(),
        "not_looked_at_again": difference.not_again.iter().map(not_again).collect::<Vec<_>>(),
        "not_asked": { "before": difference.unasked.before, "now": difference.unasked.now },
        "still": difference.still,
    })
}
