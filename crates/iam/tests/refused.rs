//! Requests that are none, names that repeat, and statements that may be invalid.
//! Pages are of the IAM User Guide unless another guide is named.
#![cfg(test)]

mod support;

use serde_json::Value;
use support::{BUCKET, GET, ROLE, USER, allow, case};

/// A request that is none has an error and no decision.
#[test]
fn requests_that_are_none() {
    let error = |principal: &str, action: &str, resource: &str| {
        let answer = case(principal, action, resource)
            .identity(allow("*", "*"))
            .answer();
        assert!(answer.get("decision").is_none(), "{answer}");
        answer["error"].as_str().unwrap().to_owned()
    };
    for action in ["s3:*", "s3:Get?bject", "*", "s3", "s3:", "s3:Get Object"] {
        assert!(error(USER, action, BUCKET).contains("action"), "{action}");
    }
    for resource in ["", "not-an-arn", "arn:aws:s3", "arn:aws:s3:::"] {
        assert!(
            error(USER, GET, resource).contains("resource"),
            "{resource}"
        );
    }
    case(USER, "s3:ListAllMyBuckets", "*")
        .identity(allow("*", "*"))
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::b/*")
        .identity(allow("*", "*"))
        .is("Allowed");
    for account in ["12", "eve"] {
        let answer = case(USER, GET, BUCKET).resource_account(account).answer();
        assert!(
            answer["error"].as_str().unwrap().contains("twelve digits"),
            "{answer}"
        );
    }
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/a";
    assert!(error(USER, "kms:Decrypt", alias).contains("ARN of its key"));
    case(USER, "kms:DeleteAlias", alias)
        .identity(allow("*", "*"))
        .is("Allowed");
    let kind = error(r#"{"type":"Martian","name":"x"}"#, GET, BUCKET);
    assert!(
        kind.contains("AWS") && kind.contains("Service, Federated or Anonymous"),
        "{kind}"
    );
    case(&format!(r#"{{"type":"AWS","arn":"{USER}"}}"#), GET, BUCKET)
        .identity(allow("*", "*"))
        .is("Allowed");
}

/// "Actions, resources, and condition keys for AWS Security Token Service": a role is required; `*` names none.
#[test]
fn assuming_no_role() {
    for resource in ["*", USER, BUCKET] {
        let answer = case(USER, "sts:AssumeRole", resource)
            .identity(allow("*", "*"))
            .answer();
        assert!(
            answer["error"].as_str().unwrap().contains("names no role"),
            "{answer}"
        );
    }
    case(USER, "sts:AssumeRole", ROLE)
        .identity(allow("*", "*"))
        .is("ImplicitlyDenied");
}

/// RFC 8259 leaves names that repeat open: of two values neither is the one meant. Condition keys have no case.
#[test]
fn names_that_repeat() {
    let line = |policy: &str, context: &str| {
        let line = format!(
            r#"{{"id":1,"request":{{"principal":"{USER}","action":"{GET}","resource":"{BUCKET}","context":{context}}},"resourcePolicy":{policy}}}"#
        );
        let answer = palisade_iam::simulate(line.as_bytes());
        (
            serde_json::from_str::<Value>(&answer.line).unwrap(),
            answer.warnings.join("\n"),
        )
    };
    let policy = |element: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{element},"Action":"*","Resource":"*"}}}}"#
        )
    };
    for twice in [
        r#"{"AWS":"111122223333","AWS":"*"}"#,
        r#"{"AWS":"111122223333","aws":"*"}"#,
    ] {
        let (answer, _) = line(&policy(&format!(r#""Principal":{twice}"#)), "{}");
        assert!(
            answer["error"].as_str().unwrap().contains("twice"),
            "{answer}"
        );
    }
    for element in [r#""Principal":{}"#, r#""NotPrincipal":{}"#] {
        let (answer, warnings) = line(&policy(element), "{}");
        assert!(answer["error"].is_null(), "{answer}");
        assert!(warnings.contains("names nobody"), "{warnings}");
    }
    let (answer, _) = line("null", r#"{"aws:SourceVpc":"a","AWS:sourcevpc":"b"}"#);
    assert!(
        answer["error"].as_str().unwrap().contains("one key"),
        "{answer}"
    );
}

/// "IAM policy elements: Variables and tags": a variable that cannot be resolved may make the statement invalid.
#[test]
fn not_resource_with_a_variable() {
    let policy = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"{action}","NotResource":"arn:aws:s3:::b/${{aws:username}}/*"}}}}"#
        )
    };
    let with = |caller: &str, action: &str| {
        case(caller, GET, "arn:aws:s3:::b/ann/o")
            .identity(allow("*", "*"))
            .identity(policy(action))
            .answer()
    };
    let answer = with(ROLE, "s3:*");
    assert_eq!(answer["decision"], "ExplicitlyDenied", "{answer}");
    let note = "NotResource in statement 0 of `identityPolicies[1]`";
    assert!(answer["notes"].to_string().contains(note), "{answer}");
    for (caller, action) in [(USER, "s3:*"), (ROLE, "ec2:*")] {
        let answer = with(caller, action);
        assert_eq!(answer["decision"], "Allowed", "{answer}");
        assert!(
            !answer["notes"].to_string().contains("NotResource"),
            "{answer}"
        );
    }
}
