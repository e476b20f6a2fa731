//! What a change of one policy newly allows over all layers, and what nobody may do.
#![cfg(test)]

use std::{collections::BTreeSet, sync::Arc};

use palisade_iam::{
    Verdict,
    estate::{
        Access, Account, Change, Estate, Gained, Gap, Group, NewAccess, Resource, Seen, Subject,
        Target, Zone, changed, new_access, not_granted,
    },
    model::{
        Context, Facts, Layers, Level, NamedPolicy, Policy, Principal, Request, RequestInput,
        Version,
    },
    parse::{Mode, PolicyKind, read_policy},
    verdict,
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const BUCKET: &str = "arn:aws:s3:::payroll";

fn read(statements: &Value, kind: PolicyKind) -> Arc<Policy> {
    if statements == &json!([]) {
        return Arc::new(Policy {
            version: Version::V2012,
            id: None,
            statements: Vec::new(),
        });
    }
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Arc::new(read_policy(&text, kind, Mode::Strict).unwrap().policy)
}

fn identity(statements: &Value) -> Arc<Policy> {
    read(statements, PolicyKind::Identity)
}

fn named(name: &str, policy: Arc<Policy>) -> NamedPolicy {
    NamedPolicy {
        name: name.to_owned(),
        policy,
    }
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

/// Ann has the policies `own` and, by her group, `team`; the bucket denies deleting; the account's SCP denies IAM.
fn estate(own: &Value, team: &Value, scp: &Value, bucket: &Value) -> Estate {
    let group = "arn:aws:iam::111122223333:group/team".to_owned();
    let team = named("team", identity(team));
    let mut estate = Estate {
        subjects: vec![Subject {
            arn: ANN.to_owned(),
            account: ACCOUNT.to_owned(),
            id: None,
            identity: vec![named("own", identity(own)), team.clone()],
            groups: vec![group.clone()],
            boundaries: Vec::new(),
            tags: Vec::new(),
            unseen: None,
        }]
        .into(),
        groups: vec![Group {
            arn: group,
            account: ACCOUNT.to_owned(),
            identity: vec![team],
            unseen: None,
        }]
        .into(),
        resources: vec![Resource {
            arn: BUCKET.to_owned(),
            kind: "AWS::S3::Bucket",
            account: ACCOUNT.to_owned(),
            region: "eu-west-1".to_owned(),
            policy: Seen::Told(Some(named("policy", read(bucket, PolicyKind::Resource)))),
            facts: Facts::default(),
            unseen: None,
        }],
        ..Estate::default()
    };
    let account = Account {
        scps: vec![Level {
            name: "account".to_owned(),
            policies: vec![named("guard", read(scp, PolicyKind::ServiceControl))],
        }],
        ..Account::default()
    };
    estate.accounts.insert(ACCOUNT.to_owned(), account);
    estate
}

fn usual(own: &Value) -> Estate {
    estate(
        own,
        &json!([allow("sqs:*", "*")]),
        &json!([allow("*", "*"), deny("iam:*", "*")]),
        &json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "*"}]),
    )
}

fn own(document: &Value) -> Change {
    Change {
        target: Target::Principal {
            arn: ANN.to_owned(),
            policy: "own".to_owned(),
        },
        document: Some(identity(document)),
    }
}

fn gained(estate: &Estate, change: &Change) -> Gained {
    let gained = new_access(estate, change, &Zone::default()).unwrap();
    let new = changed(estate, change).unwrap();
    // Each request is replayed: allowed after, and not before.
    for found in &gained.access {
        if let (Access::Can(witness), false) = (&found.access, found.outside) {
            let on = estate.resources.iter().position(|r| {
                witness.request.resource == r.arn
                    || witness.request.resource.starts_with(&format!("{}/", r.arn))
            });
            assert_eq!(
                verdict(&witness.request, &layers(&new, on)),
                Verdict::Allowed,
                "{found:?}"
            );
            assert_ne!(
                verdict(&witness.request, &layers(estate, on)),
                Verdict::Allowed,
                "{found:?}"
            );
        }
    }
    gained
}

