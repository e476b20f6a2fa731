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
    ACTIONS, CALLERS, KEYS, NAMED, OPERATORS, PATTERNS, RESOURCE_PATTERNS, RESOURCES, TEXTS, VALUES,
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

fn case() -> impl Strategy<Value = Value> {
    let caller = prop_oneof![
        8 => select(&CALLERS[..]).prop_map(Value::from),
        1 => Just(json!({"type": "Anonymous"})),
        1 => Just(json!({"type": "Service", "service": "s3.amazonaws.com"})),
    ];
    let context = (
        prop::option::of(select(&TEXTS[..])),
        prop::option::of(prop::collection::vec(select(&TEXTS[..]), 0..3)),
    )
        .prop_map(|(text, many)| {
            let mut context = json!({});
            if let Some(text) = text {
                context["x:Text"] = text.into();
            }
            if let Some(many) = many {
                context["x:Many"] = json!(many);
            }
            context
        });
    let owner = prop_oneof![
        Just(Value::Null),
        Just(json!("111122223333")),
        Just(json!("444455556666"))
    ];
    let request = (caller, select(&ACTIONS[..]), select(&RESOURCES[..]), owner, context).prop_map(|(principal, action, resource, owner, context)| {
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
    )
        .prop_map(|(request, identity, resource, boundaries, session, scps, rcps, endpoint)| {
            json!({"id": 1, "request": request, "identityPolicies": identity, "resourcePolicy": resource, "permissionBoundaries": boundaries,
                "sessionPolicy": session, "scps": scps, "rcps": rcps, "endpointPolicies": endpoint})
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
    fn residuals_are_exact(case in case(), text in prop::option::of(select(&TEXTS[..])), missing in select(&TEXTS[..])) {
        let answer: Value = serde_json::from_str(&simulate_line(&case.to_string())).unwrap();
        let mut filled = case.clone();
        let context = filled["request"]["context"].as_object_mut().unwrap();
        context.insert("x:Missing".to_owned(), missing.into());
        if let Some(text) = text {
            context.entry("x:Text").or_insert(text.into());
        }
        let then: Value = serde_json::from_str(&simulate_line(&filled.to_string())).unwrap();
        let allowed = then["decision"] == "Allowed";
        if answer["residual"].is_null() {
            prop_assert_eq!(&answer["decision"] == "Allowed", allowed);
        } else if let Some(holds) = naive::holds(&filled, &answer["residual"]) {
            prop_assert_eq!(holds, allowed, "{}", answer);
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
