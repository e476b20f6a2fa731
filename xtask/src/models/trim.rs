//! Cuts a service's model down to the wanted operations and what they reach.

use super::pagers::{self, Pager};
use super::source;
use crate::error::TaskError;
use palisade_aws::model::Model;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is kept of an operation, of a shape and of a use of a shape. All else is prose, checks that
/// services make themselves, or hints for code generators.
const OPERATION: &[&str] = &[
    "name",
    "http",
    "input",
    "output",
    "errors",
    "endpoint",
    "staticContextParams",
    "operationContextParams",
    "authtype",
    "httpChecksumRequired",
    "httpChecksum",
];
const SHAPE: &[&str] = &[
    "type",
    "members",
    "required",
    "payload",
    "member",
    "key",
    "value",
    "enum",
    "sparse",
    "union",
    "document",
    "eventstream",
    "error",
    "exception",
    "sensitive",
    "locationName",
    "flattened",
    "xmlNamespace",
    "timestampFormat",
    "streaming",
];
const USE: &[&str] = &[
    "shape",
    "location",
    "locationName",
    "queryName",
    "xmlAttribute",
    "xmlNamespace",
    "jsonvalue",
    "hostLabel",
    "idempotencyToken",
    "resultWrapper",
    "contextParam",
    "flattened",
    "timestampFormat",
    "streaming",
    "wrapper",
];

/// The trimmed document of a service, in JSON.
pub(super) fn service(
    botocore: &Path,
    service: &str,
    operations: &BTreeMap<String, String>,
    own_pagers: Option<&BTreeMap<String, Pager>>,
) -> Result<Vec<u8>, TaskError> {
    let first = operations.values().next().map_or("", String::as_str);
    let folder = newest(&botocore.join("botocore/data").join(service)).ok_or_else(|| {
        TaskError::new(format!(
            "{first}: botocore has no service called `{service}`"
        ))
    })?;
    let model = source::json(&folder.join("service-2.json"))?;
    let kept = operations
        .iter()
        .map(|(name, place)| {
            let operation = model.pointer("/operations").and_then(|all| all.get(name));
            let operation = operation.ok_or_else(|| {
                TaskError::new(format!(
                    "{place}: the service `{service}` has no operation `{name}`"
                ))
            })?;
            Ok((name.clone(), pick_operation(operation)))
        })
        .collect::<Result<Map<String, Value>, TaskError>>()?;
    let document = json!({
        "service": service,
        "metadata": model.get("metadata"),
        "shapes": reachable(&model, &kept),
        "paginators": paginators(&folder, service, &model, operations, own_pagers)?,
        "endpoint_rules": rules(&folder)?,
        "operations": kept,
    });
    let bytes = serde_json::to_vec(&document)?;
    // A model that the client would refuse never gets into the catalogue.
    Model::from_json(&bytes).map_err(|error| TaskError::new(format!("{service}: {error}")))?;
    Ok(bytes)
}

/// The folder of the newest API version.
fn newest(folder: &Path) -> Option<PathBuf> {
    let entries = fs_err::read_dir(folder).ok()?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("service-2.json").exists())
        .max()
}

fn pick_operation(operation: &Value) -> Value {
    let mut kept = pick(operation, OPERATION);
    if let Value::Object(map) = &mut kept {
        for key in ["input", "output"] {
            if let Some(used) = map.get_mut(key) {
                *used = pick(used, USE);
            }
        }
        if let Some(Value::Array(errors)) = map.get_mut("errors") {
            for used in errors {
                *used = pick(used, USE);
            }
        }
    }
    kept
}

fn pick_shape(shape: &Value) -> Value {
    let mut kept = pick(shape, SHAPE);
    if let Value::Object(map) = &mut kept {
        for key in ["member", "key", "value"] {
            if let Some(used) = map.get_mut(key) {
                *used = pick(used, USE);
            }
        }
        if let Some(Value::Object(members)) = map.get_mut("members") {
            for used in members.values_mut() {
                *used = pick(used, USE);
            }
        }
    }
    kept
}

