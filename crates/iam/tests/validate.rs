//! Policy validation: each code on a policy that has the issue, none on policies that have none, and AWS's own policies.
#![cfg(test)]

mod support;

use palisade_iam::validate::{Code, PolicyType, Weight, guess, validate};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use support::authorization;

fn kind(text: &str) -> (PolicyType, Option<&str>) {
    let (name, service) = text
        .split_once('/')
        .map_or((text, None), |(name, s)| (name, Some(s)));
    let kind = match name {
        "identity" => PolicyType::Identity,
        "resource" => PolicyType::Resource,
        "trust" => PolicyType::Trust,
        "scp" => PolicyType::ServiceControl,
        "rcp" => PolicyType::ResourceControl,
        other => panic!("{other}"),
    };
    (kind, service)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

#[test]
fn each_code_that_is_decided_is_found_where_it_is() {
    let data = authorization();
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for line in lines(include_str!("policies/bad.txt")) {
        let [code, attached, text] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (kind, service) = kind(attached);
        let found: Vec<&str> = validate(text, kind, service, &data)
            .iter()
            .map(|issue| issue.code.name())
            .collect();
        if !found.contains(&code) {
            faults.push(format!(
                "{code}: {}: {found:?}",
                text.get(..400).unwrap_or(text)
            ));
        }
        seen.insert(code);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for code in Code::ALL {
        assert_eq!(
            code.undecided().is_none(),
            seen.contains(code.name()),
            "{code}: a code is decided, and has a policy here, or says why it is not"
        );
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let data = authorization();
    for line in lines(include_str!("policies/good.txt")) {
        let (attached, text) = line.split_once(' ').unwrap();
        let (kind, service) = kind(attached);
        assert_eq!(validate(text, kind, service, &data), [], "{text}");
    }
}

/// "Access Analyzer policy check reference" (IAM User Guide).
#[test]
fn the_reference_is_all_there_with_its_finding_types() {
    let reference: BTreeMap<&str, &str> = lines(include_str!("policies/reference.txt"))
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    let ours: BTreeMap<&str, &str> = Code::ALL
        .iter()
        .map(|code| (code.name(), code.weight().name()))
        .collect();
    assert_eq!(ours, reference);
    assert_eq!(ours.len(), Code::ALL.len());
    let undecided: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| code.undecided().is_some())
        .map(|code| code.name())
        .collect();
    assert_eq!(
        undecided,
        [
            "SCP_SYNTAX_ERROR_ACTION_WILDCARD",
            "DEPRECATED_GLOBAL_CONDITION_KEY"
        ]
    );
}

/// "IAM and AWS STS quotas" (IAM User Guide): 6,144 characters of a managed policy, white space not counted.
#[test]
fn an_identity_policy_longer_than_a_managed_policy_is_told() {
    let data = authorization();
    let of = |size: usize, space: usize| {
        let start = r#"{"Version":"2012-10-17","Id":""#;
        let end = r#"","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;
        let fill = "a".repeat(size - start.len() - end.len());
        let text = format!("{start}{fill}{end}{}", " ".repeat(space));
        let codes = validate(&text, PolicyType::Identity, None, &data);
        codes
            .iter()
            .map(|issue| issue.code.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(6_144, 10_000), [""; 0]);
    assert_eq!(of(6_145, 0), ["POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"]);
}

/// Whatever a document holds, what is said of it can be read.
#[test]
fn messages_repeat_long_text_in_part() {
    let data = authorization();
    let long = "é`x".repeat(100_000);
    for element in ["Action", "Resource", "Principal", "Sid", "Effect", "Else"] {
        for value in [format!("{long:?}"), format!("{{{long:?}:{long:?}}}")] {
            let text = format!(
                "{{\"Version\":{value},{value:?}:1,\"Statement\":[{{\"{element}\":{value},\"Condition\":{{{long:?}:{{{long:?}:{value}}}}}}}]}}"
            );
            for kind in [
                PolicyType::Identity,
                PolicyType::Trust,
                PolicyType::Resource,
                PolicyType::ResourceControl,
            ] {
                for issue in validate(&text, kind, Some("s3"), &data) {
                    let suggestion = issue.suggestion.as_deref().unwrap_or_default();
                    for told in [issue.message.as_ref(), suggestion] {
                        let length = told.chars().count();
                        assert!(length < 4_000, "{}: {length}", issue.code);
                    }
                }
            }
        }
    }
    let long = "x".repeat(300_000);
    let text = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"{long}\",\"Resource\":\"*\"}}]}}"
    );
    let issues = validate(&text, PolicyType::Identity, None, &data);
    let message = issues.first().unwrap().message.chars().count();
    assert!(message < 260, "{message}");
    let case = format!(
        "{{\"request\":{{\"principal\":\"arn:aws:iam::111122223333:user/a\",\"action\":\"s3:GetObject\",\"resource\":\"arn:aws:s3:::b/o\"}},\"{long}\":1,\"identityPolicies\":[{text}]}}"
    );
    let answer = palisade_iam::simulate(case.as_bytes());
    assert!(answer.warnings.len() > 1);
    for told in &answer.warnings {
        assert!(told.chars().count() < 400, "{}", told.chars().count());
    }
}

#[test]
fn an_issue_has_its_place_and_a_suggestion() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\n    \"Effect\": \"Allow\",\n    \"Action\": [\"s3:GetObject\", \"s3:PutObjects\"],\n    \"Resource\": \"*\"\n  }\n}";
    let issues = validate(text, PolicyType::Identity, None, &authorization());
    let [issue] = &issues[..] else {
        panic!("{issues:?}");
    };
    assert_eq!((issue.at.line, issue.at.column), (5, 32));
    assert_eq!(issue.statement, Some(0));
    assert_eq!(
        issue.suggestion.as_deref(),
        Some("did you mean `s3:PutObject`?")
    );
}

#[test]
fn the_type_is_told_from_the_elements() {
    let of = |statement: &str| guess(&format!("{{\"Statement\":{statement}}}"));
    assert_eq!(of(r#"{"Resource":"*"}"#), Some(PolicyType::Identity));
    assert_eq!(
        of(r#"[{"Principal":"*","Resource":"*"}]"#),
        Some(PolicyType::Resource)
    );
    assert_eq!(
        of(r#"[{"Principal":{"AWS":"1"}}]"#),
        Some(PolicyType::Trust)
    );
    assert_eq!(of("7"), Some(PolicyType::Identity));
    assert_eq!(guess("{"), None);
}

#[test]
fn hostile_documents_end() {
    let data = authorization();
    let stars = format!("\"{}\"", "*a".repeat(20_000));
    let many = format!("[{}\"x\"]", "\"s3:Get*\",".repeat(5_000));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for value in [
        stars.as_str(),
        many.as_str(),
        deep.as_str(),
        "null",
        "{}",
        "7",
    ] {
        for element in [
            "Action",
            "Resource",
            "Principal",
            "Condition",
            "Sid",
            "Effect",
        ] {
            let text = format!("{{\"Statement\":[{{\"{element}\":{value}}}]}}");
            for kind in [
                PolicyType::Identity,
                PolicyType::Trust,
                PolicyType::Resource,
            ] {
                assert!(!validate(&text, kind, Some("s3"), &data).is_empty());
            }
        }
    }
}

/// AWS's own policies, from the emulator's package: no error but those of the list, and each of the list.
#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the runner names the Python that has the emulator; its absence is told"
)]
fn the_errors_in_the_managed_policies_of_aws_are_explained() {
    let Ok(python) = std::env::var("PALISADE_PYTHON") else {
        eprintln!("skipped: PALISADE_PYTHON is not set");
        return;
    };
    let script =
        "from moto.iam.aws_managed_policies import aws_managed_policies_data as d; print(d)";
    let out = Command::new(python).args(["-c", script]).output().unwrap();
    let all: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&out.stdout).unwrap();
    assert!(all.len() > 1_000);
    let explained: Vec<(&str, &str)> = lines(include_str!("policies/managed-errors.txt"))
        .map(|line| {
            let [code, subject, reason] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            assert!(!reason.is_empty());
            (code, subject)
        })
        .collect();
    let data = authorization();
    let mut faults = BTreeSet::new();
    for (name, policy) in &all {
        let text = policy["Document"].to_string();
        for issue in validate(&text, PolicyType::Identity, None, &data) {
            if issue.code.weight() != Weight::Error {
                continue;
            }
            let subject = issue.message.split('`').nth(1).unwrap_or_default();
            let is_told = explained.iter().any(|(code, told)| {
                *code == issue.code.name()
                    && (*told == subject
                        || told
                            .strip_suffix('*')
                            .is_some_and(|start| subject.starts_with(start)))
            });
            if !is_told {
                faults.insert(format!("{}\t{subject}\t{name}", issue.code));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}",
        faults.into_iter().collect::<Vec<_>>().join("\n")
    );
}
