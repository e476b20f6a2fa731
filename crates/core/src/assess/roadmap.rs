//! What to do next: in the order of phase, then of gain against effort.

use super::standing::{Standing, StandingState};
use super::tally::{Example, Tally};
use crate::catalog::{Catalog, Control, Effort};
use crate::severity::Severity;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One thing to do, over all accounts in scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The recommendation.
    pub recommendation: String,
    /// Its title.
    pub title: String,
    /// The earliest maturity phase that names it; 9 when none does.
    pub phase: u8,
    /// Severity weight times failing resources, summed over its controls.
    pub gain: u64,
    /// The largest effort among the repairs of its failing controls.
    pub effort: Effort,
    /// The worst severity among its failing controls; `None` when nothing fails but a statement has run out.
    pub severity: Option<Severity>,
    /// Accounts in which it is open.
    pub accounts: Vec<String>,
    /// Failing resources.
    pub failing: u64,
    /// The failing controls, worst first.
    pub controls: Vec<String>,
    /// Some failing resources.
    pub examples: Vec<Example>,
    /// Why, in one line.
    pub why: String,
}

/// The phase of what no maturity phase names.
pub const NO_PHASE: u8 = 9;

/// Orders what is open: phase, then gain per effort, then id.
#[must_use]
pub fn roadmap(catalog: &Catalog, standings: &[Standing], tally: &Tally) -> Vec<Step> {
    let phases = phases(catalog);
    let mut open: BTreeMap<&str, Vec<&Standing>> = BTreeMap::new();
    for standing in standings {
        if matches!(
            standing.state,
            StandingState::NotMet | StandingState::Expired
        ) {
            open.entry(&standing.recommendation)
                .or_default()
                .push(standing);
        }
    }
    let mut steps: Vec<Step> = open
        .into_iter()
        .filter_map(|(id, standings)| step(catalog, id, &standings, tally, &phases))
        .collect();
    steps.sort_by(|a, b| {
        a.phase
            .cmp(&b.phase)
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| (b.gain * cost(a.effort)).cmp(&(a.gain * cost(b.effort))))
            .then_with(|| a.recommendation.cmp(&b.recommendation))
    });
    steps
}

/// Relative cost of an effort, so that gains can be compared: a setting, a change, a project.
const fn cost(effort: Effort) -> u64 {
    match effort {
        Effort::Minutes => 1,
        Effort::Hours => 4,
        Effort::Days => 20,
    }
}

fn phases(catalog: &Catalog) -> BTreeMap<&str, u8> {
    let mut phases: BTreeMap<&str, u8> = BTreeMap::new();
    for requirement in catalog.frameworks.values().flat_map(|f| &f.requirements) {
        if let Some(phase) = requirement.phase {
            for id in &requirement.recommendations {
                let known = phases.entry(id).or_insert(phase);
                *known = (*known).min(phase);
            }
        }
    }
    phases
}

fn step(
    catalog: &Catalog,
    id: &str,
    standings: &[&Standing],
    tally: &Tally,
    phases: &BTreeMap<&str, u8>,
) -> Option<Step> {
    let recommendation = catalog.recommendations.get(id)?;
    let mut failing: BTreeMap<&str, (&Control, u64)> = BTreeMap::new();
    let mut accounts = BTreeSet::new();
    let mut examples = Vec::new();
    for standing in standings {
        accounts.insert(standing.account_id.clone());
        for answer in standing.answers.iter().filter(|a| a.counts.fail > 0) {
            let control = catalog.controls.get(&answer.control)?;
            let entry = failing.entry(&control.id).or_insert((control, 0));
            entry.1 += answer.counts.fail;
            examples.extend_from_slice(tally.examples(&answer.control, &standing.account_id));
        }
    }
    let mut controls: Vec<(&Control, u64)> = failing.into_values().collect();
    controls.sort_by(|(a, _), (b, _)| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    let why = controls.first().map_or_else(
        || standings.first().map(|s| s.why.clone()).unwrap_or_default(),
        |(worst, _)| worst.why.clone(),
    );
    examples.truncate(5);
    Some(Step {
        recommendation: id.to_owned(),
        title: recommendation.title.clone(),
        phase: phases.get(id).copied().unwrap_or(NO_PHASE),
        gain: controls.iter().map(|(c, n)| c.severity.weight() * n).sum(),
        effort: controls
            .iter()
            .map(|(c, _)| c.repair.effort)
            .max()
            .unwrap_or_default(),
        severity: controls.iter().map(|(c, _)| c.severity).max(),
        accounts: accounts.into_iter().collect(),
        failing: controls.iter().map(|(_, n)| n).sum(),
        controls: controls.iter().map(|(c, _)| c.id.clone()).collect(),
        examples,
        why,
    })
}
