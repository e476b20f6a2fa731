use super::*;
use crate::catalog::{Attestation, Control, Recommendation, Selection, Void};

const DAY: &str = "2026-06-01";

fn recommendation(more: &str) -> Recommendation {
    let text = format!(
        "id = 'r'\ntitle = 'T'\nkind = 'config'\nscope = 'account'\neffort = 'iac'\nevidence = 'e'\n{more}"
    );
    toml::from_str(&text).unwrap()
}

fn statement(expires: &str) -> Attestation {
    let text = format!(
        "[[attestation]]\nrecommendation = 'r'\nstatement = 'so it is'\nby = 'ada'\ndate = 2025-01-01\nexpires = {expires}\nevidence = 'https://x'\n"
    );
    let all = Attestations::parse("a.toml", &text, DAY.parse().unwrap(), |_| true).unwrap();
    all.newest("r", "111122223333").unwrap().clone()
}

fn state(more: &str, counts: Option<Counts>, statement: Option<&Attestation>) -> StandingState {
    let answers: Vec<Answer> = counts
        .into_iter()
        .map(|counts| Answer {
            control: "c".into(),
            counts,
        })
        .collect();
    decide(
        &recommendation(more),
        &answers,
        0,
        Said {
            statement,
            void: None,
        },
        DAY.parse().unwrap(),
    )
    .0
}

const ATTEST: &str = "[attest]\nexpires_days = 365\n";

fn some(pass: u64, fail: u64, excepted: u64, not_applicable: u64) -> Option<Counts> {
    Some(Counts {
        pass,
        fail,
        unknown: 0,
        not_applicable,
        excepted,
    })
}

#[test]
fn an_accepted_risk_is_not_met_and_still_counts() {
    assert_eq!(state("", some(2, 0, 0, 0), None), StandingState::Met);
    for accepted in [some(2, 0, 1, 0), some(0, 0, 3, 0)] {
        let state = state("", accepted, None);
        assert_eq!(state, StandingState::Excepted);
        assert!(state.is_scored() && !state.is_met());
    }
}

#[test]
fn what_is_not_built_is_unknown_before_it_is_not_applicable() {
    let needs = "needs = 'an engine'";
    assert_eq!(
        state("", some(0, 0, 0, 3), None),
        StandingState::NotApplicable
    );
    assert_eq!(state(needs, some(0, 0, 0, 3), None), StandingState::Unknown);
    assert_eq!(state(needs, some(2, 0, 0, 0), None), StandingState::Unknown);
    assert_eq!(state(needs, some(0, 1, 0, 0), None), StandingState::NotMet);
}

#[test]
fn a_statement_counts_only_where_a_person_is_asked() {
    let (valid, old) = (statement("2027-01-01"), statement("2026-01-01"));
    for statement in [&valid, &old] {
        assert_eq!(
            state("", some(2, 0, 0, 0), Some(statement)),
            StandingState::Met
        );
        assert_eq!(
            state("needs = 'an engine'", None, Some(statement)),
            StandingState::Unknown
        );
    }
    // Beside controls it confirms the rest; where they have nothing to look at it stands alone.
    assert_eq!(
        state(ATTEST, some(2, 0, 0, 0), Some(&valid)),
        StandingState::Met
    );
    assert_eq!(
        state(ATTEST, some(0, 0, 0, 1), Some(&valid)),
        StandingState::Attested
    );
    assert_eq!(state(ATTEST, None, Some(&valid)), StandingState::Attested);
    assert_eq!(
        state(ATTEST, some(2, 0, 0, 0), Some(&old)),
        StandingState::Expired
    );
    assert_eq!(
        state(ATTEST, some(2, 1, 0, 0), Some(&valid)),
        StandingState::NotMet
    );
    for nobody in [some(2, 0, 0, 0), some(0, 0, 0, 1), None] {
        assert_eq!(state(ATTEST, nobody, None), StandingState::Unknown);
    }
}

/// A framework's score is that of the whole framework, or there is none.
#[test]
fn a_part_is_not_scored_as_the_whole() {
    let catalog = Catalog::embedded().unwrap();
    let covered = |selection: Selection| -> Vec<String> {
        let selected = selection.of(&catalog).unwrap();
        let asked = Asked {
            controls: selected.controls.iter().map(|c| c.id.clone()).collect(),
            recommendations: selected.recommendations,
        };
        let frameworks = catalog.frameworks.values();
        frameworks
            .filter(|f| asked.covers(&catalog, f))
            .map(|f| f.id.clone())
            .collect()
    };
    let all = covered(Selection::default());
    assert_eq!(all.len(), catalog.frameworks.len());
    let one = covered(Selection {
        frameworks: vec!["aws-top-ten".to_owned()],
        ..Selection::default()
    });
    assert_eq!(one, ["aws-top-ten"]);
    let first: Option<&Control> = catalog.controls.values().next();
    let none = covered(Selection {
        controls: first.iter().map(|c| c.id.clone()).collect(),
        ..Selection::default()
    });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn a_statement_that_does_not_count_says_why_and_one_that_counts_stands_before_it() {
    let void = Void {
        statement: statement("2027-01-01"),
        why: "has changed since".to_owned(),
    };
    let told = |statement: Option<&Attestation>| {
        let said = Said {
            statement,
            void: Some(&void),
        };
        decide(&recommendation(ATTEST), &[], 0, said, DAY.parse().unwrap())
    };
    assert_eq!(
        told(None),
        (
            StandingState::Unknown,
            "ada's statement of 2025-01-01 does not count: its evidence `https://x` has changed since"
                .to_owned()
        )
    );
    assert_eq!(
        told(Some(&statement("2027-01-01"))).0,
        StandingState::Attested
    );
}

#[test]
fn one_holds_and_several_hold() {
    let why = |counts| {
        let answers = [Answer {
            control: "c".into(),
            counts: Option::unwrap(counts),
        }];
        let day = DAY.parse().unwrap();
        decide(&recommendation(""), &answers, 0, Said::default(), day).1
    };
    assert_eq!(why(some(1, 0, 0, 0)), "1 finding holds");
    assert_eq!(why(some(2, 0, 0, 0)), "2 findings hold");
    assert_eq!(
        why(some(1, 1, 0, 0)),
        "1 resource of 2 fails, in 1 of 1 control"
    );
    assert_eq!(
        why(some(0, 2, 0, 0)),
        "2 resources of 2 fail, in 1 of 1 control"
    );
}
