//! Each rule of a decision, with the page that it comes from: elements, layers of an account, keys.
//! Pages are of the IAM User Guide unless another guide is named.
#![cfg(test)]

mod support;

use support::{BUCKET, GET, ROLE, SESSION, USER, allow, case, deny, resource_allow};

/// "Policy evaluation logic": by default requests are denied; an explicit deny beats any allow.
#[test]
fn implicit_and_explicit_deny() {
    case(USER, GET, BUCKET).is("ImplicitlyDenied");
    case(USER, GET, BUCKET)
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(allow("s3:*", "*"))
        .identity(deny("s3:Get*", "arn:aws:s3:::b/*"))
        .is("ExplicitlyDenied");
}

/// "IAM JSON policy elements: Action": actions have no case; NotAction and NotResource are all but what is named.
#[test]
fn not_elements() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"IAM:*","NotResource":"arn:aws:s3:::x/*"}}"#;
    case(USER, "S3:GETOBJECT", BUCKET)
        .identity(policy)
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::x/o")
        .identity(policy)
        .is("ImplicitlyDenied");
    case(USER, "iam:GetUser", "arn:aws:iam::111122223333:user/x")
        .identity(policy)
        .is("ImplicitlyDenied");
}

/// "IAM JSON policy elements: Resource": resources have case; an incomplete ARN is completed with wildcards.
#[test]
fn resources() {
    case(USER, GET, BUCKET)
        .identity(allow(GET, "arn:aws:s3:::B/o"))
        .is("ImplicitlyDenied");
    case(USER, GET, BUCKET)
        .identity(allow(GET, "arn:aws:s3"))
        .is("Allowed");
    case(USER, "s3:ListAllMyBuckets", "*")
        .identity(allow("s3:*", "arn:aws:s3:::*"))
        .is("ImplicitlyDenied");
    case(USER, "s3:ListAllMyBuckets", "*")
        .identity(allow("s3:*", "*"))
        .is("Allowed");
}

/// "Permissions boundaries": identity policy and boundary both have to allow.
#[test]
fn boundary_limits_identity() {
    let base = || case(USER, GET, BUCKET).identity(allow("*", "*"));
    base().boundary(allow("s3:*", "*")).is("Allowed");
    base().boundary(allow("ec2:*", "*")).is("ImplicitlyDenied");
    base().boundary(deny("s3:*", "*")).is("ExplicitlyDenied");
}

/// "Policy evaluation logic", session policies: the intersection of both.
#[test]
fn session_limits_identity() {
    let base = || case(SESSION, GET, BUCKET).identity(allow("*", "*"));
    base().session(allow("s3:*", "*")).is("Allowed");
    base().session(allow("ec2:*", "*")).is("ImplicitlyDenied");
}

/// "Policy evaluation logic: resource-based policies": within an account, how the principal is named decides
/// whether an implicit deny in a boundary or session policy limits the grant.
#[test]
fn resource_policies_within_an_account() {
    let narrow = || allow("ec2:*", "*");
    // An IAM user's ARN, a session's ARN and everyone: not limited.
    case(USER, GET, BUCKET)
        .resource(resource_allow(USER, GET))
        .boundary(narrow())
        .is("Allowed");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(SESSION, GET))
        .boundary(narrow())
        .session(narrow())
        .is("Allowed");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow("*", GET))
        .boundary(narrow())
        .session(narrow())
        .is("Allowed");
    // A role's ARN: limited by both.
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .is("Allowed");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .boundary(narrow())
        .is("ImplicitlyDenied");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .session(narrow())
        .is("ImplicitlyDenied");
    case(ROLE, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .boundary(narrow())
        .is("ImplicitlyDenied");
    // The account: only delegates to identity policies.
    case(USER, GET, BUCKET)
        .resource(resource_allow("111122223333", GET))
        .is("ImplicitlyDenied");
    case(USER, GET, BUCKET)
        .resource(resource_allow("arn:aws:iam::111122223333:root", GET))
        .identity(allow(GET, "*"))
        .is("Allowed");
    // A deny on the account denies all of it.
    let deny_account = r#"{"Statement":{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}}"#;
    case(USER, GET, BUCKET)
        .identity(allow("*", "*"))
        .resource(deny_account)
        .is("ExplicitlyDenied");
}

/// A session's ARN has no path; role names are unique in an account ("IAM identifiers").
#[test]
fn sessions_of_roles_with_paths() {
    let pathed = "arn:aws:iam::111122223333:role/team/app";
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(pathed, GET))
        .is("Allowed");
    case(ROLE, GET, BUCKET)
        .resource(resource_allow(pathed, GET))
        .is("ImplicitlyDenied");
    case(SESSION, GET, BUCKET)
        .context(
            "aws:PrincipalArn",
            "\"arn:aws:iam::111122223333:role/other/app\"",
        )
        .resource(resource_allow(pathed, GET))
        .is("ImplicitlyDenied");
}

