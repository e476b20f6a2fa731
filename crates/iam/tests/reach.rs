//! The search over all requests of a principal: fixed questions, and random ones against every request tried in turn.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "helpers of tests"
)]
#![cfg(test)]

use std::{collections::BTreeMap, sync::Arc};

use palisade_iam::{
    Verdict,
    analyse::{Ask, Reach, reach},
    model::{
        Context, ContextValue, Layers, Level, NamedPolicy, Principal, Request, RequestInput,
        Template,
    },
    parse::{Mode, PolicyKind, read_policy},
    verdict,
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

const USER: &str = "arn:aws:iam::111122223333:user/ann";

fn named(policy: &Value, kind: PolicyKind) -> NamedPolicy {
    NamedPolicy {
        name: "p".to_owned(),
        policy: Arc::new(
            read_policy(&policy.to_string(), kind, Mode::Lenient)
                .unwrap()
                .policy,
        ),
    }
}

fn identity(statements: Value) -> Layers {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    Layers {
        identity: vec![named(&policy, PolicyKind::Identity)],
        ..Layers::default()
    }
}

fn templates(texts: &[&str]) -> Vec<Template> {
    texts
        .iter()
        .map(|text| Template::new(text, true, false))
        .collect()
}

fn ask(layers: &Layers, principal: &str, action: &str, resource: &str, context: &Context) -> Reach {
    reach(&Ask {
        layers,
        principal: &Principal::parse(principal).unwrap(),
        actions: &templates(&[action]),
        resources: &templates(&[resource]),
        resource_account: Some("111122223333"),
        context,
        domains: &BTreeMap::new(),
        barred: &[],
        anybody: false,
    })
}

#[track_caller]
fn can(layers: &Layers, action: &str, resource: &str) -> bool {
    match ask(layers, USER, action, resource, &Context::new()) {
        Reach::Can(_) => true,
        Reach::Cannot => false,
        Reach::Unknown(unknown) => panic!("{unknown}"),
    }
}

#[test]
fn patterns_are_asked_whole() {
    let layers = identity(json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["s3:Get*", "s3:P*"], "Resource": "*"},
        {"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}
    ]));
    assert!(!can(&layers, "s3:get*", "*"));
    assert!(!can(&layers, "s3:*", "arn:aws:s3:::b/*"));
    assert!(can(&layers, "s3:*", "arn:aws:s3:::c/*"));
    assert!(can(&layers, "s3:list*", "*"));
    assert!(!can(&layers, "ec2:*", "*"));
}

#[test]
fn conditions_that_exclude_each_other() {
    let layers = identity(json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:RequestTag/a": "x*"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotLike": {"aws:RequestTag/a": "*y"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/a": "xy"}}}
    ]));
    let Reach::Can(found) = ask(
        &layers,
        USER,
        "s3:getobject",
        "arn:aws:s3:::b/o",
        &Context::new(),
    ) else {
        panic!("x, something, y");
    };
    assert_eq!(found.chosen.len(), 1);
    let mut context = Context::new();
    context.set("aws:RequestTag/a", ContextValue::One("xy".to_owned()));
    assert!(matches!(
        ask(&layers, USER, "s3:getobject", "arn:aws:s3:::b/o", &context),
        Reach::Cannot
    ));
}

