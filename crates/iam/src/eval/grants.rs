//! Grants that are no policies: KMS grants, S3 ACLs; and Block Public Access, which takes grants away.

use super::{
    principal::{Form, names},
    truth::{Atom, Truth},
};
use crate::model::{
    Acl, ContextValue, Effect, Facts, KmsGrant, Lookup, NamedPolicy, PrincipalEntry, PrincipalKind,
    Request, SetOperator, Statement, Test, arn_part, is_account, is_service,
};

/// The KMS grants that can allow the request, how each names the principal, and under which condition it allows.
pub(crate) fn kms_grants<'a, T: Truth>(
    request: &'a Request,
    facts: &'a Facts,
) -> impl Iterator<Item = (&'a KmsGrant, Form, T)> {
    let operation = request.action.strip_prefix("kms:");
    let each = facts.kms_grants.iter().map(move |grant| (operation, grant));
    each.filter_map(|(operation, grant)| {
        let operation = operation?;
        let covered = grant
            .operations
            .iter()
            .any(|name| name.eq_ignore_ascii_case(operation));
        let by_grantee = covered.then_some(grant.grantee.as_str());
        // "RetireGrant" (KMS API Reference): the retiring principal, and the grantee where the grant says so.
        let retiring = grant
            .retiring
            .as_deref()
            .filter(|_| operation == "retiregrant");
        let named = [retiring, by_grantee].into_iter().flatten();
        let (form, holds) = named
            .filter_map(|text| names::<T>(&entry(text), request, facts))
            .max_by_key(|(form, _)| *form)?;
        let holds = if WITH_CONTEXT.contains(&operation) {
            holds.and(context_fits(grant, request))
        } else {
            holds
        };
        Some((grant, form, holds))
    })
}

/// The KMS grant that allows the request by what is told.
pub(crate) fn kms_grant<'a>(request: &'a Request, facts: &'a Facts) -> Option<&'a KmsGrant> {
    kms_grants::<bool>(request, facts).find_map(|(grant, _, holds)| holds.then_some(grant))
}

/// Operations that constraints of grants apply to: "grant constraints are not applied to operations that do not support
/// an encryption context, such as cryptographic operations with asymmetric KMS keys and management operations, such as
/// DescribeKey or RetireGrant" ("CreateGrant", KMS API Reference).
const WITH_CONTEXT: [&str; 9] = [
    "creategrant",
    "decrypt",
    "encrypt",
    "generatedatakey",
    "generatedatakeypair",
    "generatedatakeypairwithoutplaintext",
    "generatedatakeywithoutplaintext",
    "reencryptfrom",
    "reencryptto",
];

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

/// Grant constraints hold against the request's encryption context, names and values with their case
/// ("GrantConstraints", KMS API Reference).
fn context_fits<T: Truth>(grant: &KmsGrant, request: &Request) -> T {
    let whole = grant.context_equals.as_ref();
    let pairs = whole.into_iter().flatten().chain(&grant.context_subset);
    let mut fits = pairs.fold(T::of(true), |fits: T, (name, value)| {
        fits.and(has_pair(name, value, request))
    });
    if let Some(pairs) = whole {
        fits = fits.and(has_no_more(pairs, request));
    }
    fits
}

fn has_pair<T: Truth>(name: &str, value: &str, request: &Request) -> T {
    match request.context.encryption_context(name) {
        Lookup::Present(ContextValue::One(told)) => T::of(told == value),
        Lookup::Unknown => T::open(false, || Atom {
            operator: "StringEquals".to_owned(),
            key: format!("kms:EncryptionContext:{name}"),
            values: vec![value.to_owned()],
        }),
        _ => T::of(false),
    }
}

