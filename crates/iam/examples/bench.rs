//! What questions cost, on one core, in CPU time: `cargo xtask bench iam`.
//!
//! `bench [--managed FILE] [--pairs FILE]`: AWS managed policies as JSON lines `{"name", "document"}`, and pairs of policies
//! as `[{"policy1", "policy2"}]`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot read its input has nothing to say"
)]

use std::{collections::BTreeMap, io::Write as _, sync::Arc, time::Duration};

use palisade_iam::{
    Grammar, Verdict,
    analyse::{Ask, Reach, reach},
    compare,
    escalation::escalation,
    estate::{Account, Estate, Resource, Seen, Subject, field, who_can},
    model::{
        Context, ContextValue, Facts, Layers, Level, NamedPolicy, Policy, Principal, Request,
        RequestInput, Template,
    },
    parse::{Mode, PolicyKind, read_policy},
    verdict,
};
use serde_json::{Value, json};

const USER: &str = "arn:aws:iam::111122223333:user/ann";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let file = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        Some(fs_err::read_to_string(arguments.get(at + 1)?).unwrap())
    };
    decisions();
    principals();
    for count in [1_000, 3_000, 10_000] {
        escalations(count);
    }
    if let Some(text) = file("--managed") {
        managed(&text);
    }
    if let Some(text) = file("--pairs") {
        pairs(&text);
    }
}

fn say(what: &str, figure: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what:64} {figure}").unwrap();
}

