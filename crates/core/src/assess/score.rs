//! Scores: the share of a framework's recommendations that are met. Each counts once, in the first cell that it stands in,
//! however many requirements it answers.

use super::standing::StandingState;
use super::tally::ratio;
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
    /// Its requirements, in its order, each with its state; those that nothing is mapped to are left out.
    pub items: Vec<Item>,
}

/// A requirement over all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As the framework spells it.
    pub id: String,
    /// The state in the account where it stands worst.
    pub state: StandingState,
    /// The controls that carry its name and decide it (RFD 10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named_by: Vec<String>,
    /// How many accounts have it in each state.
    pub accounts: BTreeMap<StandingState, u64>,
}

/// A framework's score in one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountScore {
    /// The account.
    pub account_id: String,
    /// Recommendations met or attested.
    pub met: u64,
    /// Recommendations that count: all but the not applicable. Unknown counts as not met, and so does an accepted risk.
    pub scored: u64,
    /// Recommendations that are unknown.
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
    /// Recommendations met or attested.
    pub met: u64,
    /// Recommendations that count here.
    pub scored: u64,
    /// Recommendations that are unknown.
    pub unknown: u64,
    /// Recommendations whose state is `not_met` or `expired`.
    pub not_met: u64,
    /// The recommendations that stand here, shared by all accounts; one that stands in an earlier cell too counts there.
    #[serde(with = "shared")]
    pub recommendations: Arc<Vec<String>>,
}

impl Cell {
    /// Adds what was counted of another account.
    pub const fn add(&mut self, other: &Self) {
        self.met += other.met;
        self.scored += other.scored;
        self.unknown += other.unknown;
        self.not_met += other.not_met;
    }
}

impl Cell {
    /// Counts a recommendation.
    pub(super) fn count(&mut self, state: StandingState) {
        self.scored += u64::from(state.is_scored());
        self.met += u64::from(state.is_met());
        self.unknown += u64::from(state == StandingState::Unknown);
        self.not_met += u64::from(matches!(
            state,
            StandingState::NotMet | StandingState::Expired
        ));
    }
}

impl AccountScore {
    /// Recommendations met, and those that count, of one phase or of the whole.
    #[must_use]
    pub fn counts_of(&self, phase: Option<u8>) -> (u64, u64) {
        let cells = self.cells.iter();
        let cells = cells.filter(|c| phase.is_none() || c.phase == phase);
        cells.fold((0, 0), |(m, s), c| (m + c.met, s + c.scored))
    }

    /// The share of one phase, or of the whole; `None` where nothing counts.
    #[must_use]
    pub fn share_of(&self, phase: Option<u8>) -> Option<f64> {
        let (met, scored) = self.counts_of(phase);
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