fn layers(estate: &Estate, on: Option<usize>) -> Layers {
    Layers {
        identity: estate.subjects[0].identity.clone(),
        resource: on.and_then(|on| match &estate.resources[on].policy {
            Seen::Told(policy) => policy.clone(),
            Seen::Unseen(_) => None,
        }),
        scps: estate.accounts[ACCOUNT].scps.clone(),
        ..Layers::default()
    }
}

fn requests(gained: &Gained) -> BTreeSet<String> {
    gained
        .access
        .iter()
        .map(|found| match &found.access {
            Access::Can(witness) => {
                format!("{} {}", witness.request.action, witness.request.resource)
            }
            Access::Unknown(why) => format!("? {why}"),
        })
        .collect()
}

#[test]
fn new_access_is_what_no_other_layer_gave_or_takes_away() {
    let estate = usual(&json!([allow("ec2:*", "*")]));
    let by = |statements: Value| requests(&gained(&estate, &own(&statements)));
    // Her group allows it already; the SCP denies it; the bucket denies it.
    assert!(by(json!([allow("sqs:SendMessage", "*")])).is_empty());
    assert!(by(json!([allow("iam:CreateUser", "*")])).is_empty());
    assert!(by(json!([allow("s3:DeleteObject", "arn:aws:s3:::payroll/*")])).is_empty());
    // Less than before is nothing new.
    assert!(by(json!([allow("ec2:Describe*", "*")])).is_empty());
    assert_eq!(
        by(json!([allow("s3:GetObject", "arn:aws:s3:::payroll/*")])).len(),
        1
    );
    let other = by(json!([allow("s3:DeleteObject", "*")]));
    assert!(!other.is_empty() && other.iter().all(|r| !r.contains("payroll")));
}

#[test]
fn a_deny_that_goes_is_new_access_where_something_allows() {
    let estate = usual(&json!([deny("sqs:PurgeQueue", "*"), deny("sns:*", "*")]));
    let gone = Change {
        document: None,
        ..own(&json!([allow("x:y", "*")]))
    };
    let found = requests(&gained(&estate, &gone));
    assert!(
        found.len() == 1 && found.iter().all(|r| r.starts_with("sqs:purgequeue ")),
        "{found:?}"
    );
}

