//! The cases, and which of them count.

use palisade_aws::model::Model;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) struct Case {
    pub(crate) model: Model,
    pub(crate) op: String,
    /// `clientEndpoint` of the suite.
    pub(crate) endpoint: String,
    pub(crate) case: Value,
}

#[derive(Deserialize)]
struct Skips {
    #[serde(default)]
    skip: Vec<Skip>,
}

#[derive(Deserialize)]
struct Skip {
    direction: String,
    file: String,
    /// Id of the case, or `<description> (<suite>:<case>)` where it has none.
    case: String,
    reason: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the suites are given by the environment"
)]
fn botocore() -> Option<PathBuf> {
    std::env::var("PALISADE_BOTOCORE").ok().map(PathBuf::from)
}

/// Runs all cases of a direction and prints the count of each file.
#[expect(
    clippy::disallowed_macros,
    reason = "the counts are the output of the test"
)]
pub(crate) fn run(direction: &str, check: fn(&Case) -> Result<(), String>) {
    let Some(root) = botocore() else {
        println!("not run: PALISADE_BOTOCORE does not name the unpacked botocore");
        return;
    };
    let suites = root.join("tests/unit/protocols");
    let ignored = read_json(&suites.join("protocol-tests-ignore-list.json"));
    let skips = fs_err::read_to_string("tests/protocols-skips.toml").unwrap();
    let skips: Skips = toml::from_str(&skips).unwrap();
    let mut unused: BTreeMap<(String, String), String> = skips
        .skip
        .into_iter()
        .filter(|skip| skip.direction == direction)
        .map(|skip| ((skip.file, skip.case), skip.reason))
        .collect();
    let skipped = unused.clone();
    let (mut failures, mut passed, mut total) = (Vec::new(), 0, 0);
    for folder in ["", "legacy/"] {
        for file in files(&suites.join(format!("{folder}{direction}"))) {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            if name.contains("cbor") {
                continue;
            }
            let label = format!("{folder}{name}");
            let (mut good, mut all) = (0, 0);
            for (suite, id, case) in cases(&read_json(&file)) {
                if is_ignored(&ignored, &name, direction, &suite, &id) {
                    continue;
                }
                let key = (label.clone(), id.clone());
                if skipped.contains_key(&key) {
                    unused.remove(&key);
                    continue;
                }
                all += 1;
                match case.and_then(|case| check(&case)) {
                    Ok(()) => good += 1,
                    Err(fault) => failures.push(format!("{label} {id}: {fault}")),
                }
            }
            println!("{direction} {label}: {good} of {all}");
            passed += good;
            total += all;
        }
    }
    println!(
        "{direction}: {passed} of {total}, skipped with a reason {}",
        skipped.len() - unused.len()
    );
    for (at, failure) in failures.iter().enumerate() {
        println!("{}. {failure}", at + 1);
    }
    assert!(
        total > 300,
        "only {total} cases found in {}",
        suites.display()
    );
    assert!(unused.is_empty(), "skips that match no case: {unused:?}");
    assert!(failures.is_empty(), "{} cases fail", failures.len());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    files
}

fn read_json(file: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(file).unwrap()).unwrap()
}

/// The suite's description, the case's id, and the case with its model.
fn cases(suites: &Value) -> Vec<(String, String, Result<Case, String>)> {
    let mut out = Vec::new();
    for (at, suite) in suites.as_array().unwrap().iter().enumerate() {
        let description = suite["description"].as_str().unwrap_or_default();
        for (number, case) in suite["cases"].as_array().unwrap().iter().enumerate() {
            let id = match case["id"].as_str() {
                Some(id) => id.to_owned(),
                None => format!("{description} ({at}:{number})"),
            };
            out.push((description.to_owned(), id, prepare(suite, case)));
        }
    }
    out
}

fn prepare(suite: &Value, case: &Value) -> Result<Case, String> {
    let op = case["given"]["name"]
        .as_str()
        .unwrap_or("OperationName")
        .to_owned();
    let mut given = case["given"].clone();
    // As botocore's runner does: the models of AWS say so themselves.
    let shape = given["output"]["shape"].as_str().unwrap_or_default();
    let has_members = suite["shapes"][shape]["members"]
        .as_object()
        .is_some_and(|members| !members.is_empty());
    if suite["metadata"]["protocol"] == "query" && has_members && case.get("response").is_some() {
        given["output"]["resultWrapper"] = format!("{op}Result").into();
    }
    let mut shapes = suite.get("shapes").cloned().unwrap_or_else(|| json!({}));
    // The older suites have the payload on the use of the shape; the models have it on the shape.
    if let Some(payload) = given["input"].get("payload") {
        let shape = given["input"]["shape"].as_str().unwrap_or_default();
        shapes[shape]["payload"] = payload.clone();
    }
    let document = json!({
        "service": "",
        "metadata": suite["metadata"],
        "shapes": shapes,
        "operations": {&op: given},
    });
    let model =
        Model::from_json(document.to_string().as_bytes()).map_err(|error| error.to_string())?;
    let endpoint = suite["clientEndpoint"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    Ok(Case {
        model,
        op,
        endpoint,
        case: case.clone(),
    })
}

fn is_ignored(list: &Value, protocol: &str, direction: &str, suite: &str, case: &str) -> bool {
    let has = |list: &Value, word: &str| {
        list.as_array()
            .is_some_and(|words| words.iter().any(|w| w == word))
    };
    [
        &list["general"][direction],
        &list["protocols"][protocol][direction],
    ]
    .into_iter()
    .any(|list| has(&list["suites"], suite) || has(&list["cases"], case))
}