/// CPU time of this process so far; the system counts it in nanoseconds and tells it at least every few milliseconds.
fn cpu() -> Duration {
    let text = fs_err::read_to_string("/proc/self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn policy(document: &Value, kind: PolicyKind) -> Policy {
    read_policy(&document.to_string(), kind, Mode::Lenient)
        .unwrap()
        .policy
}

fn named(document: &Value, kind: PolicyKind) -> NamedPolicy {
    NamedPolicy {
        name: "p".to_owned(),
        policy: Arc::new(policy(document, kind)),
    }
}

fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn request(context: &[(&str, &str)]) -> Request {
    let mut told = Context::new();
    for (key, value) in context {
        told.set(key, ContextValue::One((*value).to_owned()));
    }
    told.complete();
    Request::new(RequestInput {
        principal: Principal::parse(USER).unwrap(),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::payroll/2026/may.csv".to_owned(),
        resource_account: Some("111122223333".to_owned()),
        context: told,
    })
}

fn rate(times: u64, mut work: impl FnMut()) -> f64 {
    let before = cpu();
    for _ in 0..times {
        work();
    }
    let spent = cpu() - before;
    #[expect(clippy::cast_precision_loss, reason = "a count for people")]
    let times = times as f64;
    times / spent.as_secs_f64()
}

fn decisions() {
    let simple = Layers {
        identity: vec![named(
            &document(vec![
                json!({"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::payroll/*"}),
            ]),
            PolicyKind::Identity,
        )],
        ..Layers::default()
    };
    let asked = request(&[]);
    let per_second = rate(2_000_000, || {
        assert_eq!(
            verdict(std::hint::black_box(&asked), &simple),
            Verdict::Allowed
        );
    });
    say("decisions, 1 statement", &format!("{per_second:.0}/s"));

    let conditions = json!({
        "StringEquals": {"aws:PrincipalOrgID": "o-own"}, "Bool": {"aws:SecureTransport": "true"},
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}
    });
    let statement = |at: usize, principal: bool| {
        let mut statement = json!({"Effect": "Allow", "Action": [format!("svc{at}:Get*"), format!("svc{at}:List*")],
            "Resource": format!("arn:aws:svc{at}:*:111122223333:thing/*"), "Condition": conditions});
        if principal {
            statement["Principal"] = json!({"AWS": USER});
        }
        statement
    };
    let last = |principal: bool| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::payroll/*", "Condition": conditions});
        if principal {
            statement["Principal"] = json!({"AWS": USER});
        }
        statement
    };
    let many = |count: usize| -> Value {
        document(
            (0..count - 1)
                .map(|at| statement(at, false))
                .chain([last(false)])
                .collect(),
        )
    };
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}});
    let level = |kind: PolicyKind, document: &Value| Level {
        name: "level".to_owned(),
        policies: vec![named(document, kind)],
    };
    // Ten identity policies, a boundary, four SCP levels, two RCP levels, a bucket policy: 185 statements.
    let layers = Layers {
        identity: (0..10)
            .map(|_| named(&many(12), PolicyKind::Identity))
            .collect(),
        boundaries: vec![named(&many(20), PolicyKind::Identity)],
        scps: (0..4)
            .map(|_| level(PolicyKind::ServiceControl, &many(8)))
            .collect(),
        rcps: (0..2)
            .map(|_| level(PolicyKind::ResourceControl, &document(vec![deny.clone()])))
            .collect(),
        resource: Some(named(
            &document(
                (0..10)
                    .map(|at| statement(at, true))
                    .chain([last(true)])
                    .collect(),
            ),
            PolicyKind::Resource,
        )),
        ..Layers::default()
    };
    let asked = request(&[
        ("aws:PrincipalOrgID", "o-own"),
        ("aws:SecureTransport", "true"),
        ("aws:SourceIp", "10.1.2.3"),
        ("aws:MultiFactorAuthAge", "100"),
    ]);
    let per_second = rate(50_000, || {
        assert_eq!(
            verdict(std::hint::black_box(&asked), &layers),
            Verdict::Allowed
        );
    });
    say(
        "decisions, 185 statements in all layers",
        &format!("{per_second:.0}/s"),
    );
}

/// 10,000 principals of 20 kinds, and three questions.
fn principals() {
    let kinds: Vec<NamedPolicy> = (0..20)
        .map(|kind| {
            let statements = (0..5)
                .map(|at| json!({"Effect": "Allow", "Action": [format!("s3:Get{kind}{at}*"), "ec2:Describe*"], "Resource": "*"}))
                .chain([json!({"Effect": if kind % 4 == 0 { "Allow" } else { "Deny" }, "Action": "iam:PassRole", "Resource": "*",
                    "Condition": {"StringLike": {"iam:PassedToService": "ec2.*"}}})])
                .collect();
            named(&document(statements), PolicyKind::Identity)
        })
        .collect();
    let mut estate = Estate::default();
    estate
        .accounts
        .insert("111122223333".to_owned(), Account::default());
    estate.subjects = (0..10_000)
        .map(|at| Subject {
            arn: format!("arn:aws:iam::111122223333:role/r{at}"),
            account: "111122223333".to_owned(),
            id: None,
            identity: vec![kinds[at % 20].clone(), kinds[(at * 7) % 20].clone()],
            groups: Vec::new(),
            boundaries: Vec::new(),
            tags: Vec::new(),
            unseen: None,
        })
        .collect();
    let before = cpu();
    let mut found = 0;
    for (action, resource) in [
        ("iam:PassRole", "arn:aws:iam::111122223333:role/x"),
        ("s3:GetObject", "arn:aws:s3:::b/o"),
        ("ec2:DescribeInstances", "*"),
    ] {
        found += who_can(&estate, action, resource).principals.len();
    }
    say(
        "10,000 principals, 3 questions",
        &format!("{:.2} s ({found} can)", (cpu() - before).as_secs_f64()),
    );
}

/// An organization of four accounts: users who manage their own keys, teams with a policy of the team, a role's own policy
/// on its own bucket, roles that a service, an account or one role assumes, a guardrail that spares one role.
fn escalations(count: usize) {
    let statement = |effect: &str, actions: Value, resource: Value| json!({"Effect": effect, "Action": actions, "Resource": resource});
    let team = |team: usize| {
        let own = format!("arn:aws:iam::*:role/team{team}/*");
        let statements = match team % 10 {
            0 => vec![
                statement("Allow", json!("iam:PassRole"), json!(own)),
                statement("Allow", json!(["lambda:*", "ec2:*"]), json!("*")),
            ],
            1 => vec![statement("Allow", json!("sts:AssumeRole"), json!(own))],
            2 => vec![statement("Allow", json!("iam:Attach*"), json!(own))],
            3 => vec![
                statement("Allow", json!("*"), json!("*")),
                statement("Deny", json!("iam:*"), json!("*")),
            ],
            4 => vec![statement(
                "Allow",
                json!(["iam:CreateAccessKey", "iam:UpdateLoginProfile"]),
                json!("arn:aws:iam::*:user/${aws:username}"),
            )],
            5 => vec![statement(
                "Allow",
                json!(["iam:PassRole", "ecs:*", "cloudformation:*"]),
                json!("*"),
            )],
            6 if team == 36 => vec![statement("Allow", json!("*"), json!("*"))],
            _ => vec![statement(
                "Allow",
                json!(["s3:Get*", "s3:List*", "ec2:Describe*", "logs:*"]),
                json!("*"),
            )],
        };
        named(&document(statements), PolicyKind::Identity)
    };
    let teams: Vec<NamedPolicy> = (0..40).map(team).collect();
    let trust = |principal: Value| json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]);
    let scps = vec![Level {
        name: "root".to_owned(),
        policies: vec![
            named(
                &document(vec![statement("Allow", json!("*"), json!("*"))]),
                PolicyKind::ServiceControl,
            ),
            named(
                &document(vec![
                    json!({"Effect": "Deny", "Action": ["iam:CreateUser", "iam:CreateAccessKey"], "Resource": "*",
                    "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/keeper"}}}),
                ]),
                PolicyKind::ServiceControl,
            ),
        ],
    }];
    let mut estate = Estate::default();
    let accounts: Vec<String> = (1..=4).map(|at| format!("{at}11122223333")).collect();
    for account in &accounts {
        estate.accounts.insert(
            account.clone(),
            Account {
                scps: scps.clone(),
                ..Account::default()
            },
        );
    }
    let mut subjects = Vec::with_capacity(count);
    for at in 0..count {
        let account = &accounts[at % accounts.len()];
        let is_user = at % 3 == 0;
        let name = if is_user {
            format!("user/u{at}")
        } else {
            format!("role/team{}/r{at}", at % 40)
        };
        let arn = format!("arn:aws:iam::{account}:{name}");
        let own = statement(
            "Allow",
            json!("s3:*"),
            json!(format!("arn:aws:s3:::bucket-{at}/*")),
        );
        let own = named(&document(vec![own]), PolicyKind::Identity);
        subjects.push(Subject {
            arn: arn.clone(),
            account: account.clone(),
            id: None,
            identity: vec![teams[at / 7 % 40].clone(), own],
            groups: Vec::new(),
            boundaries: Vec::new(),
            tags: Vec::new(),
            unseen: None,
        });
        if !is_user {
            let principal = match at % 5 {
                0 => json!({"AWS": account}),
                1 => json!({"Service": "lambda.amazonaws.com"}),
                2 => json!({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}),
                3 => {
                    json!({"AWS": format!("arn:aws:iam::{account}:role/team{}/r{}", (at + 20) % 40, at + 20)})
                }
                _ => json!({"Service": "cloudformation.amazonaws.com"}),
            };
            estate.resources.push(Resource {
                arn,
                kind: "AWS::IAM::Role",
                account: account.clone(),
                region: String::new(),
                policy: Seen::Told(Some(named(
                    &json!({"Version": "2012-10-17", "Statement": trust(principal)}),
                    PolicyKind::Trust,
                ))),
                facts: Facts::default(),
                unseen: None,
            });
        }
    }
    estate.subjects = subjects.into();
    let before = cpu();
    let field = field(&estate);
    let found = escalation(&field);
    let ways = found.ways();
    let steps: usize = (0..count).map(|at| found.steps(at).len()).sum();
    say(
        &format!("escalation over {count} principals"),
        &format!(
            "{:.2} s ({steps} steps, {} ways)",
            (cpu() - before).as_secs_f64(),
            ways.len()
        ),
    );
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    format!(
        "median {:.3} ms, p99 {:.2} ms, max {:.1} ms, {} of them",
        at(50),
        at(99),
        at(100),
        times.len()
    )
}

/// The wall time of a piece of work, the best of three: another process on the core only makes it worse.
fn best(work: &mut dyn FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = std::time::Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best
}

fn managed(text: &str) {
    let policies: Vec<(String, Layers)> = text
        .lines()
        .map(|line| {
            let entry: Value = serde_json::from_str(line).unwrap();
            let layers = Layers {
                identity: vec![named(&entry["document"], PolicyKind::Identity)],
                ..Layers::default()
            };
            (entry["name"].as_str().unwrap().to_owned(), layers)
        })
        .collect();
    let questions = [
        ("iam:passrole", "arn:aws:iam::*:role/*"),
        ("s3:getobject", "arn:aws:s3:::*"),
        ("kms:*", "*"),
        ("*", "*"),
    ];
    let principal = Principal::parse(USER).unwrap();
    let context = Context::new();
    let mut times = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut slowest: Vec<(Duration, String)> = Vec::new();
    for (name, layers) in &policies {
        for (action, resource) in questions {
            let actions = [Template::new(action, true, false)];
            let resources = [Template::new(resource, true, false)];
            let mut said = "";
            let mut why = None;
            let spent = best(&mut || {
                said = match reach(&Ask {
                    layers,
                    principal: &principal,
                    actions: &actions,
                    resources: &resources,
                    resource_account: Some("111122223333"),
                    context: &context,
                    domains: &BTreeMap::new(),
                    barred: &[],
                    anybody: false,
                }) {
                    Reach::Can(_) => "can",
                    Reach::Cannot => "cannot",
                    Reach::Unknown(unknown) => {
                        why = Some(unknown.to_string());
                        "unknown"
                    }
                };
            });
            times.push(spent);
            slowest.push((spent, format!("{name}, {action} on {resource}: {said}")));
            *counts.entry(said).or_default() += 1;
            if let Some(why) = why {
                *reasons.entry(why).or_default() += 1;
            }
        }
    }
    slowest.sort();
    for (spent, what) in slowest.iter().rev().take(5) {
        say(what, &format!("{:.2} ms", spent.as_secs_f64() * 1e3));
    }
    for (why, times) in reasons {
        say(&why, &format!("{times} times unknown"));
    }
    say(
        "existential questions over AWS managed policies",
        &format!("{}: {counts:?}", percentiles(times)),
    );
}

fn pairs(text: &str) {
    let parsed: Value = serde_json::from_str(text).unwrap();
    let list = parsed
        .as_array()
        .or_else(|| parsed["cases"].as_array())
        .unwrap();
    let mut times = Vec::new();
    for pair in list {
        let grammar = if pair.to_string().contains("Principal\"") {
            Grammar::Resource
        } else {
            Grammar::Identity
        };
        let kind = match grammar {
            Grammar::Resource => PolicyKind::Resource,
            Grammar::Identity => PolicyKind::Identity,
        };
        let (one, other) = (&pair["policy1"], &pair["policy2"]);
        if one.is_null() || other.is_null() {
            continue;
        }
        let (one, other) = (policy(one, kind), policy(other, kind));
        times.push(best(&mut || {
            std::hint::black_box(compare(&one, &other, grammar));
        }));
        times.push(best(&mut || {
            std::hint::black_box(compare(&other, &one, grammar));
        }));
    }
    say("implication over pairs of policies", &percentiles(times));
}
