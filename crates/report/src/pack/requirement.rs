//! Requirements with what shows them.

use super::FileOf;
use super::evidence::path;
use crate::overview::{Overall, overall};
use palisade_core::Catalog;
use palisade_core::assess::{ByName, Counts, StandingState, Summary};
use palisade_core::catalog::{
    Attestation, Attestations, Control, Framework, Kind, Named, Requirement,
};
use palisade_core::snapshot::AccountScope;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A requirement of the framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementOf {
    /// As the framework spells it.
    pub id: String,
    /// In own words.
    pub title: String,
    /// Category or chapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What the controls of its name have found, over all accounts; the worst of its recommendations' states where none
    /// has its name; unknown where nothing answers it.
    pub state: StandingState,
    /// What decided the state, in one line.
    pub why: String,
    /// The controls that carry its name and decide its state (RFD 10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named_by: Vec<String>,
    /// Its state in each account, where controls carry its name; elsewhere the recommendations tell it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountState>,
    /// The kinds of evidence.
    pub kinds: BTreeSet<Kind>,
    /// What it is mapped to, and what answers it where no control carries its name.
    pub recommendations: Vec<RecommendationOf>,
    /// The findings.
    pub evidence: Vec<EvidenceOf>,
    /// Statements of people; those that have run out too.
    pub statements: Vec<Attestation>,
    /// What nothing shows yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
}

/// A recommendation over all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecommendationOf {
    /// The recommendation.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The state in the account where it stands worst.
    pub state: StandingState,
    /// Its state in each account.
    pub accounts: Vec<AccountState>,
}

/// A state in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// The account.
    pub account_id: String,
    /// The state.
    pub state: StandingState,
    /// Why, in one line.
    pub why: String,
}

/// A file of findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceOf {
    /// The control that was asked.
    pub control: String,
    /// Its title: what holds when it passes.
    pub title: String,
    /// The file in the pack; none where there was no finding at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// SHA-256 of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Its findings.
    pub counts: Counts,
}

/// What requirements are made of.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The catalogue, all of whose controls were asked.
    pub catalog: &'a Catalog,
    /// What was found.
    pub summary: &'a Summary,
    /// The accounts in scope.
    pub accounts: &'a [AccountScope],
    /// Statements.
    pub attestations: &'a Attestations,
    /// The hashes of the files of findings.
    pub files: &'a BTreeMap<String, FileOf>,
}

impl Shown<'_> {
    /// The requirements of a framework, in its order.
    #[must_use]
    pub fn requirements(&self, framework: &Framework) -> Vec<RequirementOf> {
        let all = overall(&self.summary.standings);
        let standings: BTreeMap<&str, &Overall<'_>> = all.iter().map(|o| (o.id, o)).collect();
        let named = framework.named(self.catalog);
        let requirements = framework.requirements.iter();
        requirements
            .map(|requirement| self.one(requirement, &named, &standings))
            .collect()
    }

    fn one(
        &self,
        requirement: &Requirement,
        named: &Named<'_>,
        standings: &BTreeMap<&str, &Overall<'_>>,
    ) -> RequirementOf {
        let own = named.of(requirement);
        let rows_decide = named.rows_decide(requirement);
        let mut one = RequirementOf {
            id: requirement.id.clone(),
            title: requirement.title.clone(),
            group: requirement.group.clone(),
            state: StandingState::Unknown,
            why: String::new(),
            named_by: own.iter().map(|control| control.id.clone()).collect(),
            accounts: self.by_name(own),
            kinds: BTreeSet::new(),
            recommendations: Vec::new(),
            evidence: self.evidence(requirement, named),
            statements: Vec::new(),
            gaps: requirement.gap.iter().cloned().collect(),
        };
        let by_name = one.accounts.iter().min_by_key(|one| one.state.rank());
        let mut worst = by_name.map(|one| (one.state, one.why.clone()));
        for id in &requirement.recommendations {
            let (Some(known), Some(found)) = (
                self.catalog.recommendations.get(id),
                standings.get(id.as_str()),
            ) else {
                continue;
            };
            one.recommendations.push(row(&known.title, found));
            if rows_decide || known.kind != Kind::Attested {
                one.kinds.insert(known.kind);
            }
            if !rows_decide {
                continue;
            }
            if known.attest.is_some() {
                one.kinds.insert(Kind::Attested);
            }
            if let Some(needs) = &known.needs {
                one.gaps.push(format!("{id}: needs {needs}"));
            }
            let is_worse = |(state, _): &(StandingState, String)| found.state.rank() < state.rank();
            if worst.as_ref().is_none_or(is_worse) {
                let why = found.deciding().map_or("", |s| &s.why);
                worst = Some((found.state, format!("{id}: {why}")));
            }
        }
        (one.state, one.why) = worst.unwrap_or_else(|| {
            let nothing = || "nothing answers it".to_owned();
            let why = requirement.gap.clone().unwrap_or_else(nothing);
            (StandingState::Unknown, why)
        });
        if rows_decide {
            one.statements = self.statements(requirement);
        }
        one
    }

    /// What the controls of a requirement's name say in each account.
    fn by_name(&self, controls: &[&Control]) -> Vec<AccountState> {
        let tally = &self.summary.tally;
        let Some(found) = ByName::new(controls, |_| true, tally) else {
            return Vec::new();
        };
        let names: Vec<&str> = controls.iter().map(|c| c.id.as_str()).collect();
        let names = names.join(", ");
        let accounts = self.accounts.iter().map(|account| {
            let place = tally.place(&account.id);
            AccountState {
                account_id: account.id.clone(),
                state: found.state(place),
                why: format!("{names}: {}", found.why(place)),
            }
        });
        accounts.collect()
    }

    fn statements(&self, requirement: &Requirement) -> Vec<Attestation> {
        let entries = self.attestations.entries.iter();
        entries
            .filter(|a| requirement.recommendations.contains(&a.recommendation))
            .cloned()
            .collect()
    }

    /// The findings that decide: those of the controls of its name, or of all that answer its recommendations.
    fn evidence(&self, requirement: &Requirement, named: &Named<'_>) -> Vec<EvidenceOf> {
        let controls = named.deciding(self.catalog, requirement);
        controls
            .into_iter()
            .map(|(control, Control { title, .. })| {
                let found = self.files.get_key_value(&path(control));
                EvidenceOf {
                    control: control.to_owned(),
                    title: title.clone(),
                    file: found.map(|(path, _)| path.clone()),
                    sha256: found.map(|(_, file)| file.sha256.clone()),
                    counts: self.summary.tally.of_control(control),
                }
            })
            .collect()
    }
}

/// A recommendation over all accounts.
fn row(title: &str, found: &Overall<'_>) -> RecommendationOf {
    let accounts = found.standings.iter().map(|standing| AccountState {
        account_id: standing.account_id.to_string(),
        state: standing.state,
        why: standing.why.to_string(),
    });
    RecommendationOf {
        id: found.id.to_owned(),
        title: title.to_owned(),
        state: found.state,
        accounts: accounts.collect(),
    }
}
