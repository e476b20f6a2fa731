//! The frameworks are whole: no id is missing, none is made up, and what nothing answers says why.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use palisade_core::catalog::{Catalog, CatalogError, Embedded, EvidenceKind, Source, Text};
use std::collections::BTreeSet;

/// The ids of the editions, as their publishers number them, and how many there are.
const COMPLETE: [(&str, &str, usize); 7] = [
    (
        "aws-fsbp",
        include_str!("../../../catalog/editions/aws-fsbp.txt"),
        336,
    ),
    (
        "cis-aws-7.0",
        include_str!("../../../catalog/editions/cis-aws-7.0.txt"),
        70,
    ),
    (
        "nist-800-53-r5",
        include_str!("../../../catalog/editions/nist-800-53-r5.txt"),
        1014,
    ),
    (
        "nist-csf-2.0",
        include_str!("../../../catalog/editions/nist-csf-2.0.txt"),
        106,
    ),
    (
        "pci-dss-4.0.1",
        include_str!("../../../catalog/editions/pci-dss-4.0.1.txt"),
        280,
    ),
    (
        "security-maturity-model-v2",
        include_str!("../../../catalog/editions/security-maturity-model-v2.txt"),
        74,
    ),
    (
        "well-architected-security",
        include_str!("../../../catalog/editions/well-architected-security.txt"),
        63,
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
fn a_title_of_pci_dss_tells_what_is_asked() {
    let catalog = Catalog::embedded().unwrap();
    let mut titles = BTreeSet::new();
    for requirement in &catalog.frameworks["pci-dss-4.0.1"].requirements {
        let (id, title) = (&requirement.id, &requirement.title);
        assert!(titles.insert(title), "{id}: `{title}` stands twice");
        assert!(!title.contains(id.as_str()), "{id}: a number says nothing");
        assert!(title.chars().count() <= 90, "{id}: `{title}` is long");
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

#[test]
fn a_framework_tells_what_a_machine_could_show() {
    let catalog = Catalog::embedded().unwrap();
    for (id, _, count) in COMPLETE {
        let framework = &catalog.frameworks[id];
        let reach = framework.reach(&catalog);
        assert_eq!(reach.total, count, "{id}");
        assert_eq!(reach.could.values().sum::<usize>(), count, "{id}");
        let parts = [reach.measured, reach.stated, reach.waiting, reach.open];
        assert_eq!(parts.iter().sum::<usize>(), count, "{id}");
        assert!(framework.requirements.iter().all(|r| r.evidence.is_some()));
    }
    // Less than half of either: the rest is work of people, or of whoever runs the site.
    let machine = |id: &str| catalog.frameworks[id].reach(&catalog).machine();
    assert_eq!(machine("pci-dss-4.0.1"), 126);
    assert_eq!(machine("nist-csf-2.0"), 40);
    let csf = catalog.frameworks["nist-csf-2.0"].reach(&catalog);
    assert_eq!(csf.of(EvidenceKind::Attested), 61);
}

/// RFD 10: what such a control has found is the state of the requirement.
#[test]
fn a_control_named_after_a_requirement_answers_a_row_of_it() {
    let catalog = Catalog::embedded().unwrap();
    let mut all = 0;
    for framework in catalog.frameworks.values() {
        let named = framework.named(&catalog);
        for requirement in &framework.requirements {
            let at = format!("{}:{}", framework.prefix(), requirement.id);
            let controls = named.of(requirement);
            assert!(!requirement.partly || !controls.is_empty(), "{at}");
            all += usize::from(!controls.is_empty());
            for control in controls {
                let mut rows = control.answers.iter().map(|row| row.get_ref());
                assert!(
                    rows.any(|row| requirement.recommendations.contains(row)),
                    "{}: {at}",
                    control.path
                );
            }
        }
    }
    // Most of the ids of Security Hub and CIS that a control can see.
    assert!(all >= 250, "{all}");
}

/// A folder of one framework's file, laid over the built-in catalogue.
struct Own(&'static str, String);

impl Source for Own {
    fn name(&self) -> String {
        "own".to_owned()
    }

    fn paths(&self) -> std::io::Result<Vec<String>> {
        Ok(vec![self.0.to_owned()])
    }

    fn text(&self, _: &str) -> std::io::Result<Text> {
        Ok(self.1.clone().into())
    }
}

fn refused(path: &'static str, text: &str) -> Vec<String> {
    let own = Own(path, text.to_owned());
    let errors = Catalog::load(&[&Embedded, &own]).unwrap_err();
    errors.iter().map(CatalogError::one_line).collect()
}

#[test]
fn an_id_that_the_edition_lacks_is_refused_with_its_line() {
    let whole = include_str!("../../../catalog/frameworks/cis-aws-7.0.toml");
    let path = "frameworks/cis-aws-7.0.toml";
    let wrong = whole.replacen("id = \"2.2\"", "id = \"2.99\"", 1);
    let line = 1 + wrong.lines().position(|l| l == "id = \"2.99\"").unwrap();
    assert_eq!(
        refused(path, &wrong),
        [
            format!(
                "own/{path}:{line}:7: `cis-aws-7.0` has no `2.99` in its edition 7.0.0 (hint: another edition is a framework with an id of its own)"
            ),
            format!("own/{path}: `cis-aws-7.0` lacks 1 id of its edition 7.0.0, `2.2` first"),
        ]
    );
}

#[test]
fn what_else_is_wrong_with_a_framework_is_told_with_its_line() {
    let head = "id = \"mine\"\ntitle = \"t\"\nedition = \"1\"\nsource = \"s\"\n";
    let row =
        |id: &str, rest: &str| format!("[[requirement]]\nid = \"{id}\"\ntitle = \"t\"\n{rest}\n");
    let good = "recommendations = [\"red-team\"]";
    let path = "frameworks/mine.toml";
    let twice = format!("{head}{}{}", row("1", good), row("1", good));
    assert_eq!(
        refused(path, &twice),
        [
            "own/frameworks/mine.toml:10:7: the requirement `1` is there twice (hint: one row has all of its recommendations)"
        ]
    );
    let unknown = format!("{head}{}", row("1", "recommendations = [\"red-tea\"]"));
    assert_eq!(
        refused(path, &unknown),
        [
            "own/frameworks/mine.toml:8:21: `1` points at `red-tea`, which is no recommendation (hint: `palisade list recommendations` names them all)"
        ]
    );
    let silent = format!("{head}{}", row("1", "gap = \" \""));
    assert_eq!(
        refused(path, &silent),
        [
            "own/frameworks/mine.toml:6:7: `1` points at nothing and does not say why (hint: name `recommendations`, or say in `gap` why there are none)"
        ]
    );
}
