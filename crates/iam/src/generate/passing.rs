//! Roles that a request passes to a service, which needs `iam:PassRole` besides the request's own action ("Grant a user
//! permissions to pass a role to an AWS service", IAM User Guide). CloudTrail has no record of the passing itself.

use std::{collections::BTreeSet, sync::LazyLock};

use super::{
    events::without_version,
    parameters::Told,
    records::Record,
    resources::{is_arn, literal, partition},
};
use crate::authorization::{AccessLevel, Action, Service};

const TEXT: &str = include_str!("../../data/passed-roles.txt");

/// `lambda lambda.amazonaws.com CreateFunction role`
struct Line {
    prefix: &'static str,
    to: To,
    events: Vec<&'static str>,
    /// Lower case.
    paths: Vec<String>,
}

/// What a role is passed to.
enum To {
    Service(&'static str),
    /// One that is not certain.
    Some,
    /// The parameter names no role but something that has one.
    Untold(String),
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| lines().filter_map(line).collect());

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn line(text: &'static str) -> Option<Line> {
    let mut words = text.split(' ');
    let (prefix, to) = (words.next()?, words.next()?);
    let events = words.next()?.split(',').collect();
    let paths = words.next()?.split(',').map(str::to_lowercase).collect();
    let what = words.collect::<Vec<_>>().join(" ");
    let to = match to {
        "-" => To::Some,
        "?" => To::Untold(what),
        service => To::Service(service),
    };
    Some(Line {
        prefix,
        to,
        events,
        paths,
    })
}

/// Roles that a request passes.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// Patterns of roles, each with the service, where that is certain.
    pub(super) roles: BTreeSet<(String, Option<&'static str>)>,
    /// What has a role that the record does not name, in words.
    pub(super) untold: BTreeSet<String>,
}

/// The roles that a record's request passes. `action`: the action of the request.
pub(super) fn of(record: &Record, service: &Service, action: &Action) -> Passed {
    let mut passed = Passed::default();
    let event = without_version(&record.name);
    let own = LINES.iter().filter(|line| {
        line.prefix == service.prefix
            && line
                .events
                .iter()
                .any(|name| name.eq_ignore_ascii_case(event))
    });
    let mut known = BTreeSet::new();
    for line in own {
        for path in &line.paths {
            known.insert(path.as_str());
            match (record.parameters.get(path), &line.to) {
                (Told::Absent, _) => {}
                (Told::Unknown, _) => {
                    passed.untold.insert(format!("role in `{path}`"));
                }
                (Told::Values(values), To::Untold(what)) => {
                    let names = values.iter().map(|value| format!("{what} `{value}`"));
                    passed.untold.extend(names);
                }
                (Told::Values(values), To::Service(_) | To::Some) => {
                    let to = match &line.to {
                        To::Service(name) if partition(record) != "aws-cn" => Some(*name),
                        // Some of China's services have other names there.
                        _ => None,
                    };
                    for value in values {
                        let roles = roles(record, value);
                        if roles.is_empty() {
                            passed.untold.insert(format!("role of `{value}`"));
                        }
                        passed
                            .roles
                            .extend(roles.into_iter().map(|role| (role, to)));
                    }
                }
            }
        }
    }
    if may_pass(service, action) {
        let others = record.parameters.all().filter(|(path, value)| {
            let name = path.rsplit('.').next().unwrap_or(path);
            name.contains("role") && is_role(value) && !known.contains(path)
        });
        passed
            .untold
            .extend(others.map(|(_, role)| format!("role `{role}`, which it may pass")));
    }
    passed
}

/// Whether a role that a request names may be one that it passes.
fn may_pass(service: &Service, action: &Action) -> bool {
    let ends = ["Delete", "Remove", "Disassociate", "Untag", "Tag", "Detach"];
    matches!(
        action.level,
        AccessLevel::Write | AccessLevel::PermissionsManagement
    ) && !["iam", "sts"].contains(&service.prefix.as_str())
        && !ends.iter().any(|start| action.name.starts_with(start))
}

fn is_role(text: &str) -> bool {
    is_arn(text) && text.contains(":iam::") && text.contains(":role/")
}

/// The patterns of a role's ARN or name. A name tells no path, and is unique in its account ("IAM identifiers"): the second
/// pattern names the one role of that name with a path.
fn roles(record: &Record, text: &str) -> Vec<String> {
    if is_role(text) {
        return vec![literal(text)];
    }
    if is_arn(text) {
        return Vec::new();
    }
    let account = record.account.as_deref().map_or("*".to_owned(), literal);
    let start = format!("arn:{}:iam::{account}:role/", partition(record));
    let name = literal(text.trim_start_matches('/'));
    if name.contains('/') {
        return vec![format!("{start}{name}")];
    }
    vec![format!("{start}{name}"), format!("{start}*/{name}")]
}

/// The condition that the role is passed to the service and to no other ("Actions, resources, and condition keys for AWS
/// Identity and Access Management", `iam:PassedToService`).
pub(super) fn condition(service: &str) -> String {
    serde_json::json!({"StringEquals": {"iam:PassedToService": service}}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_read() {
        for text in lines() {
            let read = line(text);
            let told = read.is_some_and(|line| match line.to {
                To::Service(name) => name.ends_with(".amazonaws.com"),
                To::Some => true,
                To::Untold(what) => !what.is_empty(),
            });
            assert!(told, "{text}");
        }
    }
}
