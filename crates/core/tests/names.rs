//! The names that people bring along from other tools: each is one that its tool has.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests"
)]

use palisade_core::catalog::Catalog;
use std::collections::{BTreeMap, BTreeSet};

/// The lists, made from the tools' own releases; each says which.
const LISTS: [(&str, &str); 5] = [
    ("checkov", include_str!("names/checkov.txt")),
    ("cis-aws-7.0", include_str!("names/cis-aws-7.0.txt")),
    ("prowler", include_str!("names/prowler.txt")),
    ("securityhub", include_str!("names/securityhub.txt")),
    ("trivy", include_str!("names/trivy.txt")),
];

fn ids(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|l| !l.starts_with('#'))
}

#[test]
fn every_foreign_name_is_one_that_its_tool_has() {
    let known: BTreeMap<&str, BTreeSet<&str>> = LISTS
        .iter()
        .map(|(tool, list)| (*tool, ids(list).collect()))
        .collect();
    let catalog = Catalog::embedded().unwrap();
    let wrong: Vec<String> = catalog
        .controls
        .values()
        .flat_map(|c| c.also.iter().map(move |a| (c, a)))
        .filter(|(_, also)| {
            !also
                .split_once(':')
                .and_then(|(tool, id)| Some(known.get(tool)?.contains(id)))
                .unwrap_or(false)
        })
        .map(|(control, also)| format!("{}: `{also}`", control.path))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn no_name_stands_twice_on_a_control() {
    for control in Catalog::embedded().unwrap().controls.values() {
        let distinct: BTreeSet<&String> = control.also.iter().collect();
        assert_eq!(distinct.len(), control.also.len(), "{}", control.path);
    }
}

#[test]
fn the_lists_are_sorted_and_whole() {
    for (tool, list) in LISTS {
        let all: Vec<&str> = ids(list).collect();
        let sorted: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all, sorted.into_iter().collect::<Vec<_>>(), "{tool}");
    }
    assert_eq!(ids(include_str!("names/cis-aws-7.0.txt")).count(), 70);
}

#[test]
fn a_control_answers_to_its_foreign_names() {
    let catalog = Catalog::embedded().unwrap();
    let called = |name: &str| {
        let found = catalog.controls.values().filter(|c| c.is_called(name));
        found.map(|c| c.id.as_str()).collect::<Vec<_>>()
    };
    for name in [
        "securityhub:S3.9",
        "S3.9",
        "prowler:s3_bucket_server_access_logging_enabled",
        "CKV_AWS_18",
        "AVD-AWS-0089",
        "aws-0089",
        "trivy:AWS-0089",
    ] {
        assert_eq!(called(name), ["s3-bucket-access-logging"], "{name}");
    }
    assert_eq!(called("prowler:AWS-0089"), [""; 0]);
    assert_eq!(called("0089"), [""; 0]);
}