/// "Cross-account policy evaluation logic": both accounts have to allow.
#[test]
fn across_accounts() {
    let base = || case(USER, GET, BUCKET).resource_account("444455556666");
    base().identity(allow("*", "*")).is("ImplicitlyDenied");
    base()
        .resource(resource_allow(USER, GET))
        .is("ImplicitlyDenied");
    base()
        .resource(resource_allow(USER, GET))
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    base()
        .resource(resource_allow("111122223333", GET))
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    base()
        .resource(resource_allow("*", GET))
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    base()
        .resource(resource_allow(USER, GET))
        .identity(allow("s3:*", "*"))
        .boundary(allow("ec2:*", "*"))
        .is("ImplicitlyDenied");
}

/// Keys that principal and resource fix are in the request without being told ("AWS global condition context keys").
#[test]
fn derived_keys() {
    let with = |operator: &str, key: &str, value: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":"{value}"}}}}}}}}"#
        )
    };
    case(SESSION, GET, BUCKET)
        .identity(with("ArnEquals", "aws:PrincipalArn", ROLE))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(with("StringEquals", "aws:username", "ann"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(with("StringEquals", "AWS:PRINCIPALACCOUNT", "111122223333"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(with("Bool", "aws:PrincipalIsAWSService", "false"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .resource_account("111122223333")
        .identity(with("StringEquals", "aws:ResourceAccount", "111122223333"))
        .is("Allowed");
    case(
        USER,
        "sqs:SendMessage",
        "arn:aws:sqs:eu-west-1:111122223333:q",
    )
    .identity(with("StringEquals", "aws:RequestedRegion", "eu-west-1"))
    .is("Allowed");
    case(SESSION, GET, BUCKET)
        .identity(with("Null", "aws:username", "true"))
        .is("Allowed");
}

/// A key that is not told is decided as absent, and the residual says what it would have to be.
#[test]
fn residual_conditions() {
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
        {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#;
    let answer = case(USER, GET, BUCKET).identity(policy).answer();
    assert_eq!(answer["decision"], "ExplicitlyDenied");
    let expected = serde_json::json!({"all": [
        {"operator": "Bool", "key": "aws:MultiFactorAuthPresent", "values": ["true"]},
        {"not": {"operator": "NotIpAddress", "key": "aws:SourceIp", "values": ["10.0.0.0/8"]}},
    ]});
    assert_eq!(answer["residual"], expected);
    let told = case(USER, GET, BUCKET)
        .identity(policy)
        .context("aws:MultiFactorAuthPresent", "true")
        .context("aws:SourceIp", "\"10.1.1.1\"");
    let answer = told.answer();
    assert_eq!(answer["decision"], "Allowed");
    assert!(answer["residual"].is_null());
}

/// "IAM policy elements: Variables and tags": only in 2012-10-17; a variable without value matches nothing.
#[test]
fn variables() {
    let home = |version: &str, resource: &str| {
        format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}}}"#
        )
    };
    let new = "\"Version\":\"2012-10-17\",";
    let own = "arn:aws:s3:::b/${aws:username}/*";
    case(USER, GET, "arn:aws:s3:::b/ann/x")
        .identity(home(new, own))
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::b/bob/x")
        .identity(home(new, own))
        .is("ImplicitlyDenied");
    case(USER, GET, "arn:aws:s3:::b/ann/x")
        .identity(home("\"Version\":\"2008-10-17\",", own))
        .is("ImplicitlyDenied");
    case(USER, GET, "arn:aws:s3:::b/ann/x")
        .identity(home("", own))
        .is("ImplicitlyDenied");
    case(ROLE, GET, "arn:aws:s3:::b/ann/x")
        .identity(home(new, own))
        .is("ImplicitlyDenied");
    case(ROLE, GET, "arn:aws:s3:::b/all/x")
        .identity(home(new, "arn:aws:s3:::b/${aws:username, 'all'}/*"))
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::b/*")
        .identity(home(new, "arn:aws:s3:::b/${*}"))
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::b/x")
        .identity(home(new, "arn:aws:s3:::b/${*}"))
        .is("ImplicitlyDenied");
    case(USER, GET, "arn:aws:s3:::b/x")
        .identity(home(new, "arn:aws:s3:::b/${aws:TagKeys}"))
        .context("aws:TagKeys", "[\"x\"]")
        .is("ImplicitlyDenied");
}
