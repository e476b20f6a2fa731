//! The summary, seen over all accounts.

use crate::text;
use palisade_core::Catalog;
use palisade_core::assess::{
    Counts, ENOUGH, FrameworkScore, Matrix, Phase, Standing, StandingState,
};
use palisade_core::snapshot::AccountScope;

/// What the framework of a score is called; its id, where the catalogue has it no longer.
pub(crate) fn framework_title<'a>(catalog: &'a Catalog, score: &'a FrameworkScore) -> &'a str {
    let known = catalog.frameworks.get(&score.framework);
    known.map_or(&score.framework, |f| &f.title)
}

/// A recommendation over all accounts.
#[derive(Debug)]
pub(crate) struct Overall<'a> {
    /// The recommendation.
    pub(crate) id: &'a str,
    /// The state in the account where it stands worst.
    pub(crate) state: StandingState,
    /// Its states, by account.
    pub(crate) standings: &'a [Standing],
}

impl Overall<'_> {
    /// The findings of its controls, over all accounts.
    #[must_use]
    pub(crate) fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for answer in self.standings.iter().flat_map(|s| &s.answers) {
            sum.merge(&answer.counts);
        }
        sum
    }

    /// The standing that decided the state.
    #[must_use]
    pub(crate) fn deciding(&self) -> Option<&Standing> {
        self.standings.iter().find(|s| s.state == self.state)
    }

    /// In how many accounts the state is the overall one.
    #[must_use]
    pub(crate) fn accounts(&self) -> u64 {
        self.standings
            .iter()
            .filter(|s| s.state == self.state)
            .count() as u64
    }
}

/// Joins the standings of each recommendation; the standings of one stand together.
#[must_use]
pub(crate) fn overall(standings: &[Standing]) -> Vec<Overall<'_>> {
    standings
        .chunk_by(|a, b| a.recommendation == b.recommendation)
        .filter_map(|group| {
            let worst = group.iter().min_by_key(|s| s.state.rank())?;
            Some(Overall {
                id: &worst.recommendation,
                state: worst.state,
                standings: group,
            })
        })
        .collect()
}

/// A share over accounts: the mean, and the account that stands worst.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Share<'a> {
    /// The mean of the accounts that have anything to score.
    pub(crate) mean: f64,
    /// The worst account and its share.
    pub(crate) worst: Option<(&'a str, f64)>,
}

/// The share of a framework's recommendations that are met, all of them or those of one phase.
#[must_use]
pub(crate) fn share(score: &FrameworkScore, phase: Option<u8>) -> Share<'_> {
    let mut sum = 0.0;
    let mut scored = 0_u32;
    let mut worst: Option<(&str, f64)> = None;
    for account in &score.accounts {
        let Some(share) = account.share_of(phase) else {
            continue;
        };
        sum += share;
        scored += 1;
        if worst.is_none_or(|(_, w)| share < w) {
            worst = Some((&account.account_id, share));
        }
    }
    Share {
        mean: if scored == 0 {
            0.0
        } else {
            sum / f64::from(scored)
        },
        worst,
    }
}

/// The first maturity phase that a framework's score has, if it has phases.
#[must_use]
pub(crate) fn first_phase(score: &FrameworkScore) -> Option<u8> {
    score
        .accounts
        .iter()
        .flat_map(|a| &a.cells)
        .filter_map(|c| c.phase)
        .min()
}

/// `Phase 1 reached; working on phase 2: 16 % of its recommendations met in the worst account, 90 % needed`. A phase is reached when it and every lower
/// one hold in every account; nothing for a framework without phases.
#[must_use]
pub(crate) fn phases_in_words(matrix: &Matrix) -> Option<String> {
    let holds = |phase: &&Phase| phase.all.minimum >= ENOUGH;
    let reached = matrix.phases.iter().take_while(holds).last();
    let working = matrix.phases.iter().find(|phase| !holds(phase));
    let next = working.map(|phase| {
        format!(
            "orking on phase {}: {} of its recommendations met in the worst account, {} needed",
            phase.phase,
            text::percent(phase.all.minimum),
            text::percent(ENOUGH)
        )
    });
    match (reached, next) {
        (Some(phase), Some(next)) => Some(format!("Phase {} reached; w{next}", phase.phase)),
        (Some(phase), None) => Some(format!("Phase {} reached", phase.phase)),
        (None, next) => next.map(|next| format!("W{next}")),
    }
}

/// `name (id)`, or the bare id.
#[must_use]
pub(crate) fn account_label(accounts: &[AccountScope], id: &str) -> String {
    match accounts.iter().find(|a| a.id == id) {
        Some(a) if !a.name.is_empty() => format!("{} ({id})", a.name),
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_core::assess::Spread;
    use std::collections::BTreeMap;

    #[test]
    fn a_phase_is_reached_when_it_holds_itself() {
        let words = |least: &[f64]| {
            let phases = (1..).zip(least).map(|(phase, minimum)| Phase {
                phase,
                all: Spread {
                    mean: 1.0,
                    minimum: *minimum,
                    worst: "1".to_owned(),
                    accounts: 1,
                },
                accounts: BTreeMap::new(),
                units: BTreeMap::new(),
            });
            phases_in_words(&Matrix {
                phases: phases.collect(),
                reached: Some(1),
            })
        };
        assert_eq!(words(&[]), None);
        assert_eq!(
            words(&[0.16, 1.0]).unwrap(),
            "Working on phase 1: 16 % of its recommendations met in the worst account, 90 % needed"
        );
        assert_eq!(
            words(&[0.9, 0.5, 1.0]).unwrap(),
            "Phase 1 reached; working on phase 2: 50 % of its recommendations met in the worst account, 90 % needed"
        );
        assert_eq!(words(&[1.0, 0.95]).unwrap(), "Phase 2 reached");
    }
}
