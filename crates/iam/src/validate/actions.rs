//! `Action` and `NotAction`: services and actions that exist.

use super::near::{covers, nearest};
use super::statement::Statement;
use super::{Code, Findings, PolicyType};
use crate::authorization::Service;
use crate::model::Position;

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    if actions.texts.is_empty() {
        found.suggest(
            Code::EmptyArrayAction,
            actions.at,
            "the statement names no action: it says nothing",
            "name the actions, or remove the statement",
        );
    }
    for (at, text) in &actions.texts {
        action(text, *at, found);
    }
}

fn action(text: &str, at: Position, found: &mut Findings<'_>) {
    // Variables are told by their own check.
    if text == "*" || text.contains("${") {
        return;
    }
    let Some((prefix, name)) = text.split_once(':') else {
        let code = Code::InvalidAction;
        found.suggest(
            code,
            at,
            format!("`{text}` names no service"),
            "write `service:Action`, or `*`",
        );
        return;
    };
    if prefix.contains(['*', '?']) {
        found.suggest(
            Code::WildcardInServiceName,
            at,
            "a wildcard in the service reaches services that are not meant, and those yet to come",
            "name the services",
        );
        return;
    }
    let data = found.data;
    let Some(service) = data.service(prefix) else {
        let message = format!("the service `{prefix}` is not in the service authorization data");
        match nearest(prefix, data.prefixes()) {
            Some(near) => found.suggest(
                Code::InvalidServiceInAction,
                at,
                message,
                format!("did you mean `{near}:{name}`?"),
            ),
            None => found.add(Code::InvalidServiceInAction, at, message),
        }
        return;
    };
    if !exists(service, name) {
        let message = format!("`{text}` is not in the service authorization data");
        let names = service.actions.iter().map(|action| action.name.as_str());
        match nearest(name, names) {
            Some(near) => found.suggest(
                Code::InvalidAction,
                at,
                message,
                format!("did you mean `{}:{near}`?", service.prefix),
            ),
            None => found.add(Code::InvalidAction, at, message),
        }
        return;
    }
    unsupported(text, &service.prefix, at, found);
}

/// An action of that name, or one that the pattern takes in.
fn exists(service: &Service, name: &str) -> bool {
    if !name.contains(['*', '?']) {
        return service.action(name).is_some();
    }
    let pattern = name.to_lowercase();
    pattern == "*"
        || service
            .by_lower_name()
            .any(|(action, _)| covers(&pattern, action))
}

/// A resource's policy speaks of its own service's actions.
fn unsupported(text: &str, prefix: &str, at: Position, found: &mut Findings<'_>) {
    let attached = match found.kind {
        PolicyType::Trust => "sts",
        PolicyType::Resource => match found.service {
            Some(service) => service,
            None => return,
        },
        PolicyType::Identity | PolicyType::ServiceControl | PolicyType::ResourceControl => return,
    };
    if !prefix.eq_ignore_ascii_case(attached) {
        found.suggest(
            Code::UnsupportedActionInPolicy,
            at,
            format!("a policy of `{attached}` cannot grant `{text}`"),
            format!("write actions of `{attached}` only"),
        );
    }
}
