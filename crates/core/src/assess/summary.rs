//! What a report is given: a header before the findings, a summary after them.

use super::roadmap::Step;
use super::score::FrameworkScore;
use super::standing::Standing;
use super::tally::{Blind, Tally};
use crate::call::Outcome;
use crate::snapshot::AccountScope;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Known before the first finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the program.
    pub palisade: String,
    /// When the snapshot was taken.
    pub taken_at: jiff::Timestamp,
    /// The accounts in scope.
    pub accounts: Vec<AccountScope>,
    /// Whether this is the fictitious estate of the demo.
    pub demo: bool,
    /// How many controls were asked.
    pub controls: u64,
}

/// Known after the last finding.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The counts, and examples of what fails.
    pub tally: Tally,
    /// The state of every recommendation in every account.
    pub standings: Vec<Standing>,
    /// Scores of the frameworks.
    pub scores: Vec<FrameworkScore>,
    /// What to do next, first things first.
    pub roadmap: Vec<Step>,
    /// How the collection went.
    pub collection: Collection,
    /// Exceptions that match nothing, or have run out.
    pub waivers: Vec<Waiver>,
}

/// How the collection went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// API calls in the ledger that were sent.
    pub calls: u64,
    /// The same by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Operations that could not be called, and how many findings are unknown for it.
    pub blind: Vec<Blind>,
    /// The IAM actions that would make them seen.
    pub missing_actions: Vec<String>,
}

/// An exception to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The control that it accepts fails of.
    pub control: String,
    /// Its pattern.
    pub resource: String,
    /// Who answers for it.
    pub owner: String,
    /// What is wrong with it.
    pub problem: String,
}
