//! The catalogue's service authorization data, and what of the catalogue rests on it.
#![cfg(test)]

mod support;

use palisade_iam::authorization::{AccessLevel, KeyType};
use std::collections::{BTreeMap, BTreeSet};
use support::authorization;

type Table<T> = BTreeMap<String, BTreeMap<String, T>>;

fn catalog(file: &str) -> String {
    format!("{}/../../catalog/{file}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_service_can_be_read() {
    let data = authorization();
    data.check().unwrap();
    assert_eq!(data.services().count(), data.prefixes().count());
    let actions: usize = data.services().map(|service| service.actions.len()).sum();
    assert!(actions > 20_000, "{actions}");
}

#[test]
fn what_is_known_of_s3() {
    let data = authorization();
    let s3 = data.service("s3").unwrap();
    let action = s3.action("getobject").unwrap();
    assert_eq!(action.level, AccessLevel::Read);
    let on: Vec<&str> = action
        .resources
        .iter()
        .map(|resource| s3.resource(resource).unwrap().arn.as_str())
        .collect();
    assert!(
        on.contains(&"arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
        "{on:?}"
    );
    let key = |name: &str| s3.keys.iter().find(|key| key.name == name).unwrap().kind;
    assert_eq!(key("s3:prefix"), Some(KeyType::String));
    assert_eq!(key("s3:max-keys"), Some(KeyType::Numeric));
    assert_eq!(
        data.action("iam:PassRole").unwrap().level,
        AccessLevel::Write
    );
    assert_eq!(
        data.action("iam:AttachRolePolicy").unwrap().level,
        AccessLevel::PermissionsManagement
    );
    assert!(data.has_rcp("kms") && !data.has_rcp("ec2"));
}

/// Collection reads only: each IAM action that it needs exists and lists or reads, or the list says why not.
#[test]
fn the_actions_that_collection_needs_exist_and_only_read() {
    #[derive(serde::Deserialize)]
    struct Reads {
        reads: Table<Vec<String>>,
        #[serde(default)]
        harmless: BTreeMap<String, String>,
        #[serde(default)]
        new: BTreeMap<String, String>,
    }
    let text = fs_err::read_to_string(catalog("models/reads.toml")).unwrap();
    let reads: Reads = toml::from_str(&text).unwrap();
    let data = authorization();
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for (service, operations) in &reads.reads {
        for (operation, action) in operations
            .iter()
            .flat_map(|(operation, actions)| actions.iter().map(move |action| (operation, action)))
        {
            let excused = |list: &BTreeMap<String, String>| {
                list.get(action).is_some_and(|reason| !reason.is_empty())
            };
            let fault = match data.action(action) {
                None if excused(&reads.new) => {
                    used.insert(action);
                    continue;
                }
                None => "does not exist".to_owned(),
                Some(known) if !action.ends_with(&format!(":{}", known.name)) => {
                    format!("is written `{}`", known.name)
                }
                Some(known) => match known.level {
                    AccessLevel::List | AccessLevel::Read => continue,
                    _ if excused(&reads.harmless) => {
                        used.insert(action);
                        continue;
                    }
                    level => format!("has the level {level:?}"),
                },
            };
            faults.push(format!("{service}.{operation}: `{action}` {fault}"));
        }
    }
    for unused in reads.harmless.keys().chain(reads.new.keys()) {
        if !used.contains(unused) {
            faults.push(format!("`{unused}` is excused and needs no excuse"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The engine's own list of services that resource control policies reach is the reference's.
#[test]
fn the_services_with_resource_control_policies_are_the_references() {
    let text = include_str!("../data/rcp-services.txt");
    let own: BTreeSet<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let data = authorization();
    let theirs: BTreeSet<&str> = data.source().rcp.iter().map(String::as_str).collect();
    assert_eq!(own, theirs);
}
