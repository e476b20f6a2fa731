//! The resources of an event, as a policy names them.

use std::collections::BTreeSet;

use super::{
    events::without_version,
    parameters::Told,
    records::Record,
    rules,
    told::{Answer, Asked},
};
use crate::{
    authorization::{Action, ResourceType, Service},
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

impl Resources {
    fn add(&mut self, pattern: String, wide: bool) {
        if wide {
            self.wide.insert(pattern.clone());
        }
        self.patterns.insert(pattern);
    }
}

/// How far the resources of a type are known.
enum Known {
    /// They are.
    Told(Vec<(String, bool)>),
    /// The event may be about none.
    NotNeeded,
    /// Not at all: the pattern of all, as narrow as it goes.
    Open(String),
}

/// The resources of an event's action: its own ARNs, what its parameters tell of them, and where nothing tells one of a type
/// that every such request names, all of that type in the event's account and region.
pub(super) fn of(record: &Record, service: &Service, action: &Action) -> Resources {
    let mut found = Resources::default();
    if action.resources.is_empty() {
        found.patterns.insert("*".to_owned());
        return found;
    }
    let mut open = Vec::new();
    for resource in &action.resources {
        let Some(form) = service.resource(resource) else {
            continue;
        };
        let asked = Asked {
            record,
            service,
            resource: form,
            at: resource.kind,
        };
        match known(&asked, action, resource.required) {
            Known::Told(patterns) => {
                for (pattern, wide) in patterns {
                    found.add(pattern, wide);
                }
            }
            Known::NotNeeded => {}
            Known::Open(pattern) => open.push(pattern),
        }
    }
    for pattern in open {
        found.add(pattern, true);
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
        found.add(all, true);
    }
    found
}

/// The resources of one type.
fn known(asked: &Asked<'_>, action: &Action, required: bool) -> Known {
    let (record, service) = (asked.record, asked.service);
    let event = without_version(&record.name);
    let rules: Vec<_> =
        rules::of(&service.prefix, &asked.resource.name, event, &action.name).collect();
    let only = rules.iter().any(|rule| rule.only);
    let needed = rules.iter().find_map(|rule| rule.needed);
    let needed = needed.unwrap_or(required);
    if !only {
        let named = record.resources.iter();
        let named = named.filter(|named| kind(service, &named.arn) == Some(asked.at));
        let told: Vec<_> = named
            .map(|named| {
                let end = if named.prefix { "*" } else { "" };
                (format!("{}{end}", literal(&named.arn)), false)
            })
            .collect();
        if !told.is_empty() {
            return Known::Told(told);
        }
    }
    let all = || {
        if needed {
            Known::Open(filled(record, asked.resource, false).0)
        } else {
            Known::NotNeeded
        }
    };
    for rule in &rules {
        match asked.answer(rule) {
            Answer::Nothing => {}
            Answer::Unknown => return all(),
            Answer::Told(patterns) => return Known::Told(patterns),
        }
    }
    if only {
        return all();
    }
    let members = record.parameters.all();
    let arns = members
        .filter(|(path, text)| !path.contains('.') && is_arn(text))
        .filter(|(_, text)| kind(service, text) == Some(asked.at));
    let told: Vec<_> = arns.map(|(_, arn)| (literal(arn), false)).collect();
    if !told.is_empty() {
        return Known::Told(told);
    }
    match filled(record, asked.resource, true) {
        (pattern, true) => Known::Told(vec![(pattern, false)]),
        (pattern, false) if needed => Known::Open(pattern),
        _ => Known::NotNeeded,
    }
}

pub(super) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6
}

/// The type of resource that an ARN names most exactly.
pub(super) fn kind(service: &Service, arn: &str) -> Option<usize> {
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

/// The type's ARN with what the event tells in it, and whether it tells the name of one. `names`: its parameters tell too.
fn filled(record: &Record, resource: &ResourceType, names: bool) -> (String, bool) {
    let mut text = String::new();
    let (mut whole, mut named) = (true, false);
    let mut rest = resource.arn.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let lower = name.to_lowercase();
        let told = match lower.as_str() {
            "partition" => Some(partition(record)),
            "region" => record.region.clone(),
            "account" => record.account.clone(),
            _ if names => parameter(record, &lower),
            _ => None,
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
    (text, whole && named)
}

/// A parameter of the name that stands in an ARN: `${BucketName}` is `bucketName`, `${ObjectName}` S3's `key`.
fn parameter(record: &Record, name: &str) -> Option<String> {
    let name = if name == "objectname" { "key" } else { name };
    match record.parameters.get(name) {
        // An ARN where a name was wanted is told as a resource of its own; of several, rules tell.
        Told::Values([one]) if !is_arn(one) => Some(one.clone()),
        Told::Values(_) | Told::Absent | Told::Unknown => None,
    }
}

pub(super) fn partition(record: &Record) -> String {
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
