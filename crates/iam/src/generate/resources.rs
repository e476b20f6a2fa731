//! The resources of an event, as a policy names them.

use std::collections::BTreeSet;

use super::records::Record;
use crate::{
    authorization::{Action, ActionResource, Service},
    model::{Context, Template},
};

/// Resources of one use.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// Patterns, in the words of a policy.
    pub(super) patterns: BTreeSet<String>,
    /// Those that name more than the event did: it told no resource of their type.
    pub(super) wide: BTreeSet<String>,
}

/// The resources of an event's action: its own ARNs, those among its parameters, and where there is none of a type that
/// the action is about, all of that type in the event's account and region.
pub(super) fn of(record: &Record, service: &Service, action: &Action) -> Resources {
    let mut found = Resources::default();
    if action.resources.is_empty() {
        found.patterns.insert("*".to_owned());
        return found;
    }
    let mut told: BTreeSet<(String, bool)> = record
        .resources
        .iter()
        .map(|named| (named.arn.clone(), named.prefix))
        .collect();
    let values = record.parameters.values();
    told.extend(
        values
            .filter(|value| is_arn(value))
            .map(|value| (value.clone(), false)),
    );
    let mut exact = BTreeSet::new();
    for (arn, prefix) in &told {
        if let Some(kind) = kind(service, arn) {
            let end = if *prefix { "*" } else { "" };
            exact.insert((kind, format!("{}{end}", literal(arn))));
        }
    }
    let mut open = Vec::new();
    for resource in &action.resources {
        let own = exact.iter().filter(|(kind, _)| *kind == resource.kind);
        let before = found.patterns.len();
        found
            .patterns
            .extend(own.map(|(_, pattern)| pattern.clone()));
        if found.patterns.len() > before {
            continue;
        }
        match filled(record, service, resource) {
            Some((pattern, true)) => {
                found.patterns.insert(pattern);
            }
            Some((pattern, false)) => open.push((pattern, resource.required)),
            None => {}
        }
    }
    for (pattern, required) in open {
        if required {
            found.wide.insert(pattern.clone());
            found.patterns.insert(pattern);
        }
    }
    // Without a resource that is told, and without a type that every request names, it may have named none at all.
    if found.patterns.is_empty() {
        let all = match (service.prefix.as_str(), &record.region) {
            // Paths of the API: the event does not tell which.
            ("apigateway", Some(region)) => {
                format!("arn:{}:apigateway:{region}::/*", partition(record))
            }
            _ => "*".to_owned(),
        };
        found.wide.insert(all.clone());
        found.patterns.insert(all);
    }
    found
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6
}

/// The type of resource that an ARN names most exactly.
fn kind(service: &Service, arn: &str) -> Option<usize> {
    let none = Context::new();
    let matching = service
        .resources
        .iter()
        .enumerate()
        .filter(|(_, resource)| {
            let open = crate::authorization::opened(&resource.arn);
            Template::new(&open, true, false).matches(arn, &none) == Some(true)
        });
    matching
        .max_by_key(|(_, resource)| {
            let open = crate::authorization::opened(&resource.arn);
            open.chars().filter(|c| *c != '*').count()
        })
        .map(|(at, _)| at)
}

/// The type's ARN with what the event tells in it, and whether it tells the name of one.
fn filled(record: &Record, service: &Service, resource: &ActionResource) -> Option<(String, bool)> {
    let form = &service.resource(resource)?.arn;
    let mut text = String::new();
    let (mut whole, mut named) = (true, false);
    let mut rest = form.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (name, after) = after.split_once('}')?;
        let lower = name.to_lowercase();
        let told = match lower.as_str() {
            "partition" => Some(partition(record)),
            "region" => record.region.clone(),
            "account" => record.account.clone(),
            _ => parameter(record, &lower),
        };
        let is_place = ["partition", "region", "account"].contains(&lower.as_str());
        match told {
            Some(value) => {
                named |= !is_place;
                text.push_str(&literal(&value));
            }
            None => {
                whole = false;
                text.push('*');
            }
        }
        rest = after;
    }
    text.push_str(rest);
    Some((text, whole && named))
}

/// A parameter of the name that stands in an ARN: `${BucketName}` is `bucketName`, `${ObjectName}` S3's `key`.
fn parameter(record: &Record, name: &str) -> Option<String> {
    let others: &[&str] = match name {
        "objectname" => &["key"],
        "rolenamewithpath" => &["rolename"],
        "usernamewithpath" => &["username"],
        "groupnamewithpath" => &["groupname"],
        "queuename" => &["queueurl"],
        _ => &[],
    };
    let found = std::iter::once(&name)
        .chain(others)
        .find_map(|name| record.parameters.get(*name))?;
    if is_arn(found) {
        // A name was wanted, and an ARN was given: it is told as a resource of its own.
        return None;
    }
    if name == "queuename" {
        return found.rsplit('/').next().map(str::to_owned);
    }
    // The path of a role or user is not told.
    Some(found.clone()).filter(|_| !name.ends_with("withpath"))
}

fn partition(record: &Record) -> String {
    let region = record.region.as_deref().unwrap_or_default();
    let partition = match region.split('-').next() {
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    partition.to_owned()
}

/// A text as a policy names it and nothing else ("IAM policy elements: Variables and tags", special characters).
pub(super) fn literal(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '*' => plain.push_str("${*}"),
            '?' => plain.push_str("${?}"),
            '$' => plain.push_str("${$}"),
            other => plain.push(other),
        }
    }
    plain
}
