//! Pairs of policies whose implication another tool decided (Quacky, github.com/vlab-cs-ucsb/quacky). The pairs are not
//! part of this repository: set `PALISADE_QUACKY` to their file when building, and run with `--ignored`.
//! Where we differ, we have a request that shows it, or the reason is one of two checked here.
#![cfg(test)]

use palisade_iam::{
    Comparison, Grammar, compare,
    parse::{Mode, PolicyKind, read_policy},
};
use serde_json::{Value, json};

/// Pairs whose second policy grants what the first does not, though Quacky says that it implies the first.
const REFUTED: [(&str, &str); 3] = [
    (
        "ec2#165 ec2#166",
        "the first policy wants a tag (StringEqualsIgnoreCase), the second nothing: a request without the tag",
    ),
    (
        "ec2#168 ec2#169 ec2#176 ec2#178 ec2#179 ec2#180 ec2#181 ec2#187 ec2#188 ec2#189 ec2#190 ec2#191",
        "the second policy allows other actions, or denies nothing as its NotResource is *: such an action, or an address outside the ranges",
    ),
    (
        "iam#2",
        "`$account` is text: another role of that account is outside the first NotResource and inside the second",
    ),
];

/// Pairs whose policies deny less and more under `BoolIfExists`, or are the same but for `Version` and have no variables:
/// Quacky finds that neither implies the other, though one does, by the letter of both.
const IMPLIED: [&str; 3] = ["ec2#44", "ec2#45", "ec2#47"];

struct Asked {
    implied: Option<bool>,
    how: String,
}

fn ask(new: &Value, old: &Value) -> Asked {
    let grammar = if new.to_string().contains("Principal\"") {
        Grammar::Resource
    } else {
        Grammar::Identity
    };
    let kind = if grammar == Grammar::Resource {
        PolicyKind::Resource
    } else {
        PolicyKind::Identity
    };
    let read = |policy: &Value| {
        read_policy(&policy.to_string(), kind, Mode::Lenient)
            .unwrap()
            .policy
    };
    let (implied, how) = match compare(&read(old), &read(new), grammar) {
        Comparison::NoNewAccess => (Some(true), String::new()),
        Comparison::NewAccess(found) => (
            Some(false),
            format!(
                "{} {} {:?}",
                found.request.action, found.request.resource, found.context
            ),
        ),
        Comparison::Unknown(unknown) => (None, unknown.to_string()),
    };
    Asked { implied, how }
}

/// Without a version a document is of 2008 and its `${...}` is text; Quacky reads it as a variable. With both of 2012
/// we agree.
fn is_about_versions(new: &Value, old: &Value, expected: Option<bool>) -> bool {
    let dated = |policy: &Value| {
        let mut policy = policy.clone();
        policy["Version"] = json!("2012-10-17");
        policy
    };
    let undated = new.get("Version").is_none() || old.get("Version").is_none();
    undated && new.to_string().contains("${") && ask(&dated(new), &dated(old)).implied == expected
}

#[test]
#[ignore = "needs the pairs: PALISADE_QUACKY=<file> at build time"]
fn implications() {
    let Some(file) = option_env!("PALISADE_QUACKY") else {
        panic!("set PALISADE_QUACKY to the file of pairs")
    };
    let cases: Vec<Value> = serde_json::from_str(&fs_err::read_to_string(file).unwrap()).unwrap();
    let (mut agreed, mut versions, mut refuted, mut implied) = (0, 0, 0, 0);
    let mut unexplained = Vec::new();
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        for (new, old, direction) in [
            ("policy1", "policy2", "p1_implies_p2"),
            ("policy2", "policy1", "p2_implies_p1"),
        ] {
            let (new, old, expected) = (&case[new], &case[old], case[direction].as_bool());
            let asked = ask(new, old);
            let listed = REFUTED
                .iter()
                .any(|(ids, _)| ids.split(' ').any(|known| known == id));
            if asked.implied == expected {
                agreed += 1;
            } else if is_about_versions(new, old, expected) {
                versions += 1;
            } else if listed && expected == Some(true) && asked.implied == Some(false) {
                refuted += 1;
            } else if IMPLIED.contains(&id)
                && expected == Some(false)
                && asked.implied == Some(true)
            {
                implied += 1;
            } else {
                unexplained.push(format!(
                    "{direction} of {id}: Quacky {expected:?}, we {:?}: {}",
                    asked.implied, asked.how
                ));
            }
        }
    }
    let summary = format!(
        "agreed {agreed}, about versions {versions}, refuted with a request {refuted}, implied by the letter {implied}"
    );
    assert!(
        unexplained.is_empty(),
        "{summary}, unexplained {}:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
    assert_eq!(
        agreed + versions + refuted + implied,
        2 * cases.len(),
        "{summary}"
    );
    assert!(agreed > 2 * cases.len() * 9 / 10, "{summary}");
}
