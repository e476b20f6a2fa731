//! Rules of single services: KMS, S3, IAM, STS.
//! Pages are of the IAM User Guide unless another guide is named.
#![cfg(test)]

mod support;

use support::{BUCKET, GET, ROLE, SESSION, USER, allow, case, deny, resource_allow};

/// "Key policies in AWS KMS" (KMS Developer Guide): without the key policy, IAM policies have no effect.
#[test]
fn kms() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let base = || case(USER, "kms:Decrypt", key);
    base().identity(allow("*", "*")).is("ImplicitlyDenied");
    base()
        .identity(allow("*", "*"))
        .resource(resource_allow("111122223333", "kms:*"))
        .is("Allowed");
    base()
        .resource(resource_allow("111122223333", "kms:*"))
        .is("ImplicitlyDenied");
    base().resource(resource_allow(USER, "kms:*")).is("Allowed");
    base()
        .identity(allow("*", "*"))
        .resource(resource_allow(
            "arn:aws:iam::111122223333:user/bob",
            "kms:*",
        ))
        .is("ImplicitlyDenied");
    case(USER, "kms:ListKeys", "*")
        .identity(allow("kms:*", "*"))
        .is("Allowed");
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3";
    case(USER, "kms:DeleteAlias", alias)
        .identity(allow("*", "*"))
        .is("ImplicitlyDenied");
    let grant = format!(
        r#"{{"grants":[{{"GranteePrincipal":"{ROLE}","Operations":["Decrypt"],"Constraints":{{"EncryptionContextSubset":{{"app":"x"}}}}}}]}}"#
    );
    case(SESSION, "kms:Decrypt", key)
        .member("kms", &grant)
        .is("ImplicitlyDenied");
    case(SESSION, "kms:Decrypt", key)
        .member("kms", &grant)
        .context("kms:EncryptionContext:app", "\"x\"")
        .is("Allowed");
    case(SESSION, "kms:Encrypt", key)
        .member("kms", &grant)
        .context("kms:EncryptionContext:app", "\"x\"")
        .is("ImplicitlyDenied");
}

/// S3 User Guide: Block Public Access, ACLs, the ABAC switch.
#[test]
fn s3() {
    let anonymous = r#"{"type":"Anonymous"}"#;
    case(anonymous, GET, BUCKET)
        .resource(resource_allow("*", GET))
        .member("s3", r#"{"restrictPublicBuckets":true}"#)
        .is("ImplicitlyDenied");
    let acl = r#"{"acl":[{"grantee":"http://acs.amazonaws.com/groups/global/AllUsers","permission":"READ"}]}"#;
    case(anonymous, GET, BUCKET).member("s3", acl).is("Allowed");
    case(anonymous, "s3:PutObject", BUCKET)
        .member("s3", acl)
        .is("ImplicitlyDenied");
    let tagged = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}}}"#;
    let base = || {
        case(USER, GET, BUCKET)
            .identity(tagged)
            .context("aws:ResourceTag/a", "\"b\"")
    };
    base().is("Allowed");
    base().member("s3", r#"{"abac":true}"#).is("Allowed");
    base()
        .member("s3", r#"{"abac":false}"#)
        .is("ImplicitlyDenied");
}

/// STS API Reference: GetCallerIdentity cannot be denied; IAM: what AWS owns cannot be changed.
#[test]
fn operations_with_rules_of_their_own() {
    case(USER, "sts:GetCallerIdentity", "*")
        .identity(deny("*", "*"))
        .is("Allowed");
    case(
        USER,
        "iam:CreatePolicyVersion",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    .identity(allow("*", "*"))
    .is("ImplicitlyDenied");
    case(
        USER,
        "iam:GetPolicy",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    .identity(allow("*", "*"))
    .is("Allowed");
    let reserved = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x";
    case(USER, "iam:AttachRolePolicy", reserved)
        .identity(allow("*", "*"))
        .is("ImplicitlyDenied");
}
