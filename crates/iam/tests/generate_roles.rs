//! Roles that a record's request passes.
#![cfg(test)]

mod support;

use palisade_iam::{
    Verdict,
    generate::{Generated, Proof},
    model::{Context, ContextValue, Layers, NamedPolicy, Principal, Request, RequestInput},
    verdict,
};
use serde_json::{Value, json};
use std::sync::Arc;
use support::trail::{ROLE as CALLER, call, from, limited, policy, record};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/runs";

fn function() -> Value {
    call(
        "lambda",
        "CreateFunction20150331",
        json!({"functionName": "f", "role": ROLE}),
    )
}

/// The statements that pass roles: the roles, and the services.
fn passed(generated: &Generated) -> Vec<(Value, Value)> {
    let statements = generated.document["Statement"].as_array().unwrap();
    let passing = statements
        .iter()
        .filter(|statement| statement["Action"] == json!(["iam:PassRole"]));
    passing
        .map(|one| {
            let service = &one["Condition"]["StringEquals"]["iam:PassedToService"];
            (one["Resource"].clone(), service.clone())
        })
        .collect()
}

fn untold(generated: &Generated) -> Vec<&str> {
    let all = generated.roles_untold.iter();
    all.map(|one| one.what.as_deref().unwrap()).collect()
}

fn passes(document: &Value, role: &str, service: &str) -> bool {
    let layers = Layers {
        identity: vec![NamedPolicy {
            name: "generated".to_owned(),
            policy: Arc::new(policy(document)),
        }],
        ..Layers::default()
    };
    let mut context = Context::new();
    context.set("iam:PassedToService", ContextValue::One(service.to_owned()));
    let request = Request::new(RequestInput {
        principal: Principal::parse(CALLER).unwrap(),
        action: "iam:PassRole".to_owned(),
        resource: role.to_owned(),
        resource_account: Some("111122223333".to_owned()),
        context,
    });
    verdict(&request, &layers) == Verdict::Allowed
}

#[test]
fn a_role_that_is_named_is_passed_to_its_service() {
    let generated = from(&[function()]);
    assert_eq!(
        passed(&generated),
        [(json!([ROLE]), json!("lambda.amazonaws.com"))]
    );
    assert!(passes(&generated.document, ROLE, "lambda.amazonaws.com"));
    assert!(!passes(&generated.document, ROLE, "ec2.amazonaws.com"));
    assert!(generated.roles_untold.is_empty());
    let used = generated
        .used
        .iter()
        .find(|used| used.action == "iam:PassRole");
    assert_eq!(used.unwrap().times, 1);
    for (source, name, parameters, service) in [
        (
            "states",
            "CreateStateMachine",
            json!({"name": "m", "roleArn": ROLE}),
            "states.amazonaws.com",
        ),
        (
            "codebuild",
            "CreateProject",
            json!({"name": "p", "serviceRole": ROLE}),
            "codebuild.amazonaws.com",
        ),
        (
            "ecs",
            "RunTask",
            json!({"overrides": {"taskRoleArn": ROLE}}),
            "ecs-tasks.amazonaws.com",
        ),
        (
            "ecs",
            "CreateService",
            json!({"serviceName": "s", "role": ROLE}),
            "ecs.amazonaws.com",
        ),
        (
            "events",
            "PutTargets",
            json!({"rule": "r", "targets": [{"roleArn": ROLE}]}),
            "events.amazonaws.com",
        ),
    ] {
        let generated = from(&[call(source, name, parameters)]);
        assert_eq!(
            passed(&generated),
            [(json!([ROLE]), json!(service))],
            "{name}"
        );
    }
}

#[test]
fn a_role_s_name_stands_with_any_path() {
    let generated = from(&[call(
        "glue",
        "CreateJob",
        json!({"name": "j", "role": "runs"}),
    )]);
    let start = "arn:aws:iam::111122223333:role";
    assert_eq!(
        passed(&generated),
        [(
            json!([format!("{start}/*/runs"), format!("{start}/runs")]),
            json!("glue.amazonaws.com")
        )]
    );
}

