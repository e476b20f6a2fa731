//! What a case tells and what it does not: the path of a session's role, unique ids, encryption contexts, lists of one.
//! Pages are of the IAM User Guide unless another guide is named.
#![cfg(test)]

mod support;

use serde_json::{Value, json};
use support::{BUCKET, GET, ROLE, SESSION, USER, allow, case, level, resource_allow};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";
const ANONYMOUS: &str = r#"{"type":"Anonymous"}"#;

fn on(effect: &str, operator: &str, key: &str, values: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":{values}}}}}}}}}"#
    )
}

#[track_caller]
fn says(answer: &Value, decision: &str, residual: &Value, note: &str) {
    assert_eq!(answer["decision"], decision, "{answer}");
    assert_eq!(answer["residual"], *residual, "{answer}");
    let notes = answer["notes"].to_string();
    assert!(notes.contains(note), "{answer}");
}

/// "AWS global condition context keys", aws:PrincipalArn: a session's is the ARN of its role, path included, which the
/// session's ARN does not tell.
#[test]
fn the_path_of_a_sessions_role() {
    let plain = |operator: &str, value: &str| {
        case(SESSION, GET, BUCKET).identity(on(
            "Allow",
            operator,
            "aws:PrincipalArn",
            &format!("\"{value}\""),
        ))
    };
    let atom = |operator: &str, value: &str| json!({"operator": operator, "key": "aws:PrincipalArn", "values": [value]});
    for operator in ["ArnEquals", "ArnLike", "StringLike", "StringEquals"] {
        let answer = plain(operator, ROLE).answer();
        says(
            &answer,
            "Allowed",
            &atom(operator, ROLE),
            "does not tell its role's path",
        );
    }
    let pathed = "arn:aws:iam::*:role/p/*";
    let answer = plain("ArnLike", pathed).answer();
    says(
        &answer,
        "ImplicitlyDenied",
        &atom("ArnLike", pathed),
        "role's path",
    );
    // What the path cannot change is decided.
    for (pattern, decision) in [
        ("arn:aws:iam::111122223333:role/*", "Allowed"),
        ("arn:aws:iam::111122223333:role/*app", "Allowed"),
        ("arn:aws:iam::111122223333:role/admin", "ImplicitlyDenied"),
        ("arn:aws:iam::444455556666:role/*", "ImplicitlyDenied"),
        (
            "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*",
            "ImplicitlyDenied",
        ),
    ] {
        let answer = plain("ArnLike", pattern).answer();
        assert_eq!(answer["decision"], decision, "{answer}");
        assert!(answer["residual"].is_null(), "{answer}");
        assert!(!answer["notes"].to_string().contains("path"), "{answer}");
    }
    // Told, it is used.
    let answer = plain("ArnLike", pathed)
        .context(
            "aws:PrincipalArn",
            "\"arn:aws:iam::111122223333:role/p/app\"",
        )
        .answer();
    says(&answer, "Allowed", &Value::Null, "");
    // Nothing is left open where the context is complete; the note stands.
    let answer = plain("ArnLike", ROLE)
        .member("contextComplete", "true")
        .answer();
    says(&answer, "Allowed", &Value::Null, "role's path");
    // A deny by path.
    let deny = on(
        "Deny",
        "ArnLike",
        "aws:PrincipalArn",
        &format!("\"{pathed}\""),
    );
    let answer = case(SESSION, GET, BUCKET)
        .identity(allow("*", "*"))
        .identity(deny)
        .answer();
    says(
        &answer,
        "Allowed",
        &json!({"not": atom("ArnLike", pathed)}),
        "role's path",
    );
}

