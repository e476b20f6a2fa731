//! Resources that records name in other words than ARNs.
#![cfg(test)]

mod support;

use palisade_iam::generate::Proof;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::trail::{HERE, allows, call, from, grants, limited, needs, record};

#[test]
fn a_secret_ends_in_six_random_characters() {
    let get = |id: &str, expected: &str| {
        let expected = format!("secretsmanager:GetSecretValue {expected}");
        needs(
            "secretsmanager",
            "GetSecretValue",
            json!({ "secretId": id }),
            &[&expected],
        );
    };
    get("s", "secretsmanager:secret:s-??????");
    get(
        "team/db-AbCd1f",
        "secretsmanager:secret:team/db-AbCd1f-??????",
    );
    let arn = |name: &str| format!("arn:aws:secretsmanager:{HERE}:secret:{name}");
    get(&arn("s-AbCd1f"), "secretsmanager:secret:s-AbCd1f");
    get(&arn("s"), "secretsmanager:secret:s-??????");
    // Whether `secret` is the random end or the name's own is not told.
    get(
        &arn("my-secret"),
        "secretsmanager:secret:my-secret secretsmanager:secret:my-secret-??????",
    );
    needs(
        "secretsmanager",
        "CreateSecret",
        json!({"name": "s"}),
        &["secretsmanager:CreateSecret secretsmanager:secret:s-??????"],
    );
}

#[test]
fn a_log_group_ends_in_a_star_but_for_tags() {
    let group = json!({"logGroupName": "/g"});
    needs(
        "logs",
        "CreateLogGroup",
        group.clone(),
        &["logs:CreateLogGroup logs:log-group:/g:*"],
    );
    needs(
        "logs",
        "FilterLogEvents",
        group.clone(),
        &["logs:FilterLogEvents logs:log-group:/g:*"],
    );
    let arn = format!("arn:aws:logs:{HERE}:log-group:/g");
    needs(
        "logs",
        "TagResource",
        json!({ "resourceArn": arn }),
        &["logs:TagResource logs:log-group:/g"],
    );
    needs(
        "logs",
        "StartQuery",
        json!({"logGroupNames": ["/g", "/h"]}),
        &["logs:StartQuery logs:log-group:/g:* logs:log-group:/h:*"],
    );
    needs(
        "logs",
        "StartLiveTail",
        json!({"logGroupIdentifiers": [arn, format!("{arn}:*")]}),
        &["logs:StartLiveTail logs:log-group:/g:*"],
    );
    let stream = json!({"logGroupName": "/g", "logStreamName": "s"});
    for name in ["PutLogEvents", "CreateLogStream", "GetLogEvents"] {
        let expected = format!("logs:{name} logs:log-group:/g:log-stream:s");
        needs("logs", name, stream.clone(), &[&expected]);
    }
}

#[test]
fn a_copy_reads_its_source() {
    let copy = |source: &str, more: Value| {
        let mut parameters = json!({"bucketName": "to", "key": "k", "x-amz-copy-source": source});
        for (name, value) in more.as_object().unwrap() {
            parameters[name] = value.clone();
        }
        let resources = json!([{"ARN": "arn:aws:s3:::to/k"}, {"ARN": "arn:aws:s3:::to"}]);
        let record = record(
            "s3",
            "CopyObject",
            json!({"requestParameters": parameters, "resources": resources}),
        );
        grants(&from(&[record]))
    };
    assert_eq!(
        copy("/from/a%20b", json!({})),
        [
            "s3:GetObject arn:aws:s3:::from/a b",
            "s3:PutObject arn:aws:s3:::to/k"
        ]
    );
    assert_eq!(
        copy("from/a?versionId=7", json!({"x-amz-acl": "private"})),
        [
            "s3:GetObjectVersion arn:aws:s3:::from/a",
            "s3:PutObject arn:aws:s3:::to/k",
            "s3:PutObjectAcl arn:aws:s3:::to/k"
        ]
    );
    let point = format!("arn:aws:s3:{HERE}:accesspoint/p/object/a");
    assert_eq!(
        copy(&point, json!({})),
        [
            format!("s3:GetObject {point}"),
            "s3:PutObject arn:aws:s3:::to/k".to_owned()
        ]
    );
    needs(
        "s3",
        "DeleteObject",
        json!({"bucketName": format!("arn:aws:s3:{HERE}:accesspoint/p"), "key": "k"}),
        &["s3:DeleteObject s3:accesspoint/p/object/k"],
    );
    // What was read is not told: any object, and not the one that was written.
    assert_eq!(
        copy("%zz", json!({})),
        [
            "s3:GetObject arn:aws:s3:::*/*",
            "s3:PutObject arn:aws:s3:::to/k"
        ]
    );
    needs(
        "s3",
        "UploadPartCopy",
        json!({"bucketName": "to", "key": "k", "x-amz-copy-source": "f/a"}),
        &["s3:GetObject s3:::f/a", "s3:PutObject s3:::to/k"],
    );
    needs(
        "s3",
        "GetObject",
        json!({"bucketName": "b", "key": "k", "versionId": "null"}),
        &["s3:GetObjectVersion s3:::b/k"],
    );
}

