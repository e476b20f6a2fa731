//! Random cases through the engine and through the naive evaluator: the same verdicts.
//! `PALISADE_IAM_CASES` sets how many.
#![cfg(test)]

#[path = "support/naive/mod.rs"]
mod naive;
#[path = "support/vocabulary.rs"]
mod vocabulary;

use palisade_iam::simulate_line;
use proptest::{prelude::*, sample::select, test_runner::TestRunner};
use serde_json::{Map, Value, json};
use vocabulary::{
    ACTIONS, CALLERS, CONSTRAINTS, GRANTEES, GROUPS, KEYS, NAMED, OPERATORS, PAIRS, PATTERNS,
    PERMISSIONS, RESOURCE_PATTERNS, RESOURCES, TEXTS, VALUES,
};

fn one_or_more(from: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        select(from).prop_map(Value::from),
        prop::collection::vec(select(from), 0..3).prop_map(|values| json!(values)),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let operator = (select(&OPERATORS[..]), 0..6u8).prop_map(|(name, form)| match (name, form) {
        ("Null", _) => name.to_owned(),
        (_, 0) => format!("ForAllValues:{name}"),
        (_, 1) => format!("ForAnyValue:{name}"),
        (_, 2) => format!("{name}IfExists"),
        (_, 3) => format!("ForAnyValue:{name}IfExists"),
        _ => name.to_owned(),
    });
    let keys =
        prop::collection::vec((select(&KEYS[..]), one_or_more(&VALUES)), 1..3).prop_map(|pairs| {
            Value::Object(
                pairs
                    .into_iter()
                    .map(|(key, values)| (key.to_owned(), values))
                    .collect(),
            )
        });
    prop::collection::vec((operator, keys), 1..3)
        .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>()))
}

fn principal() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("*")),
        one_or_more(&NAMED).prop_map(|names| json!({ "AWS": names })),
        one_or_more(&NAMED)
            .prop_map(|names| json!({ "AWS": names, "Service": "s3.amazonaws.com" })),
    ]
}

fn statement(named: bool) -> impl Strategy<Value = Value> {
    (
        prop_oneof![3 => Just("Allow"), 1 => Just("Deny")],
        prop_oneof![5 => Just("Action"), 1 => Just("NotAction")],
        one_or_more(&PATTERNS),
        prop_oneof![5 => Just("Resource"), 1 => Just("NotResource")],
        one_or_more(&RESOURCE_PATTERNS),
        prop::option::weighted(0.35, condition()),
        prop_oneof![5 => Just("Principal"), 1 => Just("NotPrincipal")],
        principal(),
    )
        .prop_map(
            move |(effect, act, actions, on, resources, condition, who, principal)| {
                let mut statement = json!({ "Effect": effect, act: actions, on: resources });
                if let Some(condition) = condition {
                    statement["Condition"] = condition;
                }
                if named {
                    statement[who] = principal;
                }
                statement
            },
        )
}

fn policy(named: bool) -> impl Strategy<Value = Value> {
    let version =
        prop_oneof![4 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)];
    (version, prop::collection::vec(statement(named), 1..4)).prop_map(|(version, statements)| {
        let mut policy = json!({ "Statement": statements });
        if let Some(version) = version {
            policy["Version"] = version.into();
        }
        policy
    })
}

fn levels(named: bool) -> impl Strategy<Value = Value> {
    let full = || {
        Just(
            json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}),
        )
    };
    let level = (
        prop::bool::weighted(0.8),
        full(),
        prop::collection::vec(policy(named), 0..2),
    )
        .prop_map(|(with, full, mut policies)| {
            if with {
                policies.push(full);
            }
            json!({ "level": "l", "policies": policies })
        });
    prop_oneof![2 => Just(json!([])), 1 => prop::collection::vec(level, 1..3).prop_map(Value::from)]
}

fn grants() -> impl Strategy<Value = Value> {
    let operations =
        prop::collection::vec(select(&["Decrypt", "RetireGrant", "DescribeKey"][..]), 0..3);
    let grant = (select(&GRANTEES[..]), select(&GRANTEES[..]), operations, select(&CONSTRAINTS[..])).prop_map(
        |(grantee, retiring, operations, constraints)| {
            json!({"GranteePrincipal": grantee, "RetiringPrincipal": retiring, "Operations": operations,
                "Constraints": serde_json::from_str::<Value>(constraints).unwrap()})
        },
    );
    prop_oneof![2 => Just(json!({})), 1 => prop::collection::vec(grant, 1..3).prop_map(|grants| json!({ "grants": grants }))]
}

fn acl() -> impl Strategy<Value = Value> {
    let grant = (select(&GROUPS[..]), select(&PERMISSIONS[..]))
        .prop_map(|(grantee, permission)| json!({"grantee": grantee, "permission": permission}));
    prop_oneof![3 => Just(json!({})), 1 => prop::collection::vec(grant, 1..3).prop_map(|acl| json!({ "acl": acl }))]
}

