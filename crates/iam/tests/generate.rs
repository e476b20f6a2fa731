//! From CloudTrail's records to the least policy that covers them.
#![cfg(test)]

mod support;

use palisade_iam::generate::{Proof, records};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::trail::{AUTHORIZATION, allows, from, grants, limited, policy, record};

fn s3(name: &str, arns: &[&str]) -> Value {
    let resources: Vec<Value> = arns.iter().map(|arn| json!({"ARN": arn})).collect();
    record("s3", name, json!({ "resources": resources }))
}

#[test]
fn events_are_actions_and_arns_are_resources() {
    let bucket = "arn:aws:s3:::payroll";
    let object = "arn:aws:s3:::payroll/2026/may.csv";
    let generated = from(&[
        s3("GetObject", &[object, bucket]),
        s3("ListObjectsV2", &[bucket]),
        s3("CompleteMultipartUpload", &[bucket, object]),
        record(
            "lambda",
            "Invoke20150331",
            json!({"resources": [
            {"ARN": "arn:aws:lambda:eu-west-1:111122223333:function:f", "type": "AWS::Lambda::Function"}]}),
        ),
        record("monitoring", "ListMetrics", json!({})),
        record(
            "kms",
            "ReEncrypt",
            json!({"resources": [{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/k"}]}),
        ),
        record(
            "sts",
            "AssumeRole",
            json!({"requestParameters": {"roleArn": "arn:aws:iam::444455556666:role/x", "roleSessionName": "s"}}),
        ),
        record("apigateway", "GetRestApis", json!({})),
    ]);
    let found = grants(&generated);
    for expected in [
        format!("s3:GetObject {object}"),
        format!("s3:ListBucket {bucket}"),
        format!("s3:PutObject {object}"),
        "lambda:InvokeFunction arn:aws:lambda:eu-west-1:111122223333:function:f".to_owned(),
        "cloudwatch:ListMetrics *".to_owned(),
        "kms:ReEncryptFrom arn:aws:kms:eu-west-1:111122223333:key/k".to_owned(),
        "kms:ReEncryptTo arn:aws:kms:eu-west-1:111122223333:key/k".to_owned(),
        "sts:AssumeRole arn:aws:iam::444455556666:role/x".to_owned(),
    ] {
        assert!(found.contains(&expected), "{expected} in {found:#?}");
    }
    assert!(found.contains(&"apigateway:GET arn:aws:apigateway:eu-west-1::/*".to_owned()));
    assert!(generated.unknown.is_empty());
    assert!(allows(&generated.document, "s3:GetObject", object));
    assert!(!allows(
        &generated.document,
        "s3:GetObject",
        "arn:aws:s3:::payroll/x"
    ));
    assert!(!allows(&generated.document, "s3:DeleteObject", object));
}

#[test]
fn a_resource_that_is_not_told_is_filled_from_parameters_or_told_to_be_wide() {
    let generated = from(&[
        record(
            "dynamodb",
            "DescribeTable",
            json!({"requestParameters": {"tableName": "orders"}}),
        ),
        record(
            "ec2",
            "StopInstances",
            json!({"requestParameters": {"instancesSet": {"items": [{"instanceId": 7}]}}}),
        ),
        record("ec2", "DescribeInstances", json!({})),
        record(
            "s3",
            "PutObject",
            json!({"requestParameters": {"bucketName": "b", "key": "a*b?${c}"}}),
        ),
    ]);
    let found = grants(&generated);
    assert!(
        found.contains(
            &"dynamodb:DescribeTable arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
                .to_owned()
        ),
        "{found:#?}"
    );
    assert!(
        found.contains(
            &"ec2:StopInstances arn:aws:ec2:eu-west-1:111122223333:instance/*".to_owned()
        ),
        "{found:#?}"
    );
    assert!(found.contains(&"ec2:DescribeInstances *".to_owned()));
    let wide = |action: &str| {
        let mut used = generated.used.iter();
        used.find(|used| used.action == action).unwrap().wide.len()
    };
    assert_eq!(wide("ec2:StopInstances"), 1);
    assert_eq!(wide("ec2:DescribeInstances"), 0);
    assert_eq!(wide("dynamodb:DescribeTable"), 0);
    // What would be a wildcard or a variable in a policy is the character itself.
    assert!(allows(
        &generated.document,
        "s3:PutObject",
        "arn:aws:s3:::b/a*b?${c}"
    ));
    assert!(!allows(
        &generated.document,
        "s3:PutObject",
        "arn:aws:s3:::b/aXb?${c}"
    ));
}

#[test]
fn denied_unknown_and_other_records_are_told() {
    let generated = from(&[
        record("s3", "GetObject", json!({"errorCode": "AccessDenied"})),
        record(
            "ec2",
            "RunInstances",
            json!({"errorCode": "Client.UnauthorizedOperation"}),
        ),
        record("s3", "GetObjekt", json!({})),
        record("palisade", "Probe", json!({})),
        record("palisade", "Probe", json!({})),
        record(
            "signin",
            "ConsoleLogin",
            json!({"eventType": "AwsConsoleSignIn"}),
        ),
        record(
            "iam",
            "GetUser",
            json!({"errorCode": "NoSuchEntityException", "requestParameters": {"userName": "x"}}),
        ),
        record(
            "s3",
            "GetObject",
            json!({"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann"}}),
        ),
    ]);
    assert_eq!(generated.records, (7, 8));
    let events = |all: &[palisade_iam::generate::LeftOut]| -> Vec<(String, usize, usize)> {
        let one = |l: &palisade_iam::generate::LeftOut| (l.event.clone(), l.times, l.record);
        all.iter().map(one).collect()
    };
    assert_eq!(
        events(&generated.denied),
        [
            ("RunInstances".to_owned(), 1, 2),
            ("GetObject".to_owned(), 1, 1)
        ]
    );
    assert_eq!(
        events(&generated.unknown),
        [("Probe".to_owned(), 2, 4), ("GetObjekt".to_owned(), 1, 3)]
    );
    assert_eq!(
        events(&generated.other),
        [("ConsoleLogin".to_owned(), 1, 6)]
    );
    // Another error is none of permission: the call was let through.
    assert_eq!(generated.used[0].action, "iam:GetUser");
}

#[test]
fn sessions_without_issuer_and_users() {
    let session = |arn: &str| {
        let record = record(
            "s3",
            "ListBuckets",
            json!({"userIdentity": {"type": "AssumedRole", "arn": arn}}),
        );
        from(&[record]).records.0
    };
    assert_eq!(session("arn:aws:sts::111122223333:assumed-role/app/x"), 1);
    assert_eq!(session("arn:aws:sts::444455556666:assumed-role/app/x"), 0);
    assert_eq!(session("arn:aws:sts::111122223333:assumed-role/other/x"), 0);
}

#[test]
fn the_policy_is_no_wider_than_todays() {
    let stop = record("ec2", "StopInstances", json!({}));
    let object = "arn:aws:s3:::payroll/x";
    let get = s3("GetObject", &[object]);
    // Wholly inside: as it is.
    let (whole, _) = limited(
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        &[stop.clone(), get.clone()],
    );
    assert_eq!(whole.proof, Proof::NoWider);
    assert!(whole.beyond.is_empty());
    // A wide guess is narrowed to what is allowed, with its conditions; a Deny is kept.
    let instance = "arn:aws:ec2:eu-west-1:111122223333:instance/i-7";
    let (narrow, today) = limited(
        json!([
            {"Effect": "Allow", "Action": "ec2:Stop*", "Resource": instance, "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        ]),
        &[stop.clone(), get.clone()],
    );
    assert_eq!(narrow.proof, Proof::NoWider, "{}", narrow.document);
    assert!(narrow.beyond.is_empty(), "{:?}", narrow.beyond);
    let text = narrow.document.to_string();
    assert!(
        text.contains(instance) && text.contains("aws:ResourceTag/team") && text.contains("Deny"),
        "{text}"
    );
    assert!(matches!(
        palisade_iam::compare(
            &today,
            &policy(&narrow.document),
            palisade_iam::Grammar::Identity
        ),
        palisade_iam::Comparison::NoNewAccess
    ));
    // What the principal's policies do not allow comes from elsewhere: a bucket's policy.
    let (none, _) = limited(
        json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}),
        &[stop, get],
    );
    assert_eq!(none.proof, Proof::NoWider);
    assert_eq!(none.beyond[0].action, "s3:GetObject");
    assert!(!none.document.to_string().contains("s3:"));
}

#[test]
fn all_forms_of_records() {
    let one = record("s3", "ListBuckets", json!({}));
    let lines = format!("{one}\n{one}\n");
    assert_eq!(records(&lines).unwrap().len(), 2);
    assert_eq!(records(&json!([one, one]).to_string()).unwrap().len(), 2);
    let documents = format!("{}\n{}", json!({"Records": [one]}), json!({"Records": []}));
    assert_eq!(records(&documents).unwrap().len(), 1);
    let looked_up = json!({"Events": [{"EventName": "x", "CloudTrailEvent": one.to_string()}]});
    assert_eq!(records(&looked_up.to_string()).unwrap().len(), 1);
    assert!(records("").unwrap().is_empty());
}

#[test]
fn what_is_no_record_is_told_by_its_number() {
    let good = record("s3", "ListBuckets", json!({}));
    for (bad, why) in [
        (
            json!({"eventName": "x"}),
            "record 2: `eventSource` is missing: this is no CloudTrail record",
        ),
        (
            record("s3", "x", json!({"eventName": 7})),
            "record 2: `eventName` is a number, not a string",
        ),
        (
            record("s3", "x", json!({"resources": {}})),
            "record 2: `resources` is an object, not a list",
        ),
        (
            record("s3", "x", json!({"resources": [7]})),
            "record 2: a resource is an object, not a number",
        ),
        (
            record("s3", "x", json!({"userIdentity": "me"})),
            "record 2: `userIdentity` is a string, not an object",
        ),
        (json!(7), "record 2: a record is an object, not a number"),
        (
            record("s3", "x", json!({"eventName": "x".repeat(3000)})),
            "record 2: `eventName` has more than 2048 bytes",
        ),
    ] {
        let error = records(&json!({"Records": [good, bad]}).to_string()).unwrap_err();
        assert_eq!(error.to_string(), why);
    }
    assert!(
        records("{\"Records\": 7}")
            .unwrap_err()
            .to_string()
            .contains("no list")
    );
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(
        records(&deep)
            .unwrap_err()
            .to_string()
            .contains("recursion")
    );
    assert!(
        records(&format!("{good}\n{{"))
            .unwrap_err()
            .to_string()
            .starts_with("record 2: ")
    );
}

#[test]
fn every_exception_names_actions_that_are_known() {
    let text =
        fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/data/events.txt")).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        for action in &words[2..] {
            let action = if action.contains(':') {
                (*action).to_owned()
            } else {
                format!("{}:{action}", words[0])
            };
            assert!(AUTHORIZATION.action(&action).is_some(), "{line}");
        }
    }
    let text = fs_err::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/data/event-sources.txt"
    ))
    .unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (_, prefix) = line.split_once(' ').unwrap();
        assert!(AUTHORIZATION.service(prefix).is_some(), "{line}");
    }
}

