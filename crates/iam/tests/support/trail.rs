//! CloudTrail's records, and the policy that is made of them.

use palisade_iam::{
    Authorization, Verdict,
    generate::{Generated, Record, generate, records},
    model::{Context, Layers, NamedPolicy, Policy, Principal, Request, RequestInput},
    parse::{Mode, PolicyKind, read_policy},
    verdict,
};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

pub const ROLE: &str = "arn:aws:iam::111122223333:role/team/app";

pub static AUTHORIZATION: LazyLock<Authorization> = LazyLock::new(super::authorization);

pub fn record(source: &str, name: &str, more: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/app/s", "accountId": "111122223333",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "userName": "app"}}
        },
        "eventTime": "2026-09-01T10:00:00Z",
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-west-1",
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

pub fn read(all: &[Value]) -> Vec<Record> {
    records(&json!({ "Records": all }).to_string()).unwrap()
}

pub fn from(all: &[Value]) -> Generated {
    generate(&read(all), ROLE, None, &AUTHORIZATION)
}

pub fn policy(document: &Value) -> Policy {
    read_policy(&document.to_string(), PolicyKind::Identity, Mode::Strict)
        .unwrap()
        .policy
}

/// Each action with its resources.
pub fn grants(generated: &Generated) -> Vec<String> {
    generated
        .used
        .iter()
        .map(|used| {
            let resources: Vec<&str> = used.resources.iter().map(String::as_str).collect();
            format!("{} {}", used.action, resources.join(" "))
        })
        .collect()
}

pub fn allows(document: &Value, action: &str, resource: &str) -> bool {
    let layers = Layers {
        identity: vec![NamedPolicy {
            name: "generated".to_owned(),
            policy: Arc::new(policy(document)),
        }],
        ..Layers::default()
    };
    let request = Request::new(RequestInput {
        principal: Principal::parse(ROLE).unwrap(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: Some("111122223333".to_owned()),
        context: Context::new(),
    });
    verdict(&request, &layers) == Verdict::Allowed
}

pub fn limited(today: Value, all: &[Value]) -> (Generated, Policy) {
    let today = policy(&json!({"Version": "2012-10-17", "Statement": today}));
    let generated = generate(&read(all), ROLE, Some(&[&today]), &AUTHORIZATION);
    (generated, today)
}

pub const HERE: &str = "eu-west-1:111122223333";

pub fn call(source: &str, name: &str, parameters: Value) -> Value {
    record(source, name, json!({ "requestParameters": parameters }))
}

/// What one call needs, without what all its ARNs have: `action resource resource`.
#[track_caller]
pub fn needs(source: &str, name: &str, parameters: Value, expected: &[&str]) {
    let all = grants(&from(&[call(source, name, parameters.clone())]));
    let all: Vec<String> = all
        .iter()
        .map(|line| {
            line.replace(&format!("{HERE}:"), "")
                .replace("arn:aws:", "")
                .replace(":111122223333:", ":")
        })
        .collect();
    assert_eq!(all, expected, "{source} {name} {parameters}");
}
