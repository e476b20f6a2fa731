//! Escalation: every path of the catalogue with exactly what it needs and with less, and what stands in the way.
#![cfg(test)]

use palisade_iam::{
    Verdict,
    escalation::{
        Escalation, Field, Gain, Group, Node, On, Open, Path, Step, To, escalation, paths,
    },
    model::{Context, Layers, Level, NamedPolicy},
    parse::{Mode, PolicyKind, read_policy},
    verdict,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const ACCOUNT: &str = "111122223333";
const GROUP: &str = "arn:aws:iam::111122223333:group/g";
const POLICY: &str = "arn:aws:iam::111122223333:policy/p";

fn named(statements: &Value, kind: PolicyKind) -> NamedPolicy {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    NamedPolicy {
        name: "p".to_owned(),
        policy: Arc::new(
            read_policy(&policy.to_string(), kind, Mode::Strict)
                .unwrap()
                .policy,
        ),
    }
}

fn node(name: &str, statements: &Value) -> Node {
    let identity = match statements {
        Value::Null => Vec::new(),
        statements => vec![named(statements, PolicyKind::Identity)],
    };
    Node {
        arn: format!("arn:aws:iam::{ACCOUNT}:{name}"),
        account: ACCOUNT.to_owned(),
        layers: Layers {
            identity,
            ..Layers::default()
        },
        trust: None,
        groups: Vec::new(),
        attached: Vec::new(),
        administrator: Ok(false),
        bounded: Ok(false),
        context: Context::new(),
        domains: BTreeMap::new(),
    }
}

fn trusted_by(mut role: Node, principal: &Value) -> Node {
    let trust = json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]);
    role.trust = Some(named(&trust, PolicyKind::Trust));
    role
}

fn allow(actions: &Value) -> Value {
    json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}])
}

/// A caller with these actions, and one of everything that paths lead to.
fn field(path: &Path, actions: &[&str]) -> Field {
    let needs = |on: On| path.needs.iter().any(|need| need.on == on);
    let own = if needs(On::SelfRole) {
        "role/me"
    } else {
        "user/me"
    };
    let statements = if actions.is_empty() {
        Value::Null
    } else {
        allow(&json!(actions))
    };
    let mut me = node(own, &statements);
    me.groups = vec![GROUP.to_owned()];
    me.attached = vec![POLICY.to_owned()];
    let service = match path.gain {
        Gain::Passed(service) | Gain::Runs(service) => service,
        _ => "ec2.amazonaws.com",
    };
    let mut role = trusted_by(
        node("role/mighty", &Value::Null),
        &json!({"Service": service, "AWS": ACCOUNT}),
    );
    role.administrator = Ok(true);
    role.attached = vec![POLICY.to_owned()];
    let mut user = node("user/mighty", &Value::Null);
    user.administrator = Ok(true);
    Field {
        nodes: vec![me, role, user],
        groups: vec![Group {
            arn: GROUP.to_owned(),
            account: ACCOUNT.to_owned(),
            administrator: Ok(true),
        }],
        ..Field::default()
    }
}

/// All steps, in the order of nodes.
fn steps(found: &Escalation<'_>, field: &Field) -> Vec<Step> {
    (0..field.nodes.len())
        .flat_map(|at| found.steps(at))
        .collect()
}

fn opened(found: &Escalation<'_>, field: &Field) -> Vec<Open> {
    (0..field.nodes.len())
        .flat_map(|at| found.open(at))
        .collect()
}

fn ids(field: &Field) -> Vec<&'static str> {
    let found = escalation(field);
    assert_eq!(opened(&found, field), []);
    steps(&found, field)
        .iter()
        .map(|step| step.path.id)
        .collect()
}

#[test]
fn each_path_is_found_with_what_it_needs_and_with_nothing_less() {
    for path in paths() {
        let actions: Vec<&str> = path.needs.iter().map(|need| need.action).collect();
        let all = field(path, &actions);
        let found = escalation(&all);
        let step = steps(&found, &all)
            .into_iter()
            .find(|step| step.path.id == path.id)
            .unwrap_or_else(|| panic!("{} is not found", path.id));
        let witnesses = found.witnesses(&step);
        assert_eq!(witnesses.len(), path.needs.len(), "{}", path.id);
        assert_eq!(
            path.supposed().is_some(),
            matches!(path.gain, Gain::Runs(_))
        );
        // The witnesses are requests that the evaluator allows.
        for (need, witness) in path.needs.iter().zip(&witnesses) {
            let mut layers = all.nodes[0].layers.clone();
            if need.action == "sts:AssumeRole" {
                layers.resource.clone_from(&all.nodes[1].trust);
            }
            assert_eq!(witness.request.action, need.action.to_lowercase());
            assert_eq!(
                verdict(&witness.request, &layers),
                Verdict::Allowed,
                "{}",
                path.id
            );
        }
        let ways = found.ways();
        assert!(
            ways.contains_key(&0),
            "{}: no way to administrator",
            path.id
        );
        for missing in &actions {
            // The role's trust policy names the whole account, which leaves it to identity policies.
            let less: Vec<&str> = actions.iter().copied().filter(|a| a != missing).collect();
            assert!(
                !ids(&field(path, &less)).contains(&path.id),
                "{} without {missing}",
                path.id
            );
        }
    }
}

/// A role, a user's statements, and the ids of the steps.
fn steps_of(statements: &Value) -> Vec<&'static str> {
    let mut role = trusted_by(
        node("role/mighty", &Value::Null),
        &json!({"Service": "lambda.amazonaws.com"}),
    );
    role.administrator = Ok(true);
    ids(&Field {
        nodes: vec![node("user/me", statements), role],
        ..Field::default()
    })
}

