//! The compiled evaluator and the literal one on cases that the input chooses: the same verdict.
#![no_main]

#[path = "../../crates/iam/tests/support/naive.rs"]
mod naive;

use libfuzzer_sys::fuzz_target;
use palisade_iam::simulate;
use serde_json::{Value, json};

/// Choices, one byte each; zeros at the end.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % bound
    }

    fn one<'v>(&mut self, values: &[&'v str]) -> &'v str {
        values[self.below(values.len())]
    }

    fn some(&mut self, values: &[&str]) -> Value {
        (0..=self.below(2)).map(|_| self.one(values)).collect()
    }

    fn statement(&mut self, principals: bool) -> Value {
        let mut statement = json!({"Effect": self.one(&["Allow", "Allow", "Deny"])});
        let not = ["", "", "", "Not"];
        statement[format!("{}Action", self.one(&not))] = self.some(&ACTIONS);
        statement[format!("{}Resource", self.one(&not))] = self.some(&RESOURCES);
        if principals {
            let named = match self.below(6) {
                0 => json!("*"),
                1 => json!({"Service": self.some(&["lambda.amazonaws.com", "s3.amazonaws.com"])}),
                _ => json!({"AWS": self.some(&NAMED)}),
            };
            statement[format!("{}Principal", self.one(&not))] = named;
        }
        for _ in 0..self.below(3) {
            let operator = self.one(&OPERATORS);
            let values = self.some(&VALUES);
            statement["Condition"][operator][self.one(&KEYS)] = values;
        }
        statement
    }

    fn policy(&mut self, principals: bool) -> Value {
        let statements: Vec<Value> = (0..=self.below(3))
            .map(|_| self.statement(principals))
            .collect();
        let version = self.one(&["2012-10-17", "2012-10-17", "2008-10-17"]);
        json!({"Version": version, "Statement": statements})
    }

    fn policies(&mut self, most: usize, principals: bool) -> Vec<Value> {
        (0..self.below(most + 1))
            .map(|_| self.policy(principals))
            .collect()
    }

    fn maybe(&mut self, principals: bool) -> Value {
        if self.below(2) == 0 {
            Value::Null
        } else {
            self.policy(principals)
        }
    }

    fn levels(&mut self, principals: bool) -> Vec<Value> {
        (0..self.below(3))
            .map(|at| json!({"level": at, "policies": self.policies(2, principals)}))
            .collect()
    }
}

const ACTIONS: [&str; 9] = [
    "*",
    "s3:*",
    "s3:Get*",
    "S3:?etObject",
    "kms:*",
    "sts:*",
    "*:*e*",
    "ec2:StopInstances",
    "kms:RetireGrant",
];
const ASKED: [&str; 7] = [
    "s3:GetObject",
    "s3:PutObject",
    "kms:Decrypt",
    "kms:RetireGrant",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
    "ec2:StopInstances",
];
const RESOURCES: [&str; 8] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::?/o",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:iam::*:role/app",
    "arn:*:*:*:444455556666:*",
    "arn:aws:s3:::*/${x:Text, 'ann'}/*",
];
const ON: [&str; 7] = [
    "arn:aws:s3:::b/ann/o",
    "arn:aws:s3:::c/o",
    "arn:aws:kms:eu-west-1:111122223333:key/k",
    "arn:aws:kms:eu-west-1:444455556666:key/k",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::444455556666:role/app",
    "*",
];
const CALLERS: [&str; 5] = [
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:user/eve",
];
const NAMED: [&str; 6] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s",
    "444455556666",
];
const OPERATORS: [&str; 12] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLikeIfExists",
    "StringEqualsIgnoreCase",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotEquals",
    "NumericLessThanEquals",
    "Bool",
    "Null",
    "IpAddress",
    "ArnLike",
];
const KEYS: [&str; 5] = [
    "x:Text",
    "x:Many",
    "aws:username",
    "aws:PrincipalArn",
    "aws:SourceIp",
];
const VALUES: [&str; 9] = [
    "ann",
    "a*",
    "*",
    "true",
    "10",
    "10.0.0.0/8",
    "${aws:username}",
    "arn:aws:iam::*:role/app",
    "",
];

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices(data.iter());
    let mut context = json!({});
    for key in KEYS.iter().filter(|key| !key.starts_with("aws:P") && **key != "aws:username") {
        match choices.below(4) {
            0 => {}
            1 => context[*key] = choices.some(&VALUES),
            2 => context[*key] = Value::Null,
            _ => context[*key] = choices.one(&VALUES).into(),
        }
    }
    let owner = match choices.below(3) {
        0 => Value::Null,
        1 => json!("111122223333"),
        _ => json!("444455556666"),
    };
    let case = json!({
        "id": 1,
        "request": {
            "principal": choices.one(&CALLERS),
            "action": choices.one(&ASKED),
            "resource": choices.one(&ON),
            "resourceAccount": owner,
            "context": context,
        },
        "identityPolicies": choices.policies(2, false),
        "resourcePolicy": choices.maybe(true),
        "permissionBoundaries": choices.policies(1, false),
        "sessionPolicy": choices.maybe(false),
        "scps": choices.levels(false),
        "rcps": choices.levels(true),
        "endpointPolicies": choices.policies(1, true),
    });
    let services: Vec<&str> = include_str!("../../crates/iam/data/rcp-services.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let answer: Value = serde_json::from_slice(simulate(case.to_string().as_bytes()).line.as_bytes())
        .unwrap_or_default();
    assert_eq!(
        answer["decision"].as_str(),
        Some(naive::verdict(&case, &services)),
        "{case}"
    );
});