/// Whether the encryption context has no pairs but these, which are there.
fn has_no_more<T: Truth>(pairs: &[(String, String)], request: &Request) -> T {
    let (told, more) = request.context.encryption_pairs();
    let known = pairs
        .iter()
        .filter(|(name, _)| matches!(request.context.encryption_context(name), Lookup::Present(_)));
    if told > known.count() {
        return T::of(false);
    }
    let names = || pairs.iter().map(|(name, _)| name.as_str());
    match request.context.lookup("kms:encryptioncontextkeys") {
        Lookup::Present(keys) => T::of(keys.values().all(|key| names().any(|name| name == key))),
        Lookup::Unknown if more => T::open(true, || Atom {
            operator: "ForAllValues:StringEquals".to_owned(),
            key: "kms:EncryptionContextKeys".to_owned(),
            values: names().map(str::to_owned).collect(),
        }),
        Lookup::Unknown | Lookup::Absent => T::of(true),
    }
}

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// The ACL grant that allows the request ("Access control list (ACL) overview", S3 User Guide): of the object for what is
/// done to an object that is there, of the bucket for the rest.
pub(crate) fn acl_grant<'a>(request: &Request, facts: &'a Facts) -> Option<(&'a Acl, Form)> {
    let bucket = facts.s3.acl.iter().map(|acl| (acl, OF_BUCKETS.as_slice()));
    let object = facts
        .s3
        .object_acl
        .iter()
        .map(|acl| (acl, OF_OBJECTS.as_slice()));
    bucket.chain(object).find_map(|(acl, covers)| {
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
        let covered = covers.iter().any(|(permission, actions)| {
            [*permission, "FULL_CONTROL"].contains(&acl.permission.as_str())
                && actions.contains(&request.action.as_str())
        });
        covered.then_some((acl, form))
    })
}

/// Actions, lower case, that a permission stands for.
type Covered = (&'static str, &'static [&'static str]);

/// "Mapping of ACL permissions and access policy permissions" (S3 User Guide): bucket permissions.
const OF_BUCKETS: [Covered; 4] = [
    (
        "READ",
        &[
            "s3:listbucket",
            "s3:listbucketversions",
            "s3:listbucketmultipartuploads",
        ],
    ),
    // Creates objects: the resource is an object, which has no ACL of its own yet.
    ("WRITE", &["s3:putobject"]),
    ("READ_ACP", &["s3:getbucketacl"]),
    ("WRITE_ACP", &["s3:putbucketacl"]),
];

/// The same: object permissions, among which there is no `WRITE`.
const OF_OBJECTS: [Covered; 3] = [
    ("READ", &["s3:getobject", "s3:getobjectversion"]),
    ("READ_ACP", &["s3:getobjectacl", "s3:getobjectversionacl"]),
    ("WRITE_ACP", &["s3:putobjectacl", "s3:putobjectversionacl"]),
];

/// For each KMS grant and ACL grant the actions that it covers, lower case.
pub(crate) fn unwritten(facts: &Facts) -> Vec<Vec<String>> {
    let by_kms = facts.kms_grants.iter().map(|grant| {
        let operations = grant.operations.iter();
        let retires = grant.retiring.iter().map(|_| "kms:retiregrant".to_owned());
        operations
            .map(|operation| format!("kms:{}", operation.to_lowercase()))
            .chain(retires)
            .collect()
    });
    let by_acl = |all: &[Acl], covers: &[Covered]| -> Vec<Vec<String>> {
        let each = all.iter().map(|acl| {
            let covers = covers.iter();
            covers
                .filter(|(permission, _)| {
                    [*permission, "FULL_CONTROL"].contains(&acl.permission.as_str())
                })
                .flat_map(|(_, actions)| actions.iter().map(|action| (*action).to_owned()))
                .collect()
        });
        each.collect()
    };
    by_kms
        .chain(by_acl(&facts.s3.acl, &OF_BUCKETS))
        .chain(by_acl(&facts.s3.object_acl, &OF_OBJECTS))
        .collect()
}

/// Whether S3 looks at the object's ACL for the action, lower case, and not at the bucket's.
pub(crate) fn asks_object_acl(action: &str) -> bool {
    OF_OBJECTS
        .iter()
        .any(|(_, actions)| actions.contains(&action))
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
