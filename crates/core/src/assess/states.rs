//! The states of recommendations, found by their places: there may be thousands of accounts.

use super::standing::{Standing, StandingState};
use std::collections::BTreeMap;

/// The states of recommendations in accounts, each known by its place.
pub(super) struct States<'s> {
    recommendations: BTreeMap<&'s str, usize>,
    accounts: BTreeMap<&'s str, usize>,
    /// By account, then by recommendation.
    table: Vec<Option<StandingState>>,
}

impl<'s> States<'s> {
    pub(super) fn of(standings: &'s [Standing]) -> Self {
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
                .zip(states.recommendation(&standing.recommendation))
                .map(|(start, at)| start + at);
            if let Some(state) = place.and_then(|at| states.table.get_mut(at)) {
                *state = Some(standing.state);
            }
        }
        states
    }

    /// The place of a recommendation, if it has states.
    pub(super) fn recommendation(&self, id: &str) -> Option<usize> {
        self.recommendations.get(id).copied()
    }

    /// Where the states of an account begin.
    pub(super) fn account(&self, id: &str) -> Option<usize> {
        Some(self.accounts.get(id)? * self.recommendations.len())
    }

    /// The state of a recommendation in the account that begins at `start`.
    pub(super) fn at(&self, start: usize, recommendation: usize) -> Option<StandingState> {
        *self.table.get(start + recommendation)?
    }
}