#[test]
fn groups_guardrails_and_resources() {
    let estate = usual(&json!([allow("iam:GetUser", "*")]));
    let change = |target: Target, document: Arc<Policy>| {
        requests(&gained(
            &estate,
            &Change {
                target,
                document: Some(document),
            },
        ))
    };
    let group = Target::Principal {
        arn: "arn:aws:iam::111122223333:group/team".to_owned(),
        policy: "team".to_owned(),
    };
    let found = change(group, identity(&json!([allow("sns:Publish", "*")])));
    assert!(found.iter().all(|r| r.starts_with("sns:publish ")) && found.len() == 1);
    let guard = Target::Guardrail("guard".to_owned());
    let open = read(&json!([allow("*", "*")]), PolicyKind::ServiceControl);
    let found = change(guard, open);
    assert!(
        found.iter().all(|r| r.starts_with("iam:getuser ")) && found.len() == 1,
        "{found:?}"
    );
    let bucket = Target::Resource(BUCKET.to_owned());
    let public = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::payroll/*"}]);
    let found = new_access(
        &estate,
        &Change {
            target: bucket,
            document: Some(read(&public, PolicyKind::Resource)),
        },
        &Zone::default(),
    )
    .unwrap();
    let who: BTreeSet<(&str, bool)> = found
        .access
        .iter()
        .map(|found| (found.principal.as_str(), found.outside))
        .collect();
    assert_eq!(who, BTreeSet::from([("*", true), (ANN, false)]));
}

#[test]
fn a_stranger_whom_the_policy_named_before_gains_only_what_is_new() {
    const SESSION: &str = "arn:aws:sts::444455556666:federated-user/eve";
    let canonical = "0123456789abcdef".repeat(4);
    for who in [json!({"AWS": SESSION}), json!({"CanonicalUser": canonical})] {
        let lets = |actions: Value| json!([{"Effect": "Allow", "Principal": who, "Action": actions, "Resource": "arn:aws:s3:::payroll/*"}]);
        let mut estate = estate(
            &json!([]),
            &json!([]),
            &json!([allow("*", "*")]),
            &lets(json!(["s3:GetObject"])),
        );
        let account = estate.accounts.get_mut(ACCOUNT).unwrap();
        account.canonical_user = Some("f".repeat(64));
        let change = |document: &Value| Change {
            target: Target::Resource(BUCKET.to_owned()),
            document: Some(read(document, PolicyKind::Resource)),
        };
        let outside = |document: &Value| -> Vec<Vec<String>> {
            let found = new_access(&estate, &change(document), &Zone::default()).unwrap();
            found.access.into_iter().map(|one| one.actions).collect()
        };
        let same = outside(&lets(json!(["s3:GetObject"])));
        assert!(same.is_empty(), "{who}: {same:?}");
        let more = lets(json!(["s3:GetObject", "s3:PutObject"]));
        let found = outside(&more);
        assert!(
            found.len() == 1
                && found[0].len() == 1
                && found[0][0].eq_ignore_ascii_case("s3:PutObject"),
            "{who}: {found:?}"
        );
        // Whose the canonical id is is not seen where the account's own is not.
        estate.accounts.get_mut(ACCOUNT).unwrap().canonical_user = None;
        let undecided = |document: &Value| {
            let found = new_access(&estate, &change(document), &Zone::default()).unwrap();
            let unknown = |one: &NewAccess| matches!(one.access, Access::Unknown(_));
            found.access.iter().any(unknown)
        };
        assert_eq!(undecided(&more), who.get("CanonicalUser").is_some());
        assert!(!undecided(&lets(json!(["s3:GetObject"]))));
        // A statement that only moves is not new.
        let mut moved = lets(json!(["s3:GetObject"]));
        let first =
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"});
        moved.as_array_mut().unwrap().insert(0, first);
        assert!(!undecided(&moved));
    }
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let estate = usual(&json!([]));
    for target in [
        Target::Managed("arn:aws:iam::aws:policy/x".to_owned()),
        Target::Guardrail("x".to_owned()),
        Target::Resource("arn:aws:s3:::x".to_owned()),
        Target::Principal {
            arn: "arn:aws:iam::111122223333:user/x".to_owned(),
            policy: "own".to_owned(),
        },
    ] {
        let change = Change {
            target,
            document: Some(identity(&json!([]))),
        };
        assert!(changed(&estate, &change).is_err());
    }
}

#[test]
fn nobody_may() {
    let estate = usual(&json!([allow("s3:*", "*"), allow("iam:*", "*")]));
    let result = |actions: &[&str], resources: &[&str]| {
        let own =
            |texts: &[&str]| -> Vec<String> { texts.iter().map(|t| (*t).to_owned()).collect() };
        not_granted(&estate, None, &own(actions), &own(resources)).result()
    };
    assert_eq!(result(&["iam:CreateUser"], &[]), "PASS");
    assert_eq!(result(&["s3:GetObject"], &[]), "FAIL");
    assert_eq!(
        result(&["s3:DeleteObject"], &["arn:aws:s3:::payroll/*"]),
        "PASS"
    );
    assert_eq!(
        result(&["s3:DeleteObject"], &["arn:aws:s3:::other/*"]),
        "FAIL"
    );
    assert_eq!(result(&["dynamodb:*"], &[]), "PASS");
    assert_eq!(result(&[], &["arn:aws:s3:::payroll/x"]), "FAIL");
    let mut unseen = estate.clone();
    unseen.gaps.push(Gap {
        account: ACCOUNT.to_owned(),
        what: "users and roles",
        call: "iam:GetAccountAuthorizationDetails was denied (AccessDenied)".to_owned(),
    });
    let actions = ["iam:CreateUser".to_owned()];
    assert_eq!(
        not_granted(&unseen, None, &actions, &[]).result(),
        "UNKNOWN"
    );
    let other = Some("arn:aws:iam::111122223333:user/other");
    assert_eq!(
        not_granted(&estate, other, &["s3:GetObject".to_owned()], &[]).result(),
        "PASS"
    );
}

const ACTIONS: [&str; 6] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:*",
    "sqs:SendMessage",
    "*",
    "s3:Get*",
];
const RESOURCES: [&str; 5] = [
    "*",
    "arn:aws:s3:::payroll/*",
    "arn:aws:s3:::payroll/a",
    "arn:aws:s3:::other/*",
    "arn:aws:s3:::*/a",
];