#[test]
fn many_objects_are_of_their_bucket() {
    let generated = from(&[call(
        "s3",
        "DeleteObjects",
        json!({"bucketName": "b", "delete": ""}),
    )]);
    assert_eq!(grants(&generated), ["s3:DeleteObject arn:aws:s3:::b/*"]);
    assert!(generated.used[0].wide.contains("arn:aws:s3:::b/*"));
    assert!(!allows(
        &generated.document,
        "s3:DeleteObject",
        "arn:aws:s3:::c/k"
    ));
}

#[test]
fn parameters_stand_without_their_slash() {
    let one = "ssm:GetParameter ssm:parameter/a/b";
    needs("ssm", "GetParameter", json!({"name": "/a/b"}), &[one]);
    needs(
        "ssm",
        "GetParameter",
        json!({"name": "a:3"}),
        &["ssm:GetParameter ssm:parameter/a"],
    );
    let arn = format!("arn:aws:ssm:{HERE}:parameter/a/b");
    needs("ssm", "GetParameter", json!({ "name": arn }), &[one]);
    needs(
        "ssm",
        "GetParameters",
        json!({"names": ["/a/b", "c", arn]}),
        &["ssm:GetParameters ssm:parameter/a/b ssm:parameter/c"],
    );
    needs(
        "ssm",
        "GetParametersByPath",
        json!({"path": "/a/b/"}),
        &["ssm:GetParametersByPath ssm:parameter/a/b ssm:parameter/a/b/*"],
    );
    needs(
        "ssm",
        "GetParametersByPath",
        json!({"path": "/"}),
        &["ssm:GetParametersByPath ssm:parameter/*"],
    );
    needs(
        "ssm",
        "SendCommand",
        json!({"documentName": "AWS-RunShellScript", "instanceIds": ["i-0a", "mi-0b"]}),
        &[
            "ssm:SendCommand ec2:instance/i-0a ssm:document/AWS-RunShellScript ssm:managed-instance/mi-0b ssm:eu-west-1::document/AWS-RunShellScript",
        ],
    );
}

#[test]
fn what_is_not_all_known_is_all_of_its_type() {
    let wide = |parameters: Value| {
        let generated = from(&[call("ssm", "GetParameters", parameters)]);
        let used = &generated.used[0];
        assert_eq!(used.resources, used.wide);
        assert_eq!(
            grants(&generated),
            [format!("ssm:GetParameters arn:aws:ssm:{HERE}:parameter/*")]
        );
    };
    wide(json!({"names": ["a", "x".repeat(5_000)]}));
    wide(json!({"names": vec!["a"; 5_000]}));
    wide(json!({"names": {"deeper": "a"}}));
    wide(json!(7));
    wide(json!({"n".repeat(5_000): "a"}));
    let many: serde_json::Map<String, Value> = (0..5_000)
        .map(|at| (format!("a{at}"), "x".into()))
        .collect();
    wide(Value::Object(many));
}

#[test]
fn what_names_resources_is_no_wider_than_today() {
    let (found, _) = limited(
        json!([
            {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "arn:aws:secretsmanager:*:*:secret:app/*"},
            {"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:role/team/*"},
        ]),
        &[
            call(
                "secretsmanager",
                "GetSecretValue",
                json!({"secretId": "app/db"}),
            ),
            call("iam", "DeleteRole", json!({"roleName": "r"})),
            call("ssm", "GetParameter", json!({"name": "p"})),
        ],
    );
    assert_eq!(found.proof, Proof::NoWider, "{}", found.document);
    let secret = format!("arn:aws:secretsmanager:{HERE}:secret:app/db-AbCd1f");
    assert!(allows(
        &found.document,
        "secretsmanager:GetSecretValue",
        &secret
    ));
    assert!(
        found
            .beyond
            .iter()
            .any(|one| one.action == "ssm:GetParameter")
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        ".{0,30}",
        "arn:aws:[a-z0-9]{2,5}:[a-z:/*]{0,30}",
        "(/|%|:|-){0,9}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{1,9}", inner, 0..4)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands where names are wanted, there is an answer, and each action that was used has a resource.
    #[test]
    fn any_parameters_have_an_answer(value in any_json(), at in 0_usize..10) {
        let (source, name, parameter) = [
            ("secretsmanager", "GetSecretValue", "secretId"), ("s3", "CopyObject", "x-amz-copy-source"),
            ("lambda", "Invoke", "functionName"), ("sqs", "SendMessage", "queueUrl"), ("iam", "CreateRole", "path"),
            ("ecs", "UpdateService", "cluster"), ("ssm", "GetParametersByPath", "path"), ("ec2", "RunInstances", "imageId"),
            ("states", "CreateStateMachine", "roleArn"), ("sns", "Unsubscribe", "subscriptionArn"),
        ][at];
        let generated = from(&[record(source, name, json!({
            "requestParameters": {parameter: value}, "responseElements": value}))]);
        prop_assert!(generated.used.iter().all(|used| !used.resources.is_empty()));
        support::trail::policy(&generated.document);
    }
}