#[test]
fn resources_and_conditions_stand_in_the_way() {
    let run = json!({"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"});
    let pass = |more: Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"});
        statement
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([run, statement])
    };
    let service =
        |name: &str| json!({"Condition": {"StringEquals": {"iam:PassedToService": name}}});
    assert_eq!(steps_of(&pass(json!({}))), ["lambda-001"]);
    assert_eq!(
        steps_of(&pass(service("lambda.amazonaws.com"))),
        ["lambda-001"]
    );
    assert_eq!(
        steps_of(&pass(service("ec2.amazonaws.com"))),
        [] as [&str; 0]
    );
    let other = json!({"Resource": "arn:aws:iam::111122223333:role/other*"});
    assert_eq!(steps_of(&pass(other)), [] as [&str; 0]);
    let denied = json!([run, {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": ["lambda:*"], "Resource": "*"}]);
    assert_eq!(
        steps_of(&denied),
        ["lambda-003", "lambda-004", "lambda-005"]
    );
    // Only a harmless policy can be attached.
    let attach = |policy: &str| {
        json!([{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*",
            "Condition": {"ArnEquals": {"iam:PolicyARN": policy}}}])
    };
    assert_eq!(
        steps_of(&attach("arn:aws:iam::aws:policy/ReadOnlyAccess")),
        [] as [&str; 0]
    );
    assert_eq!(steps_of(&attach("arn:aws:iam::aws:policy/*")), ["iam-008"]);
}

#[test]
fn boundaries_and_guardrails_stand_in_the_way() {
    let me = node("user/me", &allow(&json!("iam:AttachUserPolicy")));
    let of = |me: Node| {
        ids(&Field {
            nodes: vec![me],
            ..Field::default()
        })
    };
    assert_eq!(of(me.clone()), ["iam-008"]);
    let mut bounded = me.clone();
    bounded.bounded = Ok(true);
    assert_eq!(of(bounded), [] as [&str; 0]);
    let mut within = me.clone();
    within.layers.boundaries = vec![named(&allow(&json!("s3:*")), PolicyKind::Identity)];
    assert_eq!(of(within), [] as [&str; 0]);
    let mut guarded = me;
    guarded.layers.scps = vec![Level {
        name: "root".to_owned(),
        policies: vec![named(
            &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "iam:Attach*", "Resource": "*"}]),
            PolicyKind::ServiceControl,
        )],
    }];
    assert_eq!(of(guarded), [] as [&str; 0]);
}

#[test]
fn a_way_has_as_many_steps_as_it_needs() {
    let assume = |role: &str| json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": format!("arn:aws:iam::{ACCOUNT}:role/{role}")}]);
    let account = json!({"AWS": ACCOUNT});
    let first = trusted_by(node("role/first", &assume("second")), &account);
    let second = trusted_by(
        node("role/second", &allow(&json!("iam:PutRolePolicy"))),
        &json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:role/first")}),
    );
    let lonely = node("user/lonely", &assume("elsewhere"));
    let all = Field {
        nodes: vec![node("user/me", &assume("first")), first, second, lonely],
        ..Field::default()
    };
    let found = escalation(&all);
    let ways = found.ways();
    let way: Vec<_> = ways[&0]
        .iter()
        .map(|step| (step.path.id, step.to))
        .collect();
    assert_eq!(
        way,
        [
            ("sts-001", To::Node(1)),
            ("sts-001", To::Node(2)),
            ("iam-005", To::Administrator)
        ]
    );
    assert_eq!(ways.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn what_was_not_seen_is_open() {
    let mut me = node("user/me", &allow(&json!("sts:AssumeRole")));
    me.administrator = Err("a policy was not seen".to_owned());
    let all = Field {
        nodes: vec![me, node("role/unseen", &Value::Null)],
        ..Field::default()
    };
    let found = escalation(&all);
    assert!(steps(&found, &all).is_empty());
    let open = opened(&found, &all);
    let open: Vec<_> = open
        .iter()
        .map(|open| (open.path, open.reason.as_str()))
        .collect();
    assert_eq!(
        open,
        [
            ("administrator", "a policy was not seen"),
            (
                "sts-001",
                "the trust policy of arn:aws:iam::111122223333:role/unseen was not seen"
            ),
        ]
    );
}

/// Of roles elsewhere that trust anybody only so many are asked, of one path only so many steps are made, and that there
/// are more is told; a caller whose own
/// policies do not allow it can assume none of them.
#[test]
fn roles_elsewhere_that_trust_anybody_are_asked_up_to_a_bound() {
    let elsewhere = |n: usize| {
        let role = node(&format!("role/r{n:03}"), &Value::Null);
        let mut role = trusted_by(role, &json!({"AWS": "*"}));
        role.arn = role.arn.replace(ACCOUNT, "444455556666");
        role.account = "444455556666".to_owned();
        role
    };
    let steps_of = |me: Node| -> (usize, Vec<String>) {
        let nodes = std::iter::once(me).chain((0..102).map(elsewhere)).collect();
        let all = Field {
            nodes,
            ..Field::default()
        };
        let found = escalation(&all);
        let open = found.open(0).into_iter().map(|open| open.reason).collect();
        (found.steps(0).len(), open)
    };
    let (steps, open) = steps_of(node("user/me", &allow(&json!("sts:AssumeRole"))));
    assert_eq!(steps, 25);
    assert_eq!(
        open,
        [
            "2 more roles of other accounts trust anybody, and were not asked",
            "75 more that it may be about were not asked"
        ]
    );
    let (steps, open) = steps_of(node("user/me", &allow(&json!("s3:*"))));
    assert_eq!((steps, open.len()), (0, 0));
}