fn case() -> impl Strategy<Value = Value> {
    let caller = prop_oneof![
        8 => select(&CALLERS[..]).prop_map(Value::from),
        1 => Just(json!({"type": "Anonymous"})),
        1 => Just(json!({"type": "Service", "service": "s3.amazonaws.com"})),
    ];
    let context = (
        prop::option::of(select(&TEXTS[..])),
        prop::option::of(prop::collection::vec(select(&TEXTS[..]), 0..3)),
        prop::option::of(prop::collection::vec(select(&TEXTS[..]), 0..3)),
        prop::option::weighted(0.25, Just("AROAEXAMPLEID:s")),
        prop::option::weighted(0.3, (select(&PAIRS[..]), select(&["IT", "it"][..]))),
    )
        .prop_map(|(text, many, tags, id, pair)| {
            let mut context = json!({});
            if let Some(text) = text {
                context["x:Text"] = text.into();
            }
            if let Some(many) = many {
                context["x:Many"] = json!(many);
            }
            if let Some(tags) = tags {
                context["aws:TagKeys"] = json!(tags);
            }
            if let Some(id) = id {
                context["aws:userid"] = id.into();
            }
            if let Some((name, value)) = pair {
                context[format!("kms:EncryptionContext:{name}")] = value.into();
            }
            context
        });
    let owner = prop_oneof![
        Just(Value::Null),
        Just(json!("111122223333")),
        Just(json!("444455556666"))
    ];
    let request = (caller, select(&ACTIONS[..]), select(&RESOURCES[..]), owner, context).prop_map(|(principal, action, resource, owner, context)| {
        // A role is assumed, or nothing.
        let resource = if action == "sts:AssumeRole" && !resource.contains(":role/") { "arn:aws:iam::111122223333:role/app" } else { resource };
        json!({"principal": principal, "action": action, "resource": resource, "resourceAccount": owner, "context": context})
    });
    let maybe = |policy: BoxedStrategy<Value>| {
        prop::option::of(policy).prop_map(|policy| policy.unwrap_or(Value::Null))
    };
    let some =
        |weight: usize| prop::collection::vec(policy(false), 0..weight).prop_map(Value::from);
    (
        request,
        prop::collection::vec(policy(false), 0..3).prop_map(Value::from),
        maybe(policy(true).boxed()),
        prop_oneof![2 => Just(json!([])), 1 => some(2)],
        maybe(policy(false).boxed()),
        levels(false),
        levels(true),
        prop_oneof![3 => Just(json!([])), 1 => prop::collection::vec(policy(true), 0..2).prop_map(Value::from)],
        grants(),
        acl(),
    )
        .prop_map(|(request, identity, resource, boundaries, session, scps, rcps, endpoint, kms, s3)| {
            json!({"id": 1, "request": request, "identityPolicies": identity, "resourcePolicy": resource, "permissionBoundaries": boundaries,
                "sessionPolicy": session, "scps": scps, "rcps": rcps, "endpointPolicies": endpoint, "kms": kms, "s3": s3})
        })
}

/// A statement on everything with a condition on the ARN of the caller's role.
fn on_role() -> impl Strategy<Value = Value> {
    let operators = [
        "ArnLike",
        "ArnNotLike",
        "StringEquals",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
        "ForAnyValue:StringLike",
        "ArnNotLikeIfExists",
        "Null",
    ];
    let patterns = [
        "arn:aws:iam::111122223333:role/app",
        "arn:aws:iam::111122223333:role/APP",
        "arn:aws:iam::111122223333:role/p/app",
        "arn:aws:iam::*:role/p/*",
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::*:role/*app",
        "arn:aws:iam::*:role/?*/app",
        "arn:aws:iam::*:role/??*app",
        "arn:aws:iam::*:role/*x*",
        "arn:aws:iam:*:role/*",
        "arn:aws:iam::*:role/aws-reserved/*",
        "*/app",
        "*",
        "false",
    ];
    let values = prop::collection::vec(select(patterns.to_vec()), 0..3);
    let operator = select(operators.to_vec());
    (select(&["Allow", "Allow", "Deny"][..]), operator, values).prop_map(|(effect, operator, values)| {
        json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": {operator: {"aws:PrincipalArn": values}}})
    })
}

