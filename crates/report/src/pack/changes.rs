//! What has changed since an earlier pack.

use super::{Manifest, moved, restated};
use palisade_core::assess::StandingState;
use palisade_core::catalog::Attestation;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// `changes.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Requirements whose state is another one, in the framework's order.
    pub states: Vec<Moved>,
    /// Requirements that controls carry the name of, where their state in an account that both packs have in scope is
    /// another one.
    #[serde(default)]
    pub requirements: Vec<RequirementMovedIn>,
    /// Recommendations whose state is another one in an account that both packs have in scope.
    #[serde(default)]
    pub recommendations: Vec<MovedIn>,
    /// Statements that are new, that say something else, that have run out, or that are gone.
    #[serde(default)]
    pub statements: Vec<Restated>,
    /// Requirements that the earlier pack had and this one has not, or the other way round.
    pub requirements_only_before: Vec<String>,
    /// Requirements that are new.
    pub requirements_only_now: Vec<String>,
    /// Files of findings that say something else, that are new, or that are gone.
    pub evidence: Vec<String>,
    /// Accounts that are in scope now and were not.
    pub accounts_only_now: Vec<String>,
    /// Accounts that were in scope and are no longer.
    pub accounts_only_before: Vec<String>,
}

/// A requirement whose state is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The requirement.
    pub requirement: String,
    /// Its state in the earlier pack.
    pub before: StandingState,
    /// Its state now.
    pub now: StandingState,
    /// What decides it now.
    pub why: String,
}

/// A requirement whose state in an account is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementMovedIn {
    /// The requirement.
    pub requirement: String,
    /// The account.
    pub account_id: String,
    /// Its state in the earlier pack.
    pub before: StandingState,
    /// Its state now.
    pub now: StandingState,
    /// What decides it now.
    pub why: String,
}

/// A recommendation whose state in an account is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedIn {
    /// The recommendation.
    pub recommendation: String,
    /// The account.
    pub account_id: String,
    /// Its state in the earlier pack; none where that pack had no such row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<StandingState>,
    /// Its state now; none where there is no such row any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<StandingState>,
    /// What decides it now.
    pub why: String,
}

/// A statement that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restated {
    /// What has become of it.
    pub change: Restatement,
    /// The statement as it is now, or as it was where it is gone.
    pub statement: Attestation,
    /// What stood in its place, where it says something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Attestation>,
}

/// What has become of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restatement {
    /// The earlier pack had none about the recommendation and the account.
    New,
    /// It stands in the place of another one.
    Changed,
    /// It counted on the day of the earlier pack and does no longer.
    Expired,
    /// It is not made any more.
    Gone,
}

impl Restatement {
    /// The word used in files and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Expired => "expired",
            Self::Gone => "gone",
        }
    }
}

impl Changes {
    /// What differs between two packs of one framework.
    #[must_use]
    pub fn between(before: &Manifest, now: &Manifest) -> Self {
        let old: BTreeMap<&str, StandingState> = before
            .requirements
            .iter()
            .map(|r| (r.id.as_str(), r.state))
            .collect();
        let mut changes = Self::default();
        for requirement in &now.requirements {
            match old.get(requirement.id.as_str()) {
                None => changes.requirements_only_now.push(requirement.id.clone()),
                Some(state) if *state != requirement.state => changes.states.push(Moved {
                    requirement: requirement.id.clone(),
                    before: *state,
                    now: requirement.state,
                    why: requirement.why.clone(),
                }),
                Some(_) => {}
            }
        }
        changes.requirements = moved::requirements(before, now);
        changes.recommendations = moved::recommendations(before, now);
        changes.statements = restated::statements(before, now);
        changes.requirements_only_before = only(&before.requirements, &now.requirements, |r| &r.id);
        changes.accounts_only_before = only(&before.accounts, &now.accounts, |a| &a.id);
        changes.accounts_only_now = only(&now.accounts, &before.accounts, |a| &a.id);
        let findings = |manifest: &Manifest| -> BTreeMap<String, String> {
            let files = manifest.files.iter();
            files
                .filter(|(path, _)| path.starts_with("evidence/"))
                .map(|(path, file)| (path.clone(), file.sha256.clone()))
                .collect()
        };
        let (old, new) = (findings(before), findings(now));
        let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        changes.evidence = paths
            .into_iter()
            .filter(|path| old.get(*path) != new.get(*path))
            .cloned()
            .collect();
        changes
    }
}

