//! What to do next: in the order of phase, then of gain against effort.

use super::of_control::{EXAMPLES, Example};
use super::standing::{Standing, StandingState};
use super::tally::Tally;
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
    /// Severity weight times failing resources, those that can be reached from outside three times, summed over its
    /// controls.
    pub gain: u64,
    /// The largest effort among the repairs of its failing controls.
    pub effort: Effort,
    /// What that is taken to cost in all accounts in which it is open, in minutes of work.
    #[serde(default)]
    pub minutes: u64,
    /// The worst severity among its failing controls; `None` when nothing fails but a statement has run out.
    pub severity: Option<Severity>,
    /// Accounts in which it is open.
    pub accounts: Vec<String>,
    /// Failing resources.
    pub failing: u64,
    /// Those of them that the internet reaches, or somebody outside the organization can use.
    #[serde(default)]
    pub exposed: u64,
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
    Planner::new(catalog).steps(standings, tally)
}

/// Makes roadmaps: of an organization, and of each of its accounts.
#[derive(Debug)]
pub struct Planner<'c> {
    catalog: &'c Catalog,
    phases: BTreeMap<&'c str, u8>,
}

impl<'c> Planner<'c> {
    /// A planner for a catalogue.
    #[must_use]
    pub fn new(catalog: &'c Catalog) -> Self {
        Self {
            catalog,
            phases: phases(catalog),
        }
    }

    /// What is open, as [`roadmap`] orders it.
    #[must_use]
    pub fn steps(&self, standings: &[Standing], tally: &Tally) -> Vec<Step> {
        ordered(self.catalog, &self.phases, standings, tally)
    }
}

fn ordered(
    catalog: &Catalog,
    phases: &BTreeMap<&str, u8>,
    standings: &[Standing],
    tally: &Tally,
) -> Vec<Step> {
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
        .filter_map(|(id, standings)| step(catalog, id, &standings, tally, phases))
        .collect();
    steps.sort_by(|a, b| {
        a.phase
            .cmp(&b.phase)
            .then_with(|| against(b, a).cmp(&against(a, b)))
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| a.recommendation.cmp(&b.recommendation))
    });
    steps
}

/// One step's gain times the other's cost: comparing these compares gain per cost, without a fraction.
fn against(one: &Step, other: &Step) -> u128 {
    u128::from(one.gain) * u128::from(other.minutes.max(1))
}

/// The steps that fit into a budget of minutes: in their order, leaving out what is too large for what is left.
#[must_use]
pub fn within(steps: Vec<Step>, budget: u64) -> Vec<Step> {
    let mut left = budget;
    steps
        .into_iter()
        .filter(|step| {
            let fits = step.minutes <= left;
            if fits {
                left -= step.minutes;
            }
            fits
        })
        .collect()
}

/// How often a failing resource counts that can be reached from outside.
const EXPOSED: u64 = 3;

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
    let mut failing: BTreeMap<&str, (&Control, u64, u64)> = BTreeMap::new();
    let mut accounts = BTreeSet::new();
    let mut examples = Vec::new();
    for standing in standings {
        accounts.insert(standing.account_id.to_string());
        let place = tally.place(&standing.account_id);
        for answer in standing.answers.iter().filter(|a| a.counts.fail > 0) {
            let control = catalog.controls.get(&*answer.control)?;
            let entry = failing.entry(&control.id).or_insert((control, 0, 0));
            entry.1 += answer.counts.fail;
            let (Some(of), Some(place)) = (tally.control(&answer.control), place) else {
                continue;
            };
            entry.2 += of.exposed(place);
            let room = EXAMPLES - examples.len();
            examples.extend(of.examples(place, &standing.account_id).take(room));
        }
    }
    let mut controls: Vec<(&Control, u64, u64)> = failing.into_values().collect();
    controls.sort_by(|(a, ..), (b, ..)| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    let why = controls.first().map_or_else(
        || {
            standings
                .first()
                .map_or_else(String::new, |s| s.why.to_string())
        },
        |(worst, ..)| worst.why.clone(),
    );
    let efforts = controls.iter().map(|(c, ..)| c.repair.effort);
    let effort = efforts.max().unwrap_or_default();
    let weigh = |(control, fail, exposed): &(&Control, u64, u64)| {
        control.severity.weight() * (fail + exposed * (EXPOSED - 1))
    };
    Some(Step {
        recommendation: id.to_owned(),
        title: recommendation.title.clone(),
        phase: phases.get(id).copied().unwrap_or(NO_PHASE),
        gain: controls.iter().map(weigh).sum(),
        effort,
        minutes: effort.minutes() * accounts.len() as u64,
        severity: controls.iter().map(|(c, ..)| c.severity).max(),
        accounts: accounts.into_iter().collect(),
        failing: controls.iter().map(|(_, fail, _)| fail).sum(),
        exposed: controls.iter().map(|(.., exposed)| exposed).sum(),
        controls: controls.iter().map(|(c, ..)| c.id.clone()).collect(),
        examples,
        why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(id: &str, gain: u64, minutes: u64) -> Step {
        Step {
            recommendation: id.to_owned(),
            title: String::new(),
            phase: 1,
            gain,
            effort: Effort::Minutes,
            minutes,
            severity: None,
            accounts: Vec::new(),
            failing: 0,
            exposed: 0,
            controls: Vec::new(),
            examples: Vec::new(),
            why: String::new(),
        }
    }

    #[test]
    fn gain_counts_against_what_it_costs() {
        let (cheap, dear) = (step("a", 10, 15), step("b", 100, 1440));
        assert!(against(&cheap, &dear) > against(&dear, &cheap));
        // What costs nothing known is compared by its gain.
        assert!(against(&step("a", 2, 0), &step("b", 1, 0)) > 1);
    }

    #[test]
    fn a_budget_is_filled_in_order() {
        let steps = vec![step("a", 1, 60), step("b", 1, 500), step("c", 1, 30)];
        let fit = within(steps, 100);
        let ids: Vec<&str> = fit.iter().map(|s| s.recommendation.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
    }
}
