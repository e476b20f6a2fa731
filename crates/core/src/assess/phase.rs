//! A maturity model's phases over accounts and organizational units: the mean beside the minimum, for an organization is
//! as mature as its worst account.

use super::score::FrameworkScore;
use crate::snapshot::AccountScope;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The share of a phase's recommendations that every account needs, so that the next phase counts as reached.
pub const ENOUGH: f64 = 0.9;

/// The phases of a framework.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// In order; empty for a framework without phases.
    pub phases: Vec<Phase>,
    /// The phase that the organization has reached: the first one, and each further one whose lower phases hold to
    /// [`ENOUGH`] in every account in scope. An account that was not entered has met
    /// nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<u8>,
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Its number.
    pub phase: u8,
    /// Over all accounts that have anything to score.
    pub all: Spread,
    /// Each account's share; accounts that have nothing to score are left out.
    pub accounts: BTreeMap<String, f64>,
    /// The same by organizational unit, where units are known; the accounts right below the root are called `Root`.
    pub units: BTreeMap<String, Spread>,
}

/// A share over accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean of the accounts' shares.
    pub mean: f64,
    /// The share of the account that stands worst.
    pub minimum: f64,
    /// That account.
    pub worst: String,
    /// How many accounts.
    pub accounts: u64,
}

/// What the accounts right below the root are called.
pub const ROOT: &str = "Root";

impl Matrix {
    /// The phases of a score.
    #[must_use]
    pub fn of(score: &FrameworkScore, accounts: &[AccountScope]) -> Self {
        let numbers: BTreeSet<u8> = score
            .accounts
            .iter()
            .flat_map(|account| &account.cells)
            .filter_map(|cell| cell.phase)
            .collect();
        let units: BTreeMap<&str, &str> = accounts
            .iter()
            .filter_map(|account| {
                let unit = account.unit.as_deref()?;
                Some((
                    account.id.as_str(),
                    if unit.is_empty() { ROOT } else { unit },
                ))
            })
            .collect();
        let phases: Vec<Phase> = numbers
            .into_iter()
            .filter_map(|number| phase(score, number, &units))
            .collect();
        let holding = phases
            .iter()
            .take_while(|phase| phase.all.minimum >= ENOUGH)
            .count();
        // Who has all phases behind them is in the last.
        let reached = phases
            .get(holding.min(phases.len().saturating_sub(1)))
            .map(|phase| phase.phase);
        Self { phases, reached }
    }
}

fn phase(score: &FrameworkScore, number: u8, units: &BTreeMap<&str, &str>) -> Option<Phase> {
    let shares = score.shares(Some(number));
    let mut by_unit: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    for (account, share) in &shares {
        if let Some(unit) = units.get(account) {
            by_unit.entry(unit).or_default().push((account, *share));
        }
    }
    Some(Phase {
        phase: number,
        all: spread(&shares)?,
        accounts: shares
            .iter()
            .map(|(id, share)| ((*id).to_owned(), *share))
            .collect(),
        units: by_unit
            .into_iter()
            .filter_map(|(unit, shares)| Some((unit.to_owned(), spread(&shares)?)))
            .collect(),
    })
}

fn spread(shares: &[(&str, f64)]) -> Option<Spread> {
    let (worst, minimum) = shares.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let number = u32::try_from(shares.len()).unwrap_or(u32::MAX);
    Some(Spread {
        mean: shares.iter().map(|(_, share)| share).sum::<f64>() / f64::from(number),
        minimum: *minimum,
        worst: (*worst).to_owned(),
        accounts: u64::from(number),
    })
}

#[cfg(test)]
mod tests {
    use super::super::score::{AccountScore, Cell};
    use super::*;

    fn account(id: &str, unit: Option<&str>) -> AccountScope {
        AccountScope {
            id: id.to_owned(),
            unit: unit.map(str::to_owned),
            ..AccountScope::default()
        }
    }

    /// A score whose accounts have met so much of ten in each phase.
    fn score(accounts: &[(&str, &[u64])]) -> FrameworkScore {
        let cell = |(at, met): (usize, &u64)| Cell {
            phase: u8::try_from(at + 1).ok(),
            group: None,
            met: *met,
            scored: 10,
            unknown: 0,
            not_met: 10 - met,
            recommendations: std::sync::Arc::default(),
        };
        FrameworkScore {
            framework: "m".to_owned(),
            accounts: accounts
                .iter()
                .map(|(id, met)| AccountScore {
                    account_id: (*id).to_owned(),
                    met: 0,
                    scored: 0,
                    unknown: 0,
                    share: 0.0,
                    cells: met.iter().enumerate().map(cell).collect(),
                })
                .collect(),
            mean: 0.0,
            worst: None,
            items: Vec::new(),
        }
    }

    fn reached(accounts: &[(&str, &[u64])]) -> Option<u8> {
        Matrix::of(&score(accounts), &[]).reached
    }

    #[test]
    fn a_phase_is_reached_when_every_account_has_the_lower_ones() {
        assert_eq!(reached(&[("1", &[8, 10, 10])]), Some(1));
        assert_eq!(reached(&[("1", &[9, 5, 10])]), Some(2));
        assert_eq!(reached(&[("1", &[10, 9, 0])]), Some(3));
        assert_eq!(reached(&[("1", &[10, 10, 10])]), Some(3));
        // One account holds all of them back, whatever the mean.
        let rest: &[u64] = &[10, 10, 10];
        assert_eq!(
            reached(&[("1", rest), ("2", rest), ("3", &[0, 10, 10])]),
            Some(1)
        );
        assert_eq!(reached(&[]), None);
    }

    #[test]
    fn the_worst_account_stands_beside_the_mean_in_each_unit() {
        let score = score(&[("1", &[10]), ("2", &[5]), ("3", &[0])]);
        let accounts = [
            account("1", Some("Workloads/Production")),
            account("2", Some("Workloads/Production")),
            account("3", Some("")),
        ];
        let matrix = Matrix::of(&score, &accounts);
        let phase = &matrix.phases[0];
        assert_eq!((phase.all.mean, phase.all.minimum), (0.5, 0.0));
        assert_eq!(phase.all.worst, "3");
        let unit = &phase.units["Workloads/Production"];
        assert_eq!((unit.mean, unit.minimum, unit.accounts), (0.75, 0.5, 2));
        assert_eq!(unit.worst, "2");
        assert_eq!(phase.units[ROOT].accounts, 1);
    }
}
