//! Requirements with what shows them.

use super::FileOf;
use super::evidence::path;
use crate::overview::{Overall, overall, rank};
use palisade_core::Catalog;
use palisade_core::assess::{Counts, StandingState, Summary};
use palisade_core::catalog::{Attestation, Attestations, Framework, Kind, Requirement};
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
    /// The worst of its recommendations' states; unknown where nothing answers it.
    pub state: StandingState,
    /// What decided the state, in one line.
    pub why: String,
    /// The kinds of evidence.
    pub kinds: BTreeSet<Kind>,
    /// What answers it.
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

/// The requirements of a framework, in its order. `files`: the hashes of the files of findings.
#[must_use]
pub fn requirements(
    catalog: &Catalog,
    framework: &Framework,
    summary: &Summary,
    attestations: &Attestations,
    files: &BTreeMap<String, FileOf>,
) -> Vec<RequirementOf> {
    let all = overall(&summary.standings);
    let standings: BTreeMap<&str, &Overall<'_>> = all.iter().map(|o| (o.id, o)).collect();
    framework
        .requirements
        .iter()
        .map(|requirement| {
            let mut one = one(catalog, requirement, &standings);
            one.statements = statements(requirement, attestations);
            one.evidence = evidence(catalog, requirement, summary, files);
            one
        })
        .collect()
}

fn one(
    catalog: &Catalog,
    requirement: &Requirement,
    standings: &BTreeMap<&str, &Overall<'_>>,
) -> RequirementOf {
    let mut gaps: Vec<String> = requirement.gap.iter().cloned().collect();
    let mut kinds = BTreeSet::new();
    let mut recommendations = Vec::new();
    let mut worst: Option<(StandingState, String)> = None;
    for id in &requirement.recommendations {
        let (Some(known), Some(found)) =
            (catalog.recommendations.get(id), standings.get(id.as_str()))
        else {
            continue;
        };
        kinds.insert(known.kind);
        if known.attest.is_some() {
            kinds.insert(Kind::Attested);
        }
        if let Some(needs) = &known.needs {
            gaps.push(format!("{id}: needs {needs}"));
        }
        let why = found.deciding().map_or("", |s| &s.why);
        if worst
            .as_ref()
            .is_none_or(|(state, _)| rank(found.state) < rank(*state))
        {
            worst = Some((found.state, format!("{id}: {why}")));
        }
        recommendations.push(RecommendationOf {
            id: id.clone(),
            title: known.title.clone(),
            state: found.state,
            accounts: found
                .standings
                .iter()
                .map(|s| AccountState {
                    account_id: s.account_id.to_string(),
                    state: s.state,
                    why: s.why.to_string(),
                })
                .collect(),
        });
    }
    let (state, why) = worst.unwrap_or_else(|| {
        let why = "nothing answers it".to_owned();
        (
            StandingState::Unknown,
            requirement.gap.clone().unwrap_or(why),
        )
    });
    RequirementOf {
        id: requirement.id.clone(),
        title: requirement.title.clone(),
        group: requirement.group.clone(),
        state,
        why,
        kinds,
        recommendations,
        evidence: Vec::new(),
        statements: Vec::new(),
        gaps,
    }
}

fn statements(requirement: &Requirement, attestations: &Attestations) -> Vec<Attestation> {
    let entries = attestations.entries.iter();
    entries
        .filter(|a| requirement.recommendations.contains(&a.recommendation))
        .cloned()
        .collect()
}

fn evidence(
    catalog: &Catalog,
    requirement: &Requirement,
    summary: &Summary,
    files: &BTreeMap<String, FileOf>,
) -> Vec<EvidenceOf> {
    let controls: BTreeMap<&str, &str> = requirement
        .recommendations
        .iter()
        .flat_map(|id| catalog.answering(id))
        .map(|control| (control.id.as_str(), control.title.as_str()))
        .collect();
    controls
        .into_iter()
        .map(|(control, title)| {
            let found = files.get_key_value(&path(control));
            EvidenceOf {
                control: control.to_owned(),
                title: title.to_owned(),
                file: found.map(|(path, _)| path.clone()),
                sha256: found.map(|(_, file)| file.sha256.clone()),
                counts: summary.tally.of_control(control),
            }
        })
        .collect()
}
