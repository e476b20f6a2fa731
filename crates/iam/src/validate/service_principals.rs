//! A resource's policy that lets services in ("The confused deputy problem", IAM User Guide).

use super::principals::named;
use super::statement::Statement;
use super::{Code, Findings, PolicyType};

/// Keys that tell on whose behalf the service acts.
const SOURCE: [&str; 5] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
];
/// Keys of the caller's own, which a request by a service principal does not have
/// ("AWS global condition context keys", properties of the principal).
const OWN: [&str; 5] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:userid",
    "aws:username",
];
/// Services that never act for another account's resource: their principal needs no source. A host assumes a role
/// for what is in the role's own account; load balancers' log delivery names the account in the path.
const WITHOUT_SOURCE: [&str; 3] = [
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "logdelivery.elb.amazonaws.com",
    "delivery.logs.amazonaws.com",
];

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let Some((false, node)) = statement.principal else {
        return;
    };
    if !statement.allows() {
        return;
    }
    let Some((at, service)) = named(statement, "Service").next() else {
        return;
    };
    let alone = named(statement, "AWS").next().is_none();
    let own = statement.conditions.iter().find(|condition| {
        OWN.iter().any(|key| match key.strip_suffix('/') {
            Some(_) => condition.lower.starts_with(key),
            None => condition.lower == *key,
        })
    });
    if let (Some(own), true) = (own, alone) {
        found.suggest(
            Code::UnsupportedConditionKeyForServicePrincipal,
            own.key_at,
            format!("requests of `{service}` do not carry `{}`", own.key),
            "test `aws:SourceOrgID`, `aws:SourceAccount` or `aws:SourceArn`",
        );
        return;
    }
    // A trust policy's own checks say what a role needs.
    if found.kind != PolicyType::Resource
        || SOURCE.iter().any(|key| statement.has_key(key))
        || WITHOUT_SOURCE.contains(&service)
    {
        return;
    }
    let weak = statement
        .conditions
        .iter()
        .find(|condition| matches!(condition.lower.as_str(), "aws:referer" | "aws:useragent"));
    match weak {
        Some(weak) => found.suggest(
            Code::RecommendedConditionKeyForServicePrincipal,
            weak.key_at,
            format!("`{}` does not tell for whom `{service}` acts", weak.key),
            "test `aws:SourceArn` or `aws:SourceAccount`",
        ),
        None => found.suggest(
            Code::RestrictAccessToServicePrincipal,
            if node.text().is_some() { node.at } else { at },
            format!("`{service}` is let in for whomever it acts"),
            "add a condition on `aws:SourceArn` or `aws:SourceAccount`",
        ),
    }
}
