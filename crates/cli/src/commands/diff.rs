//! `palisade diff OLDER NEWER`

use crate::args::Diff;
use crate::evaluate::Evaluation;
use crate::failure::{Done, Failure};
use crate::house::{self, House};
use crate::sink::Seen;
use crate::state::State as Kept;
use crate::terminal::Terminal;
use palisade_core::catalog::{Attestations, Selected};
use palisade_core::finding::FindingSink;
use palisade_core::{Finding, State};
use palisade_report::{Changed, Difference, diff_text};
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
        difference: Difference::default(),
    };
    evaluate(&house, &newer, &mut compare, terminal)?;
    let mut difference = compare.difference;
    let mut gone = compare.before;
    gone.retain(|id, _| !compare.seen.contains(id));
    if !gone.is_empty() {
        // What is left was seen only in the older one: its findings are read again, to be told whole.
        let mut gone = Only {
            ids: gone,
            found: Vec::new(),
        };
        evaluate(&house, &older, &mut gone, terminal)?;
        difference.gone = gone.found;
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
struct Compare {
    before: BTreeMap<String, State>,
    /// Kept apart: resources that AWS gives one and the same ARN share an id, and each is compared.
    seen: BTreeSet<String>,
    difference: Difference,
}

impl FindingSink for Compare {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let now = finding.verdict.state();
        self.seen.insert(finding.id.clone());
        match self.before.get(&finding.id).copied() {
            None => self.difference.new.push(finding.clone()),
            Some(before) if before == now => self.difference.still.add(now),
            Some(before) => self.difference.changed.push(Changed {
                before,
                now: finding.clone(),
            }),
        }
        Ok(())
    }
}

/// Keeps the findings of some ids.
struct Only {
    ids: BTreeMap<String, State>,
    found: Vec<Finding>,
}

impl FindingSink for Only {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.ids.contains_key(&finding.id) {
            self.found.push(finding.clone());
        }
        Ok(())
    }
}

fn json(difference: &Difference) -> serde_json::Value {
    let one = |f: &Finding, before: Option<State>| {
        serde_json::json!({
            "id": f.id,
            "control": &*f.control,
            "severity": f.severity,
            "verdict": f.verdict.state(),
            "before": before,
            "resource": f.resource,
            "reason": f.reason,
        })
    };
    let all = |findings: &[Finding]| -> Vec<_> { findings.iter().map(|f| one(f, None)).collect() };
    serde_json::json!({
        "schema": "palisade.diff/v1",
        "new": all(&difference.new),
        "gone": all(&difference.gone),
        "changed": difference.changed.iter().map(|c| one(&c.now, Some(c.before))).collect::<Vec<_>>(),
        "still": difference.still,
    })
}