#[test]
fn variables_that_are_told_and_that_are_not() {
    let own = identity(
        json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}/*"}),
    );
    assert!(can(&own, "s3:getobject", "arn:aws:s3:::b/ann/o"));
    assert!(!can(&own, "s3:getobject", "arn:aws:s3:::b/bob/o"));
    let team = identity(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}));
    assert!(can(&team, "s3:getobject", "arn:aws:s3:::b/o"));
    let mut context = Context::new();
    context.set("aws:ResourceTag/team", ContextValue::One("red".to_owned()));
    assert!(matches!(
        ask(&team, USER, "s3:getobject", "arn:aws:s3:::b/o", &context),
        Reach::Can(_)
    ));
    context.set(
        "aws:PrincipalTag/team",
        ContextValue::One("blue".to_owned()),
    );
    assert!(matches!(
        ask(&team, USER, "s3:getobject", "arn:aws:s3:::b/o", &context),
        Reach::Cannot
    ));
    // A prefix with an unknown variable is not decided, unless something else decides.
    let vague = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"});
    assert!(matches!(
        ask(
            &identity(vague.clone()),
            USER,
            "s3:getobject",
            "arn:aws:s3:::b/x/o",
            &Context::new()
        ),
        Reach::Unknown(_)
    ));
    assert!(!can(
        &identity(vague.clone()),
        "s3:getobject",
        "arn:aws:s3:::c/x/o"
    ));
    let more = json!([vague, {"Effect": "Allow", "Action": "s3:getobject", "Resource": "*"}]);
    assert!(can(&identity(more), "s3:getobject", "arn:aws:s3:::b/x/o"));
    let denied = json!([vague, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
    assert!(!can(
        &identity(denied),
        "s3:getobject",
        "arn:aws:s3:::b/x/o"
    ));
}

#[test]
fn guardrails_and_services_without_them() {
    let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}});
    let mut layers = identity(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    layers.rcps = vec![Level {
        name: "root".to_owned(),
        policies: vec![named(&deny, PolicyKind::ResourceControl)],
    }];
    assert!(!can(&layers, "s3:getobject", "arn:aws:s3:::b/o"));
    // The RCP binds S3 and not EC2: a question about both finds EC2.
    let Reach::Can(found) = ask(&layers, USER, "*", "*", &Context::new()) else {
        panic!("EC2 is not restricted");
    };
    assert_ne!(found.request.service(), "s3");
}

const KEYS: [&str; 3] = ["x:a", "x:b", "aws:username"];
const VALUES: [Option<&str>; 4] = [None, Some("ann"), Some("bob"), Some("zzz")];
const RESOURCES: [&str; 4] = [
    "arn:aws:s3:::b/ann",
    "arn:aws:s3:::b/bob",
    "arn:aws:s3:::c/o",
    "*",
];

fn condition() -> impl Strategy<Value = Value> {
    let operator = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringEqualsIfExists",
        "Null",
        "StringNotLikeIfExists",
    ]);
    (
        operator,
        select(&KEYS[..]),
        select(vec!["ann", "b*", "true", "a?n", "${aws:username}"]),
    )
        .prop_map(|(operator, key, value)| json!({operator: {key: value}}))
}

fn statement(principal: bool) -> impl Strategy<Value = Value> {
    let patterns = vec![
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::?/o",
        "arn:aws:s3:::b/${aws:username}",
    ];
    (
        select(vec!["Allow", "Allow", "Deny"]),
        select(vec!["*", "s3:Get*", "s3:*", "ec2:*"]),
        any::<bool>(),
        select(patterns),
        proptest::option::of(condition()),
        select(vec!["*", USER, "111122223333"]),
    )
        .prop_map(move |(effect, action, not, resource, condition, who)| {
            let mut statement = json!({"Effect": effect, "Action": action});
            statement[if not { "NotResource" } else { "Resource" }] = resource.into();
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            if principal {
                statement["Principal"] = json!({"AWS": who});
            }
            statement
        })
}

fn document(principal: bool) -> impl Strategy<Value = Value> {
    prop::collection::vec(statement(principal), 1..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    /// What is found is allowed; what is not found, no request of all that there are is allowed.
    #[test]
    fn every_request_tried_in_turn_says_the_same(
        own in prop::collection::vec(document(false), 0..3),
        boundary in proptest::option::of(document(false)),
        scp in proptest::option::of(document(false)),
        resource in proptest::option::of(document(true)),
        asked in select(vec!["arn:aws:s3:::b/ann", "arn:aws:s3:::c/o", "*", "arn:aws:s3:::b/*"]),
        action in select(vec!["s3:getobject", "s3:*", "*"]),
    ) {
        let layers = Layers {
            identity: own.iter().map(|policy| named(policy, PolicyKind::Identity)).collect(),
            boundaries: boundary.iter().map(|policy| named(policy, PolicyKind::Identity)).collect(),
            resource: resource.as_ref().map(|policy| named(policy, PolicyKind::Resource)),
            scps: scp.iter().map(|policy| Level {
                name: "root".to_owned(),
                policies: vec![named(policy, PolicyKind::ServiceControl)],
            }).collect(),
            ..Layers::default()
        };
        let answer = ask(&layers, USER, action, asked, &Context::new());
        let pattern = Template::new(asked, true, false);
        let acts = Template::new(action, true, false);
        let mut allowed = None;
        for action in ["s3:getobject", "s3:putobject", "ec2:runinstances"] {
            if acts.matches(action, &Context::new()) != Some(true) {
                continue;
            }
            for resource in RESOURCES.iter().filter(|text| pattern.matches(text, &Context::new()) == Some(true)) {
                for a in VALUES {
                    for b in VALUES {
                        let mut context = Context::new();
                        for (key, value) in [("x:a", a), ("x:b", b)] {
                            match value {
                                Some(value) => context.set(key, ContextValue::One(value.to_owned())),
                                None => context.set_absent(key),
                            }
                        }
                        let request = Request::new(RequestInput {
                            principal: Principal::parse(USER).unwrap(),
                            action: action.to_owned(),
                            resource: (*resource).to_owned(),
                            resource_account: Some("111122223333".to_owned()),
                            context,
                        });
                        if verdict(&request, &layers) == Verdict::Allowed {
                            allowed.get_or_insert(request);
                        }
                    }
                }
            }
        }
        match answer {
            Reach::Can(found) => prop_assert_eq!(verdict(&found.request, &layers), Verdict::Allowed),
            Reach::Cannot => prop_assert!(allowed.is_none(), "{:#?}", allowed),
            Reach::Unknown(unknown) => prop_assert!(false, "{}", unknown),
        }
    }
}
