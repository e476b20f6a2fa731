//! Random cases by number, without a shrinking generator's cost: the same number gives the same case. A fuzzer makes them
//! from its bytes.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

use super::vocabulary::{
    ACTIONS, CALLERS, CONSTRAINTS, GRANTEES, GROUPS, KEYS, NAMED, OPERATORS, PAIRS, PATTERNS,
    PERMISSIONS, RESOURCE_PATTERNS, RESOURCES, TEXTS, VALUES,
};
use serde_json::{Map, Value, json};

/// Where the choices come from.
enum Source {
    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
    Numbers(u64),
    /// One byte each; zeros at the end.
    Bytes(std::vec::IntoIter<u8>),
}

/// Chooses.
pub struct Random(Source);

impl Random {
    pub fn new(seed: u64, case: u64) -> Self {
        let mut random = Self(Source::Numbers(
            seed ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ));
        random.next();
        random
    }

    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(Source::Bytes(bytes.into_iter()))
    }

    /// 31 random bits, or the next byte.
    fn next(&mut self) -> u64 {
        match &mut self.0 {
            Source::Numbers(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                (mixed ^ (mixed >> 31)) >> 33
            }
            Source::Bytes(bytes) => bytes.next().unwrap_or_default().into(),
        }
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % count
    }

    /// Once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }

    fn one_or_more(&mut self, words: &[&'static str]) -> Value {
        if self.once_in(2) {
            return self.of(words).into();
        }
        let count = self.below(3);
        (0..count).map(|_| Value::from(self.of(words))).collect()
    }

    fn list(&mut self, fewer: usize, one: impl Fn(&mut Self) -> Value) -> Value {
        let count = self.below(fewer);
        (0..count).map(|_| one(self)).collect()
    }

    fn condition(&mut self) -> Value {
        let mut operators = Map::new();
        for _ in 0..=self.below(2) {
            let name = self.of(&OPERATORS);
            let operator = match (name, self.below(6)) {
                ("Null", _) => name.to_owned(),
                (_, 0) => format!("ForAllValues:{name}"),
                (_, 1) => format!("ForAnyValue:{name}"),
                (_, 2) => format!("{name}IfExists"),
                (_, 3) => format!("ForAnyValue:{name}IfExists"),
                _ => name.to_owned(),
            };
            let mut keys = Map::new();
            for _ in 0..=self.below(2) {
                keys.insert(self.of(&KEYS).to_owned(), self.one_or_more(&VALUES));
            }
            operators.insert(operator, Value::Object(keys));
        }
        Value::Object(operators)
    }

    fn principal(&mut self) -> Value {
        match self.below(3) {
            0 => json!("*"),
            1 => json!({ "AWS": self.one_or_more(&NAMED) }),
            _ => json!({ "AWS": self.one_or_more(&NAMED), "Service": "s3.amazonaws.com" }),
        }
    }

    fn statement(&mut self, named: bool) -> Value {
        let mut statement = Map::new();
        let effect = if self.once_in(4) { "Deny" } else { "Allow" };
        statement.insert("Effect".to_owned(), effect.into());
        let acts = if self.once_in(6) {
            "NotAction"
        } else {
            "Action"
        };
        statement.insert(acts.to_owned(), self.one_or_more(&PATTERNS));
        let on = if self.once_in(6) {
            "NotResource"
        } else {
            "Resource"
        };
        statement.insert(on.to_owned(), self.one_or_more(&RESOURCE_PATTERNS));
        if self.once_in(3) {
            statement.insert("Condition".to_owned(), self.condition());
        }
        if named {
            let who = if self.once_in(6) {
                "NotPrincipal"
            } else {
                "Principal"
            };
            statement.insert(who.to_owned(), self.principal());
        }
        Value::Object(statement)
    }

    fn policy(&mut self, named: bool) -> Value {
        let count = 1 + self.below(3);
        let statements: Value = (0..count).map(|_| self.statement(named)).collect();
        let mut policy = json!({ "Statement": statements });
        match self.below(6) {
            0 => policy["Version"] = "2008-10-17".into(),
            1 => {}
            _ => policy["Version"] = "2012-10-17".into(),
        }
        policy
    }

    fn levels(&mut self, named: bool) -> Value {
        if !self.once_in(3) {
            return json!([]);
        }
        let count = 1 + self.below(2);
        (0..count)
            .map(|_| {
                let mut policies = self.list(2, |random| random.policy(named));
                if let (false, Value::Array(list)) = (self.once_in(5), &mut policies) {
                    list.push(json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}));
                }
                json!({ "level": "l", "policies": policies })
            })
            .collect()
    }

    fn maybe(&mut self, named: bool) -> Value {
        if self.once_in(2) {
            self.policy(named)
        } else {
            Value::Null
        }
    }

    fn grants(&mut self) -> Value {
        if !self.once_in(3) {
            return json!([]);
        }
        self.list(3, |random| {
            let constraints = random.of(&CONSTRAINTS);
            let operations = random.list(3, |random| {
                random.of(&["Decrypt", "RetireGrant", "DescribeKey"]).into()
            });
            json!({"GranteePrincipal": random.of(&GRANTEES), "RetiringPrincipal": random.of(&GRANTEES),
                "Operations": operations,
                "Constraints": serde_json::from_str::<Value>(constraints).unwrap_or_default()})
        })
    }

    fn acl(&mut self) -> Value {
        if !self.once_in(4) {
            return json!([]);
        }
        self.list(
            2,
            |random| json!({"grantee": random.of(&GROUPS), "permission": random.of(&PERMISSIONS)}),
        )
    }

    /// A case as `simulate` reads it.
    pub fn case(&mut self) -> Value {
        let principal = match self.below(10) {
            0 => json!({"type": "Anonymous"}),
            1 => json!({"type": "Service", "service": "s3.amazonaws.com"}),
            _ => self.of(&CALLERS).into(),
        };
        let mut context = Map::new();
        if self.once_in(2) {
            context.insert("x:Text".to_owned(), self.of(&TEXTS).into());
        }
        if self.once_in(2) {
            let many = self.list(3, |random| random.of(&TEXTS).into());
            context.insert("x:Many".to_owned(), many);
        }
        if self.once_in(3) {
            let keys = self.list(3, |random| random.of(&TEXTS).into());
            context.insert("aws:TagKeys".to_owned(), keys);
        }
        if self.once_in(4) {
            context.insert("aws:userid".to_owned(), "AROAEXAMPLEID:s".into());
        }
        if self.once_in(3) {
            let key = format!("kms:EncryptionContext:{}", self.of(&PAIRS));
            context.insert(key, if self.once_in(4) { "it" } else { "IT" }.into());
        }
        let owner = [Value::Null, json!("111122223333"), json!("444455556666")];
        let owner = owner[self.below(3)].clone();
        let action = self.of(&ACTIONS);
        let resource = self.of(&RESOURCES);
        // A role is assumed, or nothing.
        let resource = if action == "sts:AssumeRole" && !resource.contains(":role/") {
            "arn:aws:iam::111122223333:role/app"
        } else {
            resource
        };
        let request = json!({"principal": principal, "action": action, "resource": resource,
            "resourceAccount": owner, "context": context});
        let boundaries = if self.once_in(3) {
            self.list(2, |random| random.policy(false))
        } else {
            json!([])
        };
        let endpoints = if self.once_in(4) {
            self.list(2, |random| random.policy(true))
        } else {
            json!([])
        };
        json!({
            "id": 1,
            "request": request,
            "identityPolicies": self.list(3, |random| random.policy(false)),
            "resourcePolicy": self.maybe(true),
            "permissionBoundaries": boundaries,
            "sessionPolicy": self.maybe(false),
            "scps": self.levels(false),
            "rcps": self.levels(true),
            "endpointPolicies": endpoints,
            "kms": {"grants": self.grants()},
            "s3": {"acl": self.acl()},
        })
    }
}
