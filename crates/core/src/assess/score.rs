//! Scores: the share of a framework's requirements that are met.

use super::standing::{Standing, StandingState};
use super::tally::ratio;
use crate::catalog::{Catalog, Framework, Requirement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A framework's score over the accounts in scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameworkScore {
    /// The framework.
    pub framework: String,
    /// Each account's.
    pub accounts: Vec<AccountScore>,
    /// The mean of the accounts' shares.
    pub mean: f64,
    /// The account with the lowest share.
    pub worst: Option<String>,
}

/// A framework's score in one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountScore {
    /// The account.
    pub account_id: String,
    /// Rows met or attested.
    pub met: u64,
    /// Rows that count: all but the not applicable and the accepted. Unknown counts as not met.
    pub scored: u64,
    /// Rows that are unknown.
    pub unknown: u64,
    /// `met / scored`.
    pub share: f64,
    /// The same by phase and group, for the heat map.
    pub cells: Vec<Cell>,
}

/// One cell of the heat map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Maturity phase; `None` for frameworks without phases.
    pub phase: Option<u8>,
    /// Category; `None` for frameworks without.
    pub group: Option<String>,
    /// Rows met or attested.
    pub met: u64,
    /// Rows that count.
    pub scored: u64,
    /// Rows that are unknown.
    pub unknown: u64,
    /// Rows whose state is `not_met` or `expired`.
    pub not_met: u64,
    /// The recommendations in it.
    pub recommendations: Vec<String>,
}

/// Scores one framework from the states of its recommendations.
#[must_use]
pub fn score(framework: &Framework, standings: &[Standing], accounts: &[String]) -> FrameworkScore {
    let by: BTreeMap<(&str, &str), StandingState> = standings
        .iter()
        .map(|s| ((s.account_id.as_str(), s.recommendation.as_str()), s.state))
        .collect();
    let accounts: Vec<AccountScore> = accounts
        .iter()
        .map(|account| score_account(framework, account, &by))
        .collect();
    let worst = accounts
        .iter()
        .filter(|a| a.scored > 0)
        .min_by(|a, b| a.share.total_cmp(&b.share))
        .map(|a| a.account_id.clone());
    let measured: Vec<f64> = accounts
        .iter()
        .filter(|a| a.scored > 0)
        .map(|a| a.share)
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a number of accounts")]
    let mean = if measured.is_empty() {
        0.0
    } else {
        measured.iter().sum::<f64>() / measured.len() as f64
    };
    FrameworkScore {
        framework: framework.id.clone(),
        accounts,
        mean,
        worst,
    }
}

fn score_account(
    framework: &Framework,
    account: &str,
    by: &BTreeMap<(&str, &str), StandingState>,
) -> AccountScore {
    let mut cells: Vec<Cell> = Vec::new();
    for requirement in &framework.requirements {
        let at = cells
            .iter()
            .position(|c| c.phase == requirement.phase && c.group == requirement.group)
            .unwrap_or_else(|| {
                cells.push(empty_cell(requirement));
                cells.len() - 1
            });
        let Some(cell) = cells.get_mut(at) else {
            continue;
        };
        for id in &requirement.recommendations {
            if cell.recommendations.contains(id) {
                continue;
            }
            cell.recommendations.push(id.clone());
            let Some(state) = by.get(&(account, id.as_str())) else {
                continue;
            };
            cell.scored += u64::from(state.is_scored());
            cell.met += u64::from(state.is_met());
            cell.unknown += u64::from(*state == StandingState::Unknown);
            cell.not_met += u64::from(matches!(
                state,
                StandingState::NotMet | StandingState::Expired
            ));
        }
    }
    let (met, scored, unknown) = cells.iter().fold((0, 0, 0), |(m, s, u), c| {
        (m + c.met, s + c.scored, u + c.unknown)
    });
    AccountScore {
        account_id: account.to_owned(),
        met,
        scored,
        unknown,
        share: if scored == 0 { 0.0 } else { ratio(met, scored) },
        cells,
    }
}

fn empty_cell(requirement: &Requirement) -> Cell {
    Cell {
        phase: requirement.phase,
        group: requirement.group.clone(),
        met: 0,
        scored: 0,
        unknown: 0,
        not_met: 0,
        recommendations: Vec::new(),
    }
}

/// Scores all frameworks that have at least one requirement with a state.
#[must_use]
pub fn score_all(
    catalog: &Catalog,
    standings: &[Standing],
    accounts: &[String],
) -> Vec<FrameworkScore> {
    catalog
        .frameworks
        .values()
        .map(|f| score(f, standings, accounts))
        .filter(|s| {
            s.accounts
                .iter()
                .any(|a| a.cells.iter().any(|c| c.scored > 0))
        })
        .collect()
}
