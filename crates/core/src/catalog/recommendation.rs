//! Recommendations: the rows of the guidance, which is what the user sees.

use serde::{Deserialize, Serialize};

/// One row of the guidance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// Equal to the file's name.
    pub id: String,
    /// In own words, one line.
    pub title: String,
    /// What answers it.
    pub kind: Kind,
    /// What it holds for.
    pub scope: RecommendationScope,
    /// How it is remedied.
    pub effort: Remedy,
    /// What shows that it holds.
    pub evidence: String,
    /// What to do.
    #[serde(default)]
    pub remedy: String,
    /// A human part: who must confirm what, and for how long that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attest: Option<Attest>,
    /// Why no control can answer it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
}

impl Recommendation {
    /// Whether a person has a say in it: statements on others change nothing.
    #[must_use]
    pub fn asks_a_person(&self) -> bool {
        self.attest.is_some() || self.kind == Kind::Attested
    }
}

/// What answers a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Configuration, read by controls.
    Config,
    /// An engine: access or network.
    Analysis,
    /// Log events.
    Logs,
    /// Code and pipelines.
    Code,
    /// A statement by a person.
    Attested,
}

/// What a recommendation holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecommendationScope {
    /// Each account.
    Account,
    /// Each region of each account.
    Region,
    /// The organization, or the account when there is none.
    Organization,
    /// A code repository.
    Repository,
    /// People.
    Human,
}

/// How a recommendation is remedied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Remedy {
    /// Additive and without risk: can run by itself.
    Automatic,
    /// By machine, after someone has looked at who it cuts off.
    Approval,
    /// A change of infrastructure code.
    Iac,
    /// Work of people.
    Human,
}

/// The human part of a recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    /// For how many days a statement counts.
    pub expires_days: u32,
    /// What the statement links to.
    #[serde(default)]
    pub evidence: Vec<String>,
}
