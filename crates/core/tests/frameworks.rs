//! The frameworks are whole: no id is missing, none is made up, and what nothing answers says why.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use palisade_core::catalog::Catalog;
use std::collections::BTreeSet;

/// The ids of the editions, as their publishers number them.
const COMPLETE: [(&str, &str, usize); 3] = [
    ("cis-aws-7.0", include_str!("ids/cis-aws-7.0.txt"), 70),
    (
        "well-architected-security",
        include_str!("ids/well-architected-security.txt"),
        63,
    ),
    (
        "security-maturity-model-v2",
        include_str!("ids/security-maturity-model-v2.txt"),
        74,
    ),
];

#[test]
fn every_id_of_an_edition_is_there_and_no_other() {
    let catalog = Catalog::embedded().unwrap();
    for (framework, list, count) in COMPLETE {
        let ids: Vec<&str> = list.lines().collect();
        assert_eq!(ids.len(), count, "{framework}");
        let requirements = &catalog.frameworks[framework].requirements;
        let ours: Vec<&str> = requirements.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ours, ids, "{framework}");
    }
    // The checklist numbers its points by chapter.
    let list = &catalog.frameworks["aws-security-checklist"].requirements;
    let chapters: Vec<char> = list.iter().filter_map(|r| r.id.chars().next()).collect();
    let points = |c| chapters.iter().filter(|x| **x == c).count();
    assert_eq!(['1', '2', '3', '4', '5'].map(points), [4, 3, 3, 3, 3]);
}

#[test]
fn a_requirement_is_mapped_or_says_why_not() {
    for framework in Catalog::embedded().unwrap().frameworks.values() {
        let mut seen = BTreeSet::new();
        for requirement in &framework.requirements {
            let at = format!("{} {}", framework.id, requirement.id);
            assert!(seen.insert(&requirement.id), "{at} stands twice");
            assert!(!requirement.title.trim().is_empty(), "{at} has no title");
            let gap = requirement.gap.as_deref().unwrap_or_default().trim();
            assert_eq!(
                requirement.recommendations.is_empty(),
                !gap.is_empty(),
                "{at}: recommendations, or a word on why there are none"
            );
            let distinct: BTreeSet<&String> = requirement.recommendations.iter().collect();
            assert_eq!(distinct.len(), requirement.recommendations.len(), "{at}");
        }
    }
}

#[test]
fn the_phases_of_the_maturity_model_rise() {
    let catalog = Catalog::embedded().unwrap();
    let model = &catalog.frameworks["security-maturity-model-v2"].requirements;
    let phases: Vec<u8> = model.iter().filter_map(|r| r.phase).collect();
    assert_eq!(phases.len(), model.len());
    assert!(phases.is_sorted());
    let count = |phase| phases.iter().filter(|p| **p == phase).count();
    assert_eq!([1, 2, 3, 4].map(count), [16, 20, 20, 18]);
}
