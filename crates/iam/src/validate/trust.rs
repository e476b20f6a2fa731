//! Trust policies: who may assume a role, and how.

use super::principals::named;
use super::statement::Statement;
use super::{Code, Findings};
use crate::model::{Operator, SetOperator, TextTest};
use crate::model::{Position, Test};

const GITHUB: &str = "token.actions.githubusercontent.com";

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    everyone(statement, found);
    parents(statement, found);
    roles_anywhere(statement, found);
    let providers: Vec<(Position, &str)> = named(statement, "Federated").collect();
    for (at, provider) in &providers {
        if !is_saml(provider) && !is_oidc(provider) {
            found.suggest(
                Code::InvalidFederatedPrincipalSyntaxInRoleTrustPolicy,
                *at,
                format!("`{provider}` is no identity provider"),
                "write the provider's ARN, or a domain",
            );
        }
    }
    mismatched(statement, &providers, found);
    for (at, provider) in &providers {
        if is_oidc(provider) && !is_saml(provider) && statement.allows() {
            oidc(statement, *at, provider, found);
        }
    }
}

fn everyone(statement: &Statement<'_>, found: &mut Findings<'_>) {
    if let Some((false, node)) = statement.principal
        && node.text() == Some("*")
    {
        found.suggest(
            Code::RoleTrustPolicyUnsupportedWildcardInPrincipal,
            node.at,
            "a trust policy cannot let in everybody in this way",
            "name who may assume the role",
        );
    }
}

/// A session beside its role.
fn parents(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let all: Vec<(Position, &str)> = named(statement, "AWS").collect();
    for (at, session) in &all {
        let Some((account, rest)) = session
            .strip_prefix("arn:aws:sts::")
            .and_then(|rest| rest.split_once(":assumed-role/"))
        else {
            continue;
        };
        let role = rest.split('/').next().unwrap_or_default();
        let parent = format!("arn:aws:iam::{account}:role/{role}");
        if all.iter().any(|(_, other)| *other == parent) {
            found.suggest(
                Code::RedundantPrincipalInRoleTrustPolicy,
                *at,
                format!("`{session}` is a session of `{parent}`, which is named too"),
                "remove the session",
            );
        }
    }
}

/// The statement's actions, lower case; a statement of `NotAction` has none that are certain.
fn actions(statement: &Statement<'_>) -> Vec<String> {
    statement
        .actions
        .iter()
        .filter(|actions| !actions.negated)
        .flat_map(|actions| actions.texts.iter().map(|(_, text)| text.to_lowercase()))
        .collect()
}

/// "Trust model in IAM Roles Anywhere" (IAM Roles Anywhere User Guide): three actions.
fn roles_anywhere(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let anywhere = named(statement, "Service").find(|(_, s)| *s == "rolesanywhere.amazonaws.com");
    let Some((at, _)) = anywhere else { return };
    let given = actions(statement);
    let missing: Vec<&str> = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        .into_iter()
        .filter(|wanted| {
            !given
                .iter()
                .any(|action| super::near::covers(action, &wanted.to_lowercase()))
        })
        .collect();
    if !missing.is_empty() && statement.allows() {
        found.suggest(
            Code::MissingActionForRolesAnywhereTrustPolicy,
            at,
            "IAM Roles Anywhere needs three actions to assume a role",
            format!("add {}", missing.join(", ")),
        );
    }
}

fn is_saml(provider: &str) -> bool {
    is_arn(provider, "saml-provider")
}

fn is_oidc(provider: &str) -> bool {
    let is_domain = |text: &str| {
        text.contains('.')
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._/".contains(&b))
    };
    is_arn(provider, "oidc-provider") || (!provider.starts_with("arn:") && is_domain(provider))
}

fn is_arn(provider: &str, kind: &str) -> bool {
    let parts: Vec<&str> = provider.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam", "", account, resource]
        if !account.is_empty() && resource.strip_prefix(kind).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/')))
}