/// "Referencing permission sets in resource policies" (IAM Identity Center User Guide): such roles have the path
/// `/aws-reserved/sso.amazonaws.com/`, with a region or without.
#[test]
fn sessions_of_permission_sets() {
    let session =
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann";
    let with = |pattern: &str| {
        let deny = on(
            "Deny",
            "ArnNotLike",
            "aws:PrincipalArn",
            &format!("\"{pattern}\""),
        );
        case(session, GET, BUCKET)
            .identity(allow("*", "*"))
            .scp(level("root", &[allow("*", "*"), deny]))
            .answer()
    };
    let pattern = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*";
    let residual =
        json!({"not": {"operator": "ArnNotLike", "key": "aws:PrincipalArn", "values": [pattern]}});
    says(
        &with(pattern),
        "Allowed",
        &residual,
        "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    );
    says(
        &with("arn:aws:iam::*:role/*AWSReservedSSO_Admin_*"),
        "Allowed",
        &Value::Null,
        "",
    );
}

/// "Access control list (ACL) overview" (S3 User Guide): WRITE and FULL_CONTROL of a bucket let objects be put; an
/// object's ACL has no WRITE.
#[test]
fn acls_of_buckets_and_objects() {
    let with = |action: &str, resource: &str, permission: &str| {
        let acl = json!({"acl": [{"grantee": "http://acs.amazonaws.com/groups/global/AllUsers", "permission": permission}]});
        case(ANONYMOUS, action, resource).member("s3", &acl.to_string())
    };
    for permission in ["WRITE", "FULL_CONTROL"] {
        with("s3:PutObject", "arn:aws:s3:::b/k", permission).is("Allowed");
    }
    for permission in ["READ", "FULL_CONTROL"] {
        with(GET, "arn:aws:s3:::b/k", permission).is("Allowed");
        with("s3:ListBucket", "arn:aws:s3:::b", permission).is("Allowed");
    }
    with("s3:PutObject", "arn:aws:s3:::b/k", "READ").is("ImplicitlyDenied");
    with(GET, "arn:aws:s3:::b/k", "WRITE").is("ImplicitlyDenied");
    with("s3:GetBucketAcl", "arn:aws:s3:::b", "READ_ACP").is("Allowed");
    with("s3:PutObjectAcl", "arn:aws:s3:::b/k", "WRITE_ACP").is("Allowed");
    with("s3:PutObjectAcl", "arn:aws:s3:::b/k", "WRITE").is("ImplicitlyDenied");
}

fn grant(operations: &[&str], constraints: &Value) -> String {
    json!({"grants": [{"GrantId": "g", "GranteePrincipal": USER, "RetiringPrincipal": ROLE, "Operations": operations,
        "Constraints": constraints}]})
    .to_string()
}

/// "RetireGrant" and "CreateGrant" (KMS API Reference): the grantee may retire where the grant says so; constraints
/// apply neither to that nor to DescribeKey; names and values match with their case.
#[test]
fn kms_grants() {
    let subset = json!({"EncryptionContextSubset": {"Dept": "IT"}});
    let with = |action: &str, operations: &[&str], constraints: &Value| {
        case(USER, action, KEY).member("kms", &grant(operations, constraints))
    };
    with("kms:RetireGrant", &["Decrypt"], &json!({})).is("ImplicitlyDenied");
    with("kms:RetireGrant", &["Decrypt", "RetireGrant"], &json!({})).is("Allowed");
    for action in ["kms:RetireGrant", "kms:DescribeKey"] {
        let answer = with(action, &["RetireGrant", "DescribeKey"], &subset).answer();
        says(&answer, "Allowed", &Value::Null, "");
    }
    let told = |constraints: &Value, name: &str, value: &str| {
        with("kms:Decrypt", &["Decrypt"], constraints)
            .context(&format!("kms:EncryptionContext:{name}"), value)
    };
    let equals = json!({"EncryptionContextEquals": {"Dept": "IT"}});
    for constraints in [&subset, &equals] {
        told(constraints, "Dept", "\"IT\"").is("Allowed");
        told(constraints, "Dept", "[\"IT\"]").is("Allowed");
        told(constraints, "Dept", "\"it\"").is("ImplicitlyDenied");
        told(constraints, "dept", "\"IT\"").is("ImplicitlyDenied");
        told(constraints, "DEPT", "\"IT\"").is("ImplicitlyDenied");
    }
    // Keys of policies have no case, these included.
    case(USER, "kms:Decrypt", KEY)
        .resource(resource_allow("111122223333", "kms:*"))
        .identity(on(
            "Allow",
            "StringEquals",
            "kms:encryptioncontext:dept",
            "\"IT\"",
        ))
        .context("kms:EncryptionContext:Dept", "\"IT\"")
        .is("Allowed");
    // What is not told of an encryption context is left open.
    let pair =
        json!({"operator": "StringEquals", "key": "kms:EncryptionContext:Dept", "values": ["IT"]});
    let no_more = json!({"operator": "ForAllValues:StringEquals", "key": "kms:EncryptionContextKeys", "values": ["Dept"]});
    let answer = with("kms:Decrypt", &["Decrypt"], &subset).answer();
    says(&answer, "ImplicitlyDenied", &pair, "");
    let answer = with("kms:Decrypt", &["Decrypt"], &equals).answer();
    says(
        &answer,
        "ImplicitlyDenied",
        &json!({"all": [pair, no_more]}),
        "",
    );
    let answer = told(&equals, "Dept", "\"IT\"").answer();
    says(&answer, "Allowed", &no_more, "");
    let answer = told(&equals, "Dept", "\"IT\"")
        .context("kms:EncryptionContextKeys", "[\"Dept\"]")
        .answer();
    says(&answer, "Allowed", &Value::Null, "");
    told(&equals, "Dept", "\"IT\"")
        .context("kms:EncryptionContextKeys", "[\"Dept\",\"x\"]")
        .is("ImplicitlyDenied");
}

/// "IAM identifiers", unique identifiers: a policy that names one hangs on aws:userid.
#[test]
fn unique_ids() {
    let policy = |effect: &str| {
        let statement = json!({"Effect": effect, "Principal": {"AWS": "AROAEXAMPLEID"}, "Action": "*", "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    };
    let id = json!({"operator": "StringLike", "key": "aws:userid", "values": ["AROAEXAMPLEID", "AROAEXAMPLEID:*"]});
    let allowed = || case(ROLE, GET, BUCKET).resource(policy("Allow"));
    let denied = || {
        case(ROLE, GET, BUCKET)
            .identity(allow("*", "*"))
            .resource(policy("Deny"))
    };
    says(&allowed().answer(), "ImplicitlyDenied", &id, "");
    says(&denied().answer(), "Allowed", &json!({"not": id}), "");
    says(
        &allowed()
            .context("aws:userid", "\"AROAEXAMPLEID:s\"")
            .answer(),
        "Allowed",
        &Value::Null,
        "",
    );
    says(
        &denied().context("aws:userid", "\"AROAOTHER:s\"").answer(),
        "Allowed",
        &Value::Null,
        "",
    );
    // An id of a role is nobody else's.
    for caller in [USER, "arn:aws:iam::111122223333:root", ANONYMOUS] {
        assert!(case(caller, GET, BUCKET).resource(policy("Deny")).answer()["residual"].is_null());
    }
}

/// Nobody unsigned has a principal's or a session's keys ("AWS global condition context keys"); and a condition that no
/// value can meet leaves nothing to ask for.
#[test]
fn nothing_is_asked_for_in_vain() {
    let everyone = |operator: &str, key: &str, value: &str| {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {operator: {key: value}}});
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    };
    for key in [
        "aws:PrincipalTag/x",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalOrgMasterAccountId",
        "aws:PrincipalServiceNamesList",
        "aws:MultiFactorAuthPresent",
        "aws:SourceIdentity",
        "aws:username",
    ] {
        let answer = case(ANONYMOUS, GET, BUCKET)
            .resource(everyone("StringEquals", key, "true"))
            .answer();
        says(&answer, "ImplicitlyDenied", &Value::Null, "");
    }
    let told = case(ANONYMOUS, GET, BUCKET)
        .resource(everyone("StringEquals", "aws:SourceVpc", "v"))
        .answer();
    assert!(!told["residual"].is_null());
    for (operator, value, decision) in [
        ("IpAddress", "\"10.0.0.0/99\"", "ImplicitlyDenied"),
        ("NotIpAddress", "\"10.0.0.0/99\"", "Allowed"),
        (
            "ForAnyValue:IpAddress",
            "\"10.0.0.0/99\"",
            "ImplicitlyDenied",
        ),
        ("NumericEquals", "\"ten\"", "ImplicitlyDenied"),
        ("DateLessThan", "\"never\"", "ImplicitlyDenied"),
        ("ArnLike", "\"role/x\"", "ImplicitlyDenied"),
        ("ArnNotLike", "\"role/x\"", "Allowed"),
        ("StringEquals", "[]", "ImplicitlyDenied"),
        ("StringLike", "\"${aws:username}\"", "ImplicitlyDenied"),
        ("Null", "[\"true\",\"false\"]", "Allowed"),
    ] {
        let answer = case(ROLE, GET, BUCKET)
            .identity(on("Allow", operator, "aws:SourceIp", value))
            .answer();
        assert_eq!(answer["decision"], decision, "{operator} {answer}");
        assert!(answer["residual"].is_null(), "{operator} {answer}");
    }
    for operator in ["IpAddressIfExists", "ForAllValues:IpAddress"] {
        let answer = case(ROLE, GET, BUCKET)
            .identity(on("Allow", operator, "aws:SourceIp", "\"10.0.0.0/99\""))
            .answer();
        assert!(!answer["residual"].is_null(), "{operator} {answer}");
    }
}

/// "Single-valued vs. multivalued context keys": a list of one is a value, but of keys that are multivalued.
#[test]
fn lists_of_one() {
    let with = |told: &str| {
        let deny = on("Deny", "StringNotEquals", "aws:PrincipalOrgID", "\"o-own\"");
        case(USER, GET, BUCKET)
            .identity(allow("*", "*"))
            .identity(deny)
            .context("aws:PrincipalOrgID", told)
    };
    with("[\"o-evil\"]").is("ExplicitlyDenied");
    with("[\"o-own\"]").is("Allowed");
    says(
        &with("[\"o-evil\",\"o-x\"]").answer(),
        "Allowed",
        &Value::Null,
        "`aws:PrincipalOrgID` is not known to be a multivalued key",
    );
    let tags = |told: &str| {
        case(USER, GET, BUCKET)
            .identity(on("Allow", "StringEquals", "aws:TagKeys", "\"a\""))
            .context("aws:TagKeys", told)
            .answer()
    };
    says(&tags("[\"a\"]"), "ImplicitlyDenied", &Value::Null, "");
    assert!(
        !tags("[\"a\",\"b\"]")["notes"]
            .to_string()
            .contains("multivalued")
    );
    case(USER, GET, BUCKET)
        .identity(on("Allow", "StringEquals", "dynamodb:LeadingKeys", "\"a\""))
        .context("dynamodb:LeadingKeys", "[\"a\"]")
        .is("ImplicitlyDenied");
}

/// The table of multivalued keys is that of the Service Authorization Reference.
#[test]
fn multivalued_keys_are_those_of_the_catalogue() {
    let global: Vec<String> = include_str!("../data/global-keys.txt")
        .lines()
        .filter_map(|line| Some(line.split_once(' ')?.0.to_lowercase()))
        .collect();
    let mut wanted: Vec<String> = support::services()
        .lines()
        .flat_map(|line| {
            let service: Value = serde_json::from_str(line).unwrap();
            service["keys"].as_array().cloned().unwrap_or_default()
        })
        .filter(|key| {
            key[1]
                .as_str()
                .is_some_and(|kind| kind.starts_with("ArrayOf"))
        })
        .map(|key| {
            let name = key[0].as_str().unwrap().to_lowercase();
            name.split_once(['$', '<'])
                .map_or(name.clone(), |(stem, _)| format!("{stem}*"))
        })
        .filter(|name| !global.contains(name))
        .collect();
    wanted.sort();
    wanted.dedup();
    let kept: Vec<&str> = include_str!("../data/multivalued-keys.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(kept, wanted, "write these into data/multivalued-keys.txt");
}