#[test]
fn both_brains_agree() {
    let cases = option_env!("PALISADE_IAM_CASES")
        .and_then(|text| text.parse().ok())
        .unwrap_or(3_000);
    let services: Vec<&str> = include_str!("../data/rcp-services.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let mut seen = [0_u32; 3];
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let counts = std::cell::RefCell::new(&mut seen);
    TestRunner::new(config)
        .run(&case(), |case| {
            let answer: Value = serde_json::from_str(&simulate_line(&case.to_string())).unwrap();
            let expected = naive::verdict(&case, &services);
            prop_assert_eq!(answer["decision"].as_str(), Some(expected), "{}", answer);
            let at = ["Allowed", "ImplicitlyDenied", "ExplicitlyDenied"]
                .iter()
                .position(|name| *name == expected)
                .unwrap();
            counts.borrow_mut()[at] += 1;
            Ok(())
        })
        .unwrap();
    assert!(
        seen.iter().all(|count| *count > cases / 50),
        "one verdict hardly occurs: {seen:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The residual condition is exact: however the keys that were not told are filled in, the request is then
    /// allowed where the condition holds, and only there.
    #[test]
    fn residuals_are_exact(case in case(), text in prop::option::of(select(&TEXTS[..])), missing in select(&TEXTS[..]),
        id in prop::option::of(select(&["AROAEXAMPLEID:x", "AROAOTHER:x"][..])), pair in prop::option::of(select(&["IT", "it"][..]))) {
        let answer: Value = serde_json::from_str(&simulate_line(&case.to_string())).unwrap();
        let mut filled = case.clone();
        let context = filled["request"]["context"].as_object_mut().unwrap();
        context.insert("x:Missing".to_owned(), missing.into());
        if let Some(text) = text {
            context.entry("x:Text").or_insert(text.into());
        }
        if let Some(id) = id {
            context.entry("aws:userid").or_insert(id.into());
        }
        // An encryption context is told as a whole: its pairs and their names.
        let mut names: Vec<String> = context
            .keys()
            .filter_map(|key| key.strip_prefix("kms:EncryptionContext:").map(str::to_owned))
            .collect();
        if let (Some(value), true) = (pair, names.is_empty()) {
            context.insert("kms:EncryptionContext:Dept".to_owned(), value.into());
            names.push("Dept".to_owned());
        }
        context.insert("kms:EncryptionContextKeys".to_owned(), json!(names));
        let then: Value = serde_json::from_str(&simulate_line(&filled.to_string())).unwrap();
        let allowed = then["decision"] == "Allowed";
        if answer["residual"].is_null() {
            prop_assert_eq!(&answer["decision"] == "Allowed", allowed);
        } else if let Some(holds) = naive::holds(&filled, &answer["residual"]) {
            prop_assert_eq!(holds, allowed, "{}", answer);
        }
    }

    /// Whatever the path of a session's role is, the request is allowed where the residual condition holds, and only
    /// there; and without such a condition the path has no say.
    #[test]
    fn residuals_over_paths(statements in prop::collection::vec(on_role(), 1..4), path in select(&["", "p/", "p/q/", "app/", "x"][..])) {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        let case = json!({"id": 1, "request": {"principal": "arn:aws:sts::111122223333:assumed-role/app/s", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/ann/o", "context": {}}, "identityPolicies": [policy]});
        let answer: Value = serde_json::from_str(&simulate_line(&case.to_string())).unwrap();
        let mut told = case;
        let slash = if path.ends_with('x') { "/" } else { "" };
        told["request"]["context"]["aws:PrincipalArn"] = format!("arn:aws:iam::111122223333:role/{path}{slash}app").into();
        let then: Value = serde_json::from_str(&simulate_line(&told.to_string())).unwrap();
        prop_assert!(then["residual"].is_null());
        let allowed = then["decision"] == "Allowed";
        if answer["residual"].is_null() {
            prop_assert_eq!(&answer["decision"] == "Allowed", allowed);
        } else {
            prop_assert!(answer["notes"].to_string().contains("role's path"));
            if let Some(holds) = naive::holds(&told, &answer["residual"]) {
                prop_assert_eq!(holds, allowed, "{}", answer);
            }
        }
    }

    /// Whatever stands on a line, there is one line in answer.
    #[test]
    fn any_line_has_an_answer(line in ".{0,200}") {
        let answer = simulate_line(&line);
        prop_assert!(!answer.contains('\n'));
        prop_assert!(serde_json::from_str::<Value>(&answer).is_ok());
    }

    /// A case with one piece cut out or doubled still has an answer.
    #[test]
    fn broken_cases_have_an_answer(case in case(), at in 0..2_000_usize, length in 0..20_usize, double: bool) {
        let text = case.to_string();
        let characters: Vec<char> = text.chars().collect();
        let start = at % characters.len();
        let end = (start + length).min(characters.len());
        let mut broken: String = characters[..start].iter().collect();
        if double {
            broken.extend(&characters[start..end]);
            broken.extend(&characters[start..end]);
        }
        broken.extend(&characters[end..]);
        prop_assert!(serde_json::from_str::<Value>(&simulate_line(&broken)).is_ok());
    }
}
