//! Two permissions that are easily given too widely: to pass a role, and to create service-linked roles
//! ("Granting a user permissions to pass a role to an AWS service", "Service-linked role permissions").

use super::near::covers;
use super::statement::{Statement, Values};
use super::{Code, Findings, PolicyType};
use crate::model::{Operator, Position};

/// How the statement comes to the action.
enum By {
    /// By its name.
    Name,
    /// By a wildcard.
    Star,
    /// By not being left out.
    Not,
}

/// One permission and its codes.
struct Permission {
    action: &'static str,
    /// Keys that limit it enough.
    limits: &'static [&'static str],
    /// `NotResource`: by name, by a star, by `NotAction`.
    not_resource: [Code; 3],
    /// A star in the resource: by name, by a star, by `NotAction`.
    star: [Code; 3],
    /// What it lets happen.
    what: &'static str,
}

const PERMISSIONS: [Permission; 2] = [
    Permission {
        action: "iam:passrole",
        limits: &["iam:passedtoservice", "iam:associatedresourcearn"],
        not_resource: [
            Code::PassRoleWithNotResource,
            Code::PassRoleWithStarInActionAndNotResource,
            Code::PassRoleWithNotActionAndNotResource,
        ],
        star: [
            Code::PassRoleWithStarInResource,
            Code::PassRoleWithStarInActionAndResource,
            Code::PassRoleWithStarInResourceAndNotAction,
        ],
        what: "this passes any role to any service, the mightiest included",
    },
    Permission {
        action: "iam:createservicelinkedrole",
        limits: &["iam:awsservicename"],
        not_resource: [
            Code::CreateSlrWithNotResource,
            Code::CreateSlrWithStarInActionAndNotResource,
            Code::CreateSlrWithNotActionAndNotResource,
        ],
        star: [
            Code::CreateSlrWithStarInResource,
            Code::CreateSlrWithStarInActionAndResource,
            Code::CreateSlrWithStarInResourceAndNotAction,
        ],
        what: "this creates service-linked roles for any service",
    },
];

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
        return;
    };
    if !statement.allows() || found.kind != PolicyType::Identity {
        return;
    }
    for permission in &PERMISSIONS {
        if is_limited(statement, permission.limits) {
            continue;
        }
        let Some((by, at)) = reached(actions, permission.action) else {
            continue;
        };
        let codes = if resources.negated {
            &permission.not_resource
        } else if resources.texts.iter().any(|(_, text)| is_any_role(text)) {
            &permission.star
        } else {
            continue;
        };
        let [by_name, by_star, by_not] = *codes;
        let code = match by {
            By::Name => by_name,
            By::Star => by_star,
            By::Not => by_not,
        };
        found.suggest(
            code,
            at,
            permission.what,
            "name the roles in `Resource`, or limit the services with a condition",
        );
    }
}

/// Whether requests without the key, or with any value of it, are left out.
fn is_limited(statement: &Statement<'_>, keys: &[&str]) -> bool {
    statement.conditions.iter().any(|condition| {
        let demands = Operator::parse(condition.operator)
            .is_some_and(|operator| !operator.if_exists && !operator.negated);
        let open = |text: &str| text.starts_with(['*', '?']);
        keys.contains(&condition.lower.as_str())
            && demands
            && !condition.texts().any(|(_, text)| open(text))
    })
}

fn reached(actions: &Values<'_>, wanted: &str) -> Option<(By, Position)> {
    let found = |test: &dyn Fn(&str) -> bool| {
        actions
            .texts
            .iter()
            .find(|(_, text)| test(&text.to_lowercase()))
            .map(|(at, _)| *at)
    };
    let by_name = found(&|text| text == wanted);
    let by_star = found(&|text| text.contains(['*', '?']) && covers(text, wanted));
    if actions.negated {
        return by_name
            .or(by_star)
            .is_none()
            .then_some((By::Not, actions.at));
    }
    by_name
        .map(|at| (By::Name, at))
        .or_else(|| by_star.map(|at| (By::Star, at)))
}

/// Whether the resource takes in every role of an account.
fn is_any_role(resource: &str) -> bool {
    covers(resource, "arn:aws:iam::012345678901:role/*")
}
