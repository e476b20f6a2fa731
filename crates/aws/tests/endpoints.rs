//! botocore's own endpoint suites: every case of every service, with the rule sets that the
//! catalogue carries and with those of the source distribution.
//!
//! The suites are not in the repository: they come with the pinned source distribution, which
//! `cargo xtask models` fetches and unpacks. `PALISADE_BOTOCORE` names another unpacked one.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_macros,
    reason = "a test fails by panicking, helpers included"
)]

use palisade_aws::endpoint::{EndpointError, Partitions, Resolved, Rules, resolve};
use palisade_aws::model::Model;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by its runner where the suites are"
)]
fn botocore() -> PathBuf {
    let named = std::env::var("PALISADE_BOTOCORE").map(PathBuf::from);
    let cache =
        std::env::var("PALISADE_CACHE").map_or_else(|_| here("../../.cache"), PathBuf::from);
    let lock = fs_err::read_to_string(here("../../catalog/models/models.lock.toml")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    let version = lock["botocore"]["version"].as_str().unwrap();
    let folder = named.unwrap_or_else(|_| cache.join(format!("botocore-{version}")));
    assert!(
        folder.join("tests/functional/endpoint-rules").is_dir(),
        "{} has no endpoint suites: run `cargo xtask models` once, or set PALISADE_BOTOCORE",
        folder.display()
    );
    folder
}

fn read(path: &Path) -> Rules {
    serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap()
}

fn decompressed(path: &Path) -> Vec<u8> {
    zstd::decode_all(fs_err::read(path).unwrap().as_slice()).unwrap()
}

fn partitions() -> Partitions {
    Partitions::from_json(&decompressed(&here(
        "../../catalog/models/partitions.json.zst",
    )))
    .unwrap()
}

/// `service` to `case` to the reason for leaving it out.
fn skips() -> BTreeMap<String, BTreeMap<String, String>> {
    toml::from_str(&fs_err::read_to_string(here("tests/endpoints-skips.toml")).unwrap()).unwrap()
}

/// Why a case fails, if it does.
fn fault(rules: &Rules, partitions: &Partitions, case: &Value) -> Option<String> {
    let params = case["params"].as_object().cloned().unwrap_or_default();
    let got = resolve(rules, partitions, &params);
    if let Some(expected) = case["expect"]["error"].as_str() {
        return match got {
            Err(EndpointError::Refused(message)) if message == expected => None,
            other => Some(format!("expected the error `{expected}`, got {other:?}")),
        };
    }
    let endpoint = &case["expect"]["endpoint"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let expected = Resolved {
        url: text(&endpoint["url"]),
        properties: endpoint["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
        headers: (endpoint["headers"]
            .as_object()
            .unwrap_or(&Map::new())
            .iter())
        .map(|(name, values)| {
            (
                name.clone(),
                values.as_array().unwrap().iter().map(text).collect(),
            )
        })
        .collect(),
    };
    (got.as_ref() != Ok(&expected)).then(|| format!("expected {expected:?}, got {got:?}"))
}

/// Runs the suites of the services; returns how many cases passed and were tried.
fn run(suites: &Path, services: &BTreeMap<String, Rules>) -> (usize, usize) {
    let partitions = partitions();
    let mut skips = skips();
    let (mut passed, mut tried, mut faults) = (0, 0, Vec::new());
    for (service, rules) in services {
        let path = suites.join(service).join("endpoint-tests-1.json");
        if !path.exists() {
            continue;
        }
        let mut skipped = skips.remove(service).unwrap_or_default();
        for case in json(&path)["testCases"].as_array().unwrap() {
            let name = case["documentation"].as_str().unwrap_or("nameless");
            if skipped.remove(name).is_some() {
                continue;
            }
            tried += 1;
            match fault(rules, &partitions, case) {
                None => passed += 1,
                Some(fault) => faults.push(format!("{service}: {name}: {fault}")),
            }
        }
        assert!(
            skipped.is_empty(),
            "{service}: skips of cases that do not exist: {skipped:?}"
        );
    }
    assert!(
        faults.is_empty(),
        "{passed} of {tried}\n{}",
        faults.join("\n")
    );
    (passed, tried)
}

#[test]
fn every_case_of_the_services_that_the_catalogue_uses() {
    let suites = botocore().join("tests/functional/endpoint-rules");
    let mut services = BTreeMap::new();
    for entry in fs_err::read_dir(here("../../catalog/models")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(service) = name
            .strip_suffix(".json.zst")
            .filter(|name| *name != "partitions")
        else {
            continue;
        };
        let model = Model::from_json(&decompressed(&path)).unwrap();
        assert_eq!(model.service, service);
        services.insert(service.to_owned(), model.endpoint_rules.unwrap());
    }
    let (passed, tried) = run(&suites, &services);
    println!(
        "endpoint cases of {} services of the catalogue: {passed} of {tried}",
        services.len()
    );
    assert!(
        tried > 2_000,
        "{tried} cases are fewer than the suites have"
    );
}

#[test]
fn every_case_of_every_service_of_botocore() {
    let root = botocore();
    let mut services = BTreeMap::new();
    for entry in fs_err::read_dir(root.join("botocore/data")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let versions = fs_err::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let newest = versions
            .map(|path| path.join("endpoint-rule-set-1.json"))
            .filter(|path| path.exists())
            .max();
        if let Some(path) = newest {
            let service = folder.file_name().unwrap().to_str().unwrap().to_owned();
            services.insert(service, read(&path));
        }
    }
    let (passed, tried) = run(&root.join("tests/functional/endpoint-rules"), &services);
    println!(
        "endpoint cases of all {} services: {passed} of {tried}",
        services.len()
    );
    assert!(
        tried > 10_000,
        "{tried} cases are fewer than the suites have"
    );
}

#[test]
fn a_hostile_rule_set_is_an_error_and_no_hang() {
    let mut rules = serde_json::json!({"conditions": [], "type": "error", "error": "deep"});
    for _ in 0..200 {
        rules = serde_json::json!({"conditions": [], "type": "tree", "rules": [rules]});
    }
    let rules = serde_json::json!({"parameters": {}, "rules": [rules]});
    let partitions = partitions();
    let read = |rules: &Value| serde_json::from_value::<Rules>(rules.clone());
    let tried = |rules: &Value| resolve(&read(rules).unwrap(), &partitions, &Map::new());
    assert!(matches!(tried(&rules), Err(EndpointError::Malformed(_))));
    for rules in [
        serde_json::json!({"rules": [{"conditions": [{"fn": "system", "argv": ["x"]}], "type": "error", "error": ""}]}),
        serde_json::json!({"rules": [{"conditions": [], "type": "endpoint", "endpoint": {"url": "https://{Nobody}"}}]}),
        serde_json::json!({"rules": [{"conditions": [], "type": "endpoint", "endpoint": {"url": "https://{"}}]}),
    ] {
        assert!(
            matches!(tried(&rules), Err(EndpointError::Malformed(_))),
            "{rules}"
        );
    }
    for rules in [
        serde_json::json!({"rules": 3}),
        serde_json::json!({"rules": [{"conditions": [], "type": "error"}]}),
        serde_json::json!({"rules": [{"conditions": [], "type": "other"}]}),
        serde_json::json!({"rules": [{"conditions": [{"fn": "not", "argv": [{"argv": []}]}], "type": "error", "error": ""}]}),
        Value::Null,
    ] {
        assert!(read(&rules).is_err(), "{rules}");
    }
    let none = serde_json::json!({"rules": []});
    assert_eq!(tried(&none), Err(EndpointError::NoMatch));
}