#[test]
fn a_service_that_is_not_certain_is_no_condition() {
    let node = call(
        "eks",
        "CreateNodegroup",
        json!({"clusterName": "c", "nodegroupName": "n", "nodeRole": ROLE}),
    );
    assert_eq!(
        passed(&from(std::slice::from_ref(&node))),
        [(json!([ROLE]), Value::Null)]
    );
    // Once it is allowed without, the same with a condition says nothing more.
    assert_eq!(
        passed(&from(&[node, function()])),
        [(json!([ROLE]), Value::Null)]
    );
}

#[test]
fn roles_that_are_not_named_are_told() {
    let run = call(
        "ec2",
        "RunInstances",
        json!({"iamInstanceProfile": {"name": "web"}}),
    );
    let task = call("ecs", "RunTask", json!({"taskDefinition": "td:1"}));
    let generated = from(&[run.clone(), run, task]);
    assert!(passed(&generated).is_empty());
    assert_eq!(
        untold(&generated),
        [
            "role of the instance profile `web`",
            "roles of the task definition `td:1`"
        ]
    );
    assert_eq!(generated.roles_untold[0].times, 2);
    let report = &generated.report()["rolesNotTold"][0];
    assert_eq!(report["eventName"], "RunInstances");
    assert_eq!(report["records"], 2);
    // A parameter that no list names.
    let other = call(
        "grafana",
        "CreateWorkspace",
        json!({"workspaceRoleArn": ROLE}),
    );
    let other = from(&[other]);
    assert!(passed(&other).is_empty());
    assert_eq!(
        untold(&other),
        [format!("role `{ROLE}`, which it may pass")]
    );
    // What is no role, and roles that are not passed.
    let odd = call(
        "lambda",
        "CreateFunction20150331",
        json!({"functionName": "f", "role": "arn:aws:s3:::b"}),
    );
    assert_eq!(untold(&from(&[odd])), ["role of `arn:aws:s3:::b`"]);
    let huge = call(
        "lambda",
        "CreateFunction20150331",
        json!({"functionName": "f", "role": "x".repeat(9_000)}),
    );
    assert_eq!(untold(&from(&[huge])), ["role in `role`"]);
    let assumed = call("sts", "AssumeRole", json!({"roleArn": ROLE}));
    let denied = record(
        "lambda",
        "CreateFunction20150331",
        json!({"errorCode": "AccessDenied", "requestParameters": {"functionName": "f", "role": ROLE}}),
    );
    let none = from(&[assumed, denied]);
    assert!(passed(&none).is_empty() && none.roles_untold.is_empty());
}

#[test]
fn passing_is_no_wider_than_today() {
    let lambda = json!({"Effect": "Allow", "Action": "lambda:*", "Resource": "*"});
    let pass = |condition: Value| {
        let pass = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": condition});
        limited(json!([lambda, pass]), &[function()]).0
    };
    for condition in [
        json!({"StringLike": {"iam:PassedToService": "lambda*"}}),
        json!({"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}}),
        json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
    ] {
        let found = pass(condition.clone());
        assert_eq!(found.proof, Proof::NoWider, "{condition}");
        assert!(found.beyond.is_empty(), "{condition} {:?}", found.beyond);
        let text = found.document.to_string();
        assert!(!text.contains("ec2.amazonaws.com"), "{text}");
        assert!(
            text.contains("\"iam:PassedToService\":\"lambda.amazonaws.com\""),
            "{text}"
        );
    }
    let found = pass(json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}));
    assert!(found.document.to_string().contains("aws:RequestedRegion"));
    // Today's policies pass it to another service only: something else allowed the call.
    let found = pass(json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}));
    assert_eq!(found.proof, Proof::NoWider);
    assert_eq!(found.beyond[0].action, "iam:PassRole");
    assert!(!found.document.to_string().contains("PassRole"));
}