/// The lines of a data file, in words.
fn data(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs_err::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words = lines.map(|line| line.split_whitespace().map(str::to_owned).collect());
    words
        .filter(|words: &Vec<String>| !words.is_empty())
        .collect()
}

#[test]
fn every_rule_names_types_and_events_that_are_known() {
    let listed: Vec<(String, String)> = data("events.txt")
        .into_iter()
        .map(|words| {
            let event = words[1].split(['?', '+']).next().unwrap();
            (words[0].clone(), event.to_owned())
        })
        .collect();
    let check = |prefix: &str, events: &str| {
        for name in events.split(',').flat_map(|event| event.split('>')) {
            let known = name == "*"
                || AUTHORIZATION.action(&format!("{prefix}:{name}")).is_some()
                || listed.contains(&(prefix.to_owned(), name.to_owned()));
            assert!(known, "{prefix} {name}");
        }
    };
    for words in data("event-resources.txt") {
        let service = AUTHORIZATION.service(&words[0]).unwrap();
        let kind = words[1].replace('_', " ");
        assert!(
            service.resources.iter().any(|one| one.name == kind),
            "{words:?}"
        );
        check(&words[0], &words[2]);
    }
    for words in data("passed-roles.txt") {
        assert!(AUTHORIZATION.service(&words[0]).is_some(), "{words:?}");
        check(&words[0], &words[2]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands there, there is an answer or a message.
    #[test]
    fn any_text_has_an_answer(text in ".{0,300}") {
        let _ = records(&text);
    }

    /// Whatever resource a record names, the policy allows exactly what was done with it.
    #[test]
    fn what_was_done_is_allowed(key in "[ -~]{1,20}") {
        let object = format!("arn:aws:s3:::b/{key}");
        let generated = from(&[s3("GetObject", &[&object])]);
        prop_assert!(allows(&generated.document, "s3:GetObject", &object));
        let other = format!("{object}x");
        prop_assert!(!allows(&generated.document, "s3:GetObject", &other));
    }
}