/// SAML providers go with `AssumeRoleWithSAML`, all others with `AssumeRoleWithWebIdentity`, and both with nobody else.
fn mismatched(statement: &Statement<'_>, providers: &[(Position, &str)], found: &mut Findings<'_>) {
    let Some(given) = statement.actions.as_ref().filter(|given| !given.negated) else {
        return;
    };
    let others = named(statement, "AWS")
        .chain(named(statement, "Service"))
        .next();
    for (at, action) in &given.texts {
        let by_saml = action.eq_ignore_ascii_case("sts:AssumeRoleWithSAML");
        let by_web = action.eq_ignore_ascii_case("sts:AssumeRoleWithWebIdentity");
        let plain = action.eq_ignore_ascii_case("sts:AssumeRole");
        let wrong = providers.iter().find(|(_, provider)| {
            plain || (by_saml && !is_saml(provider)) || (by_web && is_saml(provider))
        });
        let wrong = wrong.map(|(_, provider)| *provider).or_else(|| {
            let alone = providers.is_empty() && (by_saml || by_web);
            others.filter(|_| alone).map(|(_, other)| other)
        });
        if let Some(wrong) = wrong {
            found.suggest(
                Code::MismatchedActionForPrincipal,
                *at,
                format!("`{wrong}` cannot call `{action}`"),
                "SAML providers call sts:AssumeRoleWithSAML, OIDC providers sts:AssumeRoleWithWebIdentity, others sts:AssumeRole",
            );
        }
    }
}

/// The host by which a provider's keys are named: `token.actions.githubusercontent.com`.
fn host(provider: &str) -> String {
    provider
        .split_once(":oidc-provider/")
        .map_or(provider, |(_, host)| host)
        .to_lowercase()
}

/// "Create a role for OpenID Connect federation" (IAM User Guide).
fn oidc(statement: &Statement<'_>, at: Position, provider: &str, found: &mut Findings<'_>) {
    let host = host(provider);
    let key = |name: &str| format!("{host}:{name}");
    let own = statement
        .conditions
        .iter()
        .any(|condition| condition.lower.starts_with(&key("")));
    if !own {
        found.suggest(
            Code::MissingConditionKeyForOidcPrincipal,
            at,
            format!("every identity of `{host}` may assume the role"),
            format!("add conditions on `{host}:sub` and `{host}:aud`"),
        );
    }
    let of_subject = statement
        .conditions
        .iter()
        .filter(|condition| condition.lower == key("sub"));
    if host == GITHUB && of_subject.clone().next().is_none() {
        found.suggest(
            Code::MissingGithubRepoConditionKey,
            at,
            "every repository of GitHub may assume the role",
            format!("add a condition on `{GITHUB}:sub`: repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH"),
        );
    }
    for condition in of_subject.filter(|_| host == GITHUB) {
        let Some(operator) = Operator::parse(condition.operator) else {
            continue;
        };
        for (at, text) in condition.texts() {
            if operator.test == Test::Text(TextTest::Like) && text.contains(['*', '?']) {
                found.suggest(
                    Code::SpecificGithubRepoAndBranchRecommended,
                    at,
                    format!("`{text}` lets in more than one branch"),
                    "write repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH in full",
                );
            }
        }
    }
    for condition in &statement.conditions {
        let set = Operator::parse(condition.operator).and_then(|operator| operator.set);
        if condition.lower != key("aud") {
            continue;
        }
        match set {
            Some(SetOperator::ForAnyValue) => found.suggest(
                Code::ForanyvalueWithAudienceClaimType,
                condition.key_at,
                format!("a request has one value of `{}`", condition.key),
                "leave `ForAnyValue:` out",
            ),
            Some(SetOperator::ForAllValues) => found.suggest(
                Code::ConfirmAudienceClaimType,
                condition.key_at,
                "most providers give one audience: a set operator is for those that give several",
                "leave the set operator out if there is one audience",
            ),
            None => {}
        }
    }
}