/// The keys of one list that the other has not.
fn only<T>(list: &[T], other: &[T], key: impl Fn(&T) -> &String) -> Vec<String> {
    list.iter()
        .map(&key)
        .filter(|one| !other.iter().any(|o| key(o) == *one))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{AccountState, FrameworkOf, RecommendationOf, RequirementOf, SCHEMA};
    use super::*;
    use palisade_core::snapshot::AccountScope;

    const ONE: &str = "111122223333";
    const TWO: &str = "222233334444";

    fn statement(recommendation: &str, by: &str, expires: &str) -> Attestation {
        Attestation {
            recommendation: recommendation.to_owned(),
            account: None,
            statement: "yearly".to_owned(),
            by: by.to_owned(),
            date: "2025-01-01".parse().unwrap(),
            expires: expires.parse().unwrap(),
            evidence: "https://wiki/page".to_owned(),
            sha256: None,
        }
    }

    /// A pack of one requirement and two recommendations in two accounts.
    fn pack(day: &str, states: [StandingState; 3], statements: Vec<Attestation>) -> Manifest {
        let account = |id: &str, state: StandingState| AccountState {
            account_id: id.to_owned(),
            state,
            why: format!("{id} is {}", state.as_str()),
        };
        let [mfa_one, mfa_two, logs_one] = states;
        let recommendation = |id: &str, accounts: Vec<AccountState>| RecommendationOf {
            id: id.to_owned(),
            title: id.to_owned(),
            state: StandingState::NotMet,
            accounts,
        };
        Manifest {
            schema: SCHEMA.to_owned(),
            palisade: "0.1.0".to_owned(),
            framework: FrameworkOf {
                id: "f".to_owned(),
                title: "F".to_owned(),
                edition: "1".to_owned(),
                source: "https://example.com".to_owned(),
            },
            taken_at: format!("{day}T12:00:00Z").parse().unwrap(),
            demo: false,
            accounts: [ONE, TWO]
                .map(|id| AccountScope {
                    id: id.to_owned(),
                    ..AccountScope::default()
                })
                .to_vec(),
            since: None,
            requirements: vec![RequirementOf {
                id: "1".to_owned(),
                title: "One".to_owned(),
                group: None,
                state: StandingState::NotMet,
                why: String::new(),
                named_by: Vec::new(),
                accounts: Vec::new(),
                kinds: BTreeSet::new(),
                recommendations: vec![
                    recommendation("mfa", vec![account(ONE, mfa_one), account(TWO, mfa_two)]),
                    recommendation("logs", vec![account(ONE, logs_one)]),
                ],
                evidence: Vec::new(),
                statements,
                gaps: Vec::new(),
            }],
            files: BTreeMap::new(),
        }
    }

    #[test]
    fn a_state_that_changed_in_one_account_is_told_though_the_worst_is_the_same() {
        use StandingState::{Met, NotMet, Unknown};
        let before = pack("2026-01-01", [NotMet, NotMet, Met], Vec::new());
        let now = pack("2026-02-01", [NotMet, Met, Unknown], Vec::new());
        let changes = Changes::between(&before, &now);
        assert!(changes.states.is_empty());
        let moved: Vec<_> = changes
            .recommendations
            .iter()
            .map(|m| {
                (
                    m.recommendation.as_str(),
                    m.account_id.as_str(),
                    m.before,
                    m.now,
                )
            })
            .collect();
        assert_eq!(
            moved,
            [
                ("logs", ONE, Some(Met), Some(Unknown)),
                ("mfa", TWO, Some(NotMet), Some(Met))
            ]
        );
        assert_eq!(changes.recommendations[1].why, format!("{TWO} is met"));
        assert_eq!(Changes::between(&now, &now), Changes::default());
    }

    #[test]
    fn what_controls_of_its_name_say_of_an_account_is_told_by_itself() {
        use StandingState::{Met, NotMet};
        let mut packs = [("2026-01-01", NotMet), ("2026-02-01", Met)].map(|(day, state)| {
            let mut pack = pack(day, [Met, Met, Met], Vec::new());
            pack.requirements[0].accounts = vec![AccountState {
                account_id: ONE.to_owned(),
                state,
                why: "c: it is so".to_owned(),
            }];
            pack
        });
        let told = |[before, now]: &[Manifest; 2]| Changes::between(before, now).requirements;
        let [one] = told(&packs).try_into().unwrap();
        assert_eq!(
            (one.requirement.as_str(), one.account_id.as_str()),
            ("1", ONE)
        );
        assert_eq!((one.before, one.now), (NotMet, Met));
        // An earlier version told no accounts: that is no change of each of them.
        packs[0].requirements[0].accounts.clear();
        assert_eq!(told(&packs), []);
    }

    #[test]
    fn accounts_that_came_are_no_changes_of_their_rows() {
        use StandingState::{Met, NotMet};
        let mut before = pack("2026-01-01", [Met, NotMet, Met], Vec::new());
        before.accounts.pop();
        before.requirements[0].recommendations[0].accounts.pop();
        let now = pack("2026-02-01", [Met, NotMet, Met], Vec::new());
        let changes = Changes::between(&before, &now);
        assert!(changes.recommendations.is_empty());
        assert_eq!(changes.accounts_only_now, [TWO]);
    }

    #[test]
    fn statements_that_are_new_changed_run_out_or_gone_are_told() {
        use StandingState::Met;
        let states = [Met, Met, Met];
        let ends = statement("drills", "ada", "2026-01-15");
        let before = pack(
            "2026-01-01",
            states,
            vec![
                statement("red-team", "ada", "2026-12-31"),
                ends.clone(),
                statement("training", "ada", "2026-12-31"),
                statement("same", "ada", "2026-12-31"),
            ],
        );
        let renewed = statement("red-team", "bob", "2027-12-31");
        let now = pack(
            "2026-02-01",
            states,
            vec![
                renewed.clone(),
                ends.clone(),
                statement("same", "ada", "2026-12-31"),
                statement("tabletop", "eve", "2026-12-31"),
            ],
        );
        let changes = Changes::between(&before, &now).statements;
        let told: Vec<_> = changes
            .iter()
            .map(|c| (c.change.as_str(), c.statement.recommendation.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("expired", "drills"),
                ("changed", "red-team"),
                ("new", "tabletop"),
                ("gone", "training")
            ]
        );
        assert_eq!(changes[1].statement, renewed);
        assert_eq!(changes[1].before.as_ref().unwrap().by, "ada");
    }

    #[test]
    fn changes_of_an_older_version_are_read() {
        let text = r#"{"states":[],"requirements_only_before":[],"requirements_only_now":[],"evidence":[],"accounts_only_now":[],"accounts_only_before":[]}"#;
        let changes: Changes = serde_json::from_str(text).unwrap();
        assert_eq!(changes, Changes::default());
    }
}
