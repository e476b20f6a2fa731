//! Scores: the share of a framework's requirements that are met.

use super::standing::{Asked, Standing, StandingState};
use super::tally::ratio;
use crate::catalog::{Catalog, Framework, Requirement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Rows that count: all but the not applicable. Unknown counts as not met, and so does an accepted risk.
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
    /// The recommendations in it, shared by all accounts.
    #[serde(with = "shared")]
    pub recommendations: Arc<Vec<String>>,
}

impl Cell {
    /// Adds the rows of another account.
    pub const fn add(&mut self, other: &Self) {
        self.met += other.met;
        self.scored += other.scored;
        self.unknown += other.unknown;
        self.not_met += other.not_met;
    }
}

impl AccountScore {
    /// The share of one phase, or of the whole; `None` where nothing counts.
    #[must_use]
    pub fn share_of(&self, phase: Option<u8>) -> Option<f64> {
        let cells = self.cells.iter();
        let cells = cells.filter(|c| phase.is_none() || c.phase == phase);
        let (met, scored) = cells.fold((0, 0), |(m, s), c| (m + c.met, s + c.scored));
        (scored > 0).then(|| ratio(met, scored))
    }
}

impl FrameworkScore {
    /// The accounts' shares of one phase, or of the whole.
    #[must_use]
    pub fn shares(&self, phase: Option<u8>) -> Vec<(&str, f64)> {
        let share = |a: &'_ AccountScore| a.share_of(phase);
        let all = self.accounts.iter();
        all.filter_map(|a| Some((a.account_id.as_str(), share(a)?)))
            .collect()
    }
}

/// A list that many hold, written as a list.
mod shared {
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<S: Serializer>(
        list: &Arc<Vec<String>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        list.as_slice().serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(
        from: D,
    ) -> Result<Arc<Vec<String>>, D::Error> {
        Vec::deserialize(from).map(Arc::new)
    }
}

/// The states of recommendations in accounts, each known by its place.
struct States<'s> {
    recommendations: BTreeMap<&'s str, usize>,
    accounts: BTreeMap<&'s str, usize>,
    /// By account, then by recommendation.
    table: Vec<Option<StandingState>>,
}

impl<'s> States<'s> {
    fn of(standings: &'s [Standing]) -> Self {
        let (mut recommendations, mut accounts) = (BTreeMap::new(), BTreeMap::new());
        for standing in standings {
            let next = recommendations.len();
            recommendations
                .entry(&*standing.recommendation)
                .or_insert(next);
            let next = accounts.len();
            accounts.entry(&*standing.account_id).or_insert(next);
        }
        let mut states = Self {
            table: vec![None; recommendations.len() * accounts.len()],
            recommendations,
            accounts,
        };
        for standing in standings {
            let place = states
                .account(&standing.account_id)
                .zip(states.recommendations.get(&*standing.recommendation))
                .map(|(start, at)| start + at);
            if let Some(state) = place.and_then(|at| states.table.get_mut(at)) {
                *state = Some(standing.state);
            }
        }
        states
    }

    /// Where the states of an account begin.
    fn account(&self, id: &str) -> Option<usize> {
        Some(self.accounts.get(id)? * self.recommendations.len())
    }
}

fn score(framework: &Framework, states: &States<'_>, accounts: &[String]) -> FrameworkScore {
    let cells = cells(framework);
    // For each cell the places of its recommendations.
    let places: Vec<Vec<usize>> = cells
        .iter()
        .map(|cell| {
            let known = |id: &String| states.recommendations.get(id.as_str()).copied();
            cell.recommendations.iter().filter_map(known).collect()
        })
        .collect();
    let accounts: Vec<AccountScore> = accounts
        .iter()
        .map(|account| score_account(&cells, &places, account, states))
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

/// The cells of a framework, with nothing counted.
fn cells(framework: &Framework) -> Vec<Cell> {
    let mut cells: Vec<(Cell, Vec<String>)> = Vec::new();
    for requirement in &framework.requirements {
        let at = cells
            .iter()
            .position(|(c, _)| c.phase == requirement.phase && c.group == requirement.group)
            .unwrap_or_else(|| {
                cells.push((empty_cell(requirement), Vec::new()));
                cells.len() - 1
            });
        if let Some((_, ids)) = cells.get_mut(at) {
            for id in &requirement.recommendations {
                if !ids.contains(id) {
                    ids.push(id.clone());
                }
            }
        }
    }
    let whole = |(cell, ids)| Cell {
        recommendations: Arc::new(ids),
        ..cell
    };
    cells.into_iter().map(whole).collect()
}

fn score_account(
    cells: &[Cell],
    places: &[Vec<usize>],
    account: &str,
    states: &States<'_>,
) -> AccountScore {
    let mut cells = cells.to_vec();
    let start = states.account(account);
    for (cell, places) in cells.iter_mut().zip(places) {
        let state = |at: &usize| *states.table.get(start? + at)?;
        for state in places.iter().filter_map(state) {
            cell.scored += u64::from(state.is_scored());
            cell.met += u64::from(state.is_met());
            cell.unknown += u64::from(state == StandingState::Unknown);
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
        recommendations: Arc::default(),
    }
}

/// Scores the frameworks that were asked as a whole and have at least one requirement that counts.
#[must_use]
pub fn score_all(
    catalog: &Catalog,
    asked: &Asked,
    standings: &[Standing],
    accounts: &[String],
) -> Vec<FrameworkScore> {
    let states = States::of(standings);
    catalog
        .frameworks
        .values()
        .filter(|f| asked.covers(catalog, f))
        .map(|f| score(f, &states, accounts))
        .filter(|s| {
            s.accounts
                .iter()
                .any(|a| a.cells.iter().any(|c| c.scored > 0))
        })
        .collect()
}
