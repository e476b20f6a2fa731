//! Grants that are no policies: KMS grants, S3 ACLs; and Block Public Access, which takes grants away.

use super::principal::{Form, names};
use crate::model::{
    Acl, Effect, Facts, KmsGrant, NamedPolicy, PrincipalEntry, PrincipalKind, Request, SetOperator,
    Statement, Test, arn_part, is_account, is_service,
};

/// The KMS grant that allows the request, and how it names the principal.
pub(crate) fn kms_grant<'a>(request: &Request, facts: &'a Facts) -> Option<(&'a KmsGrant, Form)> {
    let operation = request.action.strip_prefix("kms:")?;
    facts.kms_grants.iter().find_map(|grant| {
        let form = if operation == "retiregrant" {
            names(&entry(grant.retiring.as_deref()?), request, facts)?
        } else {
            let covered = grant
                .operations
                .iter()
                .any(|name| name.eq_ignore_ascii_case(operation));
            if !covered || !context_fits(grant, request) {
                return None;
            }
            names(&entry(&grant.grantee), request, facts)?
        };
        Some((grant, form))
    })
}

fn entry(text: &str) -> PrincipalEntry {
    if is_service(text) {
        PrincipalEntry::Service(text.to_owned())
    } else if is_account(text) {
        PrincipalEntry::Account(text.to_owned())
    } else if text.ends_with(":root") {
        PrincipalEntry::Account(arn_part(text, 4).unwrap_or_default().to_owned())
    } else {
        PrincipalEntry::Arn(text.to_owned())
    }
}

/// Grant constraints hold against the request's encryption context.
fn context_fits(grant: &KmsGrant, request: &Request) -> bool {
    let has = |(name, value): &(String, String)| {
        let key = format!("kms:encryptioncontext:{}", name.to_lowercase());
        request.context.single(&key) == Some(value)
    };
    let whole = grant.context_equals.as_ref().is_none_or(|pairs| {
        pairs.iter().all(has) && request.context.count("kms:encryptioncontext:") == pairs.len()
    });
    whole && grant.context_subset.iter().all(has)
}

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// The ACL grant that allows the request ("Access control list (ACL) overview", S3 User Guide).
pub(crate) fn acl_grant<'a>(request: &Request, facts: &'a Facts) -> Option<(&'a Acl, Form)> {
    if request.service() != "s3" {
        return None;
    }
    let on_object = arn_part(&request.resource, 5)?.contains('/');
    facts.s3.acl.iter().find_map(|acl| {
        let everyone = acl.grantee == ALL_USERS;
        let public = everyone || acl.grantee == AUTHENTICATED;
        if public && facts.s3.ignore_public_acls {
            return None;
        }
        let form = if everyone || acl.grantee == AUTHENTICATED && request.principal.has_account() {
            Form::Direct
        } else if facts.canonical_user.as_deref() == Some(acl.grantee.as_str()) {
            Form::Account
        } else {
            return None;
        };
        acl_covers(&acl.permission, &request.action, on_object).then_some((acl, form))
    })
}

fn acl_covers(permission: &str, action: &str, on_object: bool) -> bool {
    let read = ["s3:getobject", "s3:getobjectversion"];
    let list = [
        "s3:listbucket",
        "s3:listbucketversions",
        "s3:listbucketmultipartuploads",
    ];
    let read_acp = ["s3:getobjectacl", "s3:getobjectversionacl"];
    let write_acp = ["s3:putobjectacl", "s3:putobjectversionacl"];
    match (permission, on_object) {
        ("READ", true) => read.contains(&action),
        ("READ", false) => list.contains(&action),
        ("WRITE", false) => action == "s3:putobject",
        ("READ_ACP", true) => read_acp.contains(&action),
        ("READ_ACP", false) => action == "s3:getbucketacl",
        ("WRITE_ACP", true) => write_acp.contains(&action),
        ("WRITE_ACP", false) => action == "s3:putbucketacl",
        ("FULL_CONTROL", _) => ["READ", "WRITE", "READ_ACP", "WRITE_ACP"]
            .iter()
            .any(|part| acl_covers(part, action, on_object)),
        _ => false,
    }
}

/// `RestrictPublicBuckets`: a public policy grants only to the bucket owner's account and to AWS services
/// ("Blocking public access to your Amazon S3 storage", S3 User Guide).
pub(crate) fn blocked_as_public(request: &Request, policy: &NamedPolicy, facts: &Facts) -> bool {
    facts.s3.restrict_public_buckets
        && request.service() == "s3"
        && !request.same_account()
        && !matches!(request.principal.kind, PrincipalKind::Service(_))
        && policy.policy.statements.iter().any(is_public)
}

/// Keys whose fixed values keep a statement for everyone from being public ("The meaning of public", S3 User Guide).
pub(crate) const NARROWING: [&str; 15] = [
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "aws:resourceorgid",
];

pub(crate) fn is_public(statement: &Statement) -> bool {
    let everyone = statement
        .principal
        .as_ref()
        .is_some_and(|clause| clause.negated || clause.entries.contains(&PrincipalEntry::Everyone));
    let narrowed = statement.conditions.iter().any(|condition| {
        let fits = condition.operator.as_ref().is_some_and(|operator| {
            !operator.negated
                && !operator.if_exists
                && operator.set != Some(SetOperator::ForAllValues)
                && matches!(operator.test, Test::Text(_) | Test::Arn | Test::Address)
        });
        fits && NARROWING.contains(&condition.key.as_str())
            && condition
                .values
                .iter()
                .all(|value| is_fixed(&condition.key, value))
    });
    statement.effect == Effect::Allow && everyone && !narrowed
}

/// A fixed value has neither wildcard nor variable; the accounts and access points' ARNs may have
/// wildcards past the account; a range of addresses is not wider than /8 (IPv4) or /32 (IPv6).
pub(crate) fn is_fixed(key: &str, value: &str) -> bool {
    if key == "aws:sourceip" {
        return crate::model::scalar::network(value).is_some_and(|network| {
            network.prefix_len() >= if network.addr().is_ipv4() { 8 } else { 32 }
        });
    }
    let has_wildcard = |text: &str| text.contains(['*', '?']) || text.contains("${");
    match (key, arn_part(value, 4)) {
        ("s3:dataaccesspointarn" | "aws:sourcearn" | "aws:principalarn", Some(account)) => {
            !account.is_empty() && !has_wildcard(account)
        }
        _ => !has_wildcard(value),
    }
}