fn statement() -> impl Strategy<Value = Value> {
    let condition = prop_oneof![
        3 => Just(Value::Null),
        1 => Just(json!({"StringEquals": {"x:k": "a"}})),
        1 => Just(json!({"StringNotEquals": {"x:k": ["a", "b"]}})),
        1 => Just(json!({"Null": {"x:k": "true"}})),
    ];
    (
        select(&["Allow", "Allow", "Deny"][..]),
        select(&ACTIONS[..]),
        select(&RESOURCES[..]),
        condition,
    )
        .prop_map(|(effect, action, resource, condition)| {
            let mut statement = json!({"Effect": effect, "Action": action, "Resource": resource});
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            statement
        })
}

fn statements() -> impl Strategy<Value = Value> {
    prop::collection::vec(statement(), 0..3).prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where a plain request is newly allowed, the change is told to allow something new; where nothing is told, none is.
    #[test]
    fn nothing_new_is_missed(old in statements(), new in statements(), team in statements(), scp in statements(), bucket in statements()) {
        let mut guard = scp.as_array().unwrap().clone();
        guard.push(allow("*", "*"));
        let bucket: Vec<Value> = bucket.as_array().unwrap().iter().map(|found| {
            let mut found = found.clone();
            found["Principal"] = "*".into();
            found
        }).collect();
        let estate = estate(&old, &team, &Value::from(guard), &Value::from(bucket));
        let change = own(&new);
        let told = gained(&estate, &change);
        let after = changed(&estate, &change).unwrap();
        for action in ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"] {
            for resource in ["arn:aws:s3:::payroll/a", "arn:aws:s3:::payroll/b", "arn:aws:s3:::other/a", "arn:aws:sqs:eu-west-1:111122223333:q"] {
                // No request is about a resource of another service.
                let service = action.split(':').next().unwrap();
                if !resource.contains(&format!(":{service}:")) {
                    continue;
                }
                for value in [None, Some("a"), Some("b"), Some("c")] {
                    let mut context = Context::new();
                    match value {
                        Some(value) => context.set("x:k", palisade_iam::model::ContextValue::One(value.to_owned())),
                        None => context.set_absent("x:k"),
                    }
                    let request = Request::new(RequestInput {
                        principal: Principal::parse(ANN).unwrap(),
                        action: action.to_owned(),
                        resource: resource.to_owned(),
                        resource_account: Some(ACCOUNT.to_owned()),
                        context,
                    });
                    let on = resource.contains("payroll").then_some(0);
                    let is_new = verdict(&request, &layers(&after, on)) == Verdict::Allowed
                        && verdict(&request, &layers(&estate, on)) != Verdict::Allowed;
                    prop_assert!(!is_new || !told.access.is_empty(), "{request:?}");
                }
            }
        }
    }
}