fn pick(value: &Value, keys: &[&str]) -> Value {
    let Value::Object(map) = value else {
        return value.clone();
    };
    map.iter()
        .filter(|(key, _)| keys.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The shapes that the operations reach, in the model's order.
fn reachable(model: &Value, operations: &Map<String, Value>) -> Map<String, Value> {
    let empty = Map::new();
    let shapes = model
        .get("shapes")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let mut open: Vec<String> = operations.values().flat_map(uses_of_operation).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(shape) = shapes.get(&name)
            && seen.insert(name)
        {
            open.extend(uses_of_shape(shape));
        }
    }
    shapes
        .iter()
        .filter(|(name, _)| seen.contains(*name))
        .map(|(name, shape)| (name.clone(), pick_shape(shape)))
        .collect()
}

fn uses_of_operation(operation: &Value) -> Vec<String> {
    let direct = ["input", "output"]
        .iter()
        .filter_map(|key| operation.get(key));
    let errors = operation.get("errors").and_then(Value::as_array);
    direct
        .chain(errors.into_iter().flatten())
        .filter_map(shape_name)
        .collect()
}

fn uses_of_shape(shape: &Value) -> Vec<String> {
    let direct = ["member", "key", "value"]
        .iter()
        .filter_map(|key| shape.get(key));
    let members = shape.get("members").and_then(Value::as_object);
    direct
        .chain(members.into_iter().flat_map(Map::values))
        .filter_map(shape_name)
        .collect()
}

fn shape_name(used: &Value) -> Option<String> {
    Some(used.get("shape")?.as_str()?.to_owned())
}

fn paginators(
    folder: &Path,
    service: &str,
    model: &Value,
    operations: &BTreeMap<String, String>,
    own: Option<&BTreeMap<String, Pager>>,
) -> Result<Map<String, Value>, TaskError> {
    let theirs = their_pagers(folder)?;
    let mut kept = Map::new();
    for (name, place) in operations {
        let their = theirs.get(name);
        let our = own.and_then(|own| own.get(name));
        match (their, our) {
            (Some(_), Some(_)) => {
                return Err(TaskError::new(format!(
                    "catalog/models/paginators.toml: botocore now has a pager for `{service}:{name}`; remove ours"
                )));
            }
            (Some(their), None) => {
                kept.insert(name.clone(), pick(their, PAGER));
            }
            (None, Some(our)) => {
                let document = our
                    .document()
                    .map_err(TaskError::at(format!("paginators.toml: {service}.{name}")))?;
                kept.extend(document.map(|document| (name.clone(), document)));
            }
            (None, None) => {
                if let Some((input, output)) = looks_paged(model, name) {
                    return Err(TaskError::new(format!(
                        "{place}: `{service}:{name}` takes `{input}` and returns `{output}`, but has no pager: \
                         say in catalog/models/paginators.toml how it pages"
                    )));
                }
            }
        }
    }
    Ok(kept)
}

const PAGER: &[&str] = &[
    "input_token",
    "output_token",
    "result_key",
    "limit_key",
    "more_results",
];

/// botocore's pagers, with its amendments laid over them.
fn their_pagers(folder: &Path) -> Result<Map<String, Value>, TaskError> {
    let path = folder.join("paginators-1.json");
    let mut all = Map::new();
    if path.exists()
        && let Some(Value::Object(map)) = source::json(&path)?.get("pagination")
    {
        all.clone_from(map);
    }
    let extras = folder.join("paginators-1.sdk-extras.json");
    if extras.exists() {
        let extras = source::json(&extras)?;
        if let Some(Value::Object(map)) = extras.pointer("/merge/pagination") {
            for (name, amendment) in map {
                let entry = all.entry(name.clone()).or_insert_with(|| json!({}));
                if let (Value::Object(entry), Value::Object(amendment)) = (entry, amendment) {
                    entry.extend(amendment.clone());
                }
            }
        }
    }
    Ok(all)
}

/// The members by which an operation seems to page.
fn looks_paged<'a>(model: &'a Value, operation: &str) -> Option<(&'a str, &'a str)> {
    let operation = model.get("operations")?.get(operation)?;
    let member = |key: &str| {
        let name = operation.get(key)?.get("shape")?.as_str()?;
        pagers::token_member(model.get("shapes")?.get(name)?)
    };
    Some((member("input")?, member("output")?))
}

fn rules(folder: &Path) -> Result<Value, TaskError> {
    let path = folder.join("endpoint-rule-set-1.json");
    if !path.exists() {
        return Ok(Value::Null);
    }
    let mut rules = source::json(&path)?;
    strip_documentation(&mut rules);
    Ok(rules)
}

/// The partitions without the regions' descriptions.
pub(super) fn partitions(mut partitions: Value) -> Value {
    if let Some(Value::Array(list)) = partitions.get_mut("partitions") {
        for partition in list {
            if let Some(Value::Object(regions)) = partition.get_mut("regions") {
                for region in regions.values_mut() {
                    *region = json!({});
                }
            }
        }
    }
    partitions
}

// In rule sets, unlike in shapes, `documentation` is never a name of something else.
fn strip_documentation(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.shift_remove("documentation");
            map.values_mut().for_each(strip_documentation);
        }
        Value::Array(list) => list.iter_mut().for_each(strip_documentation),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_called_like_a_trait_stays_and_prose_goes() {
        let shape = json!({"type": "structure", "documentation": "prose", "members": {
            "documentation": {"shape": "Text", "documentation": "prose"},
            "min": {"shape": "Number", "box": true},
        }});
        assert_eq!(
            pick_shape(&shape),
            json!({"type": "structure", "members": {"documentation": {"shape": "Text"}, "min": {"shape": "Number"}}})
        );
    }

    #[test]
    fn shapes_are_followed_through_members_lists_maps_and_errors_even_in_a_circle() {
        let model = json!({"shapes": {
            "In": {"type": "structure", "members": {"a": {"shape": "List"}}},
            "List": {"type": "list", "member": {"shape": "Map"}},
            "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "In"}},
            "Text": {"type": "string"}, "Fault": {"type": "structure", "exception": true},
            "Unused": {"type": "string"},
        }});
        let operations = json!({"Get": {"input": {"shape": "In"}, "errors": [{"shape": "Fault"}]}});
        let kept = reachable(&model, operations.as_object().unwrap());
        assert_eq!(
            kept.keys().collect::<Vec<_>>(),
            ["In", "List", "Map", "Text", "Fault"]
        );
    }
}
