//! Builds cases in the format of `simulate` and asks for the answer.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::panic
)]

pub mod accounts;
pub mod trail;

use palisade_iam::simulate_line;
use serde_json::{Value, json};

/// Who, what and where of most cases.
pub const USER: &str = "arn:aws:iam::111122223333:user/ann";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/app";
pub const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";
pub const BUCKET: &str = "arn:aws:s3:::b/o";
pub const GET: &str = "s3:GetObject";

pub struct Case(Value);

pub fn case(principal: &str, action: &str, resource: &str) -> Case {
    let principal = serde_json::from_str(principal)
        .ok()
        .filter(Value::is_object)
        .unwrap_or_else(|| principal.into());
    Case(
        json!({"id": "t", "request": {"principal": principal, "action": action, "resource": resource, "context": {}}}),
    )
}

impl Case {
    fn push(mut self, name: &str, value: impl Into<String>) -> Self {
        let value: Value = serde_json::from_str(&value.into()).unwrap();
        match self.0.get_mut(name) {
            Some(Value::Array(list)) => list.push(value),
            _ => self.0[name] = json!([value]),
        }
        self
    }
    pub fn identity(self, policy: impl Into<String>) -> Self {
        self.push("identityPolicies", policy)
    }
    pub fn boundary(self, policy: impl Into<String>) -> Self {
        self.push("permissionBoundaries", policy)
    }
    pub fn endpoint(self, policy: impl Into<String>) -> Self {
        self.push("endpointPolicies", policy)
    }
    pub fn scp(self, level: String) -> Self {
        self.push("scps", level)
    }
    pub fn rcp(self, level: String) -> Self {
        self.push("rcps", level)
    }
    pub fn resource(self, policy: impl Into<String>) -> Self {
        self.member("resourcePolicy", &policy.into())
    }
    pub fn session(self, policy: impl Into<String>) -> Self {
        self.member("sessionPolicy", &policy.into())
    }
    pub fn member(mut self, name: &str, value: &str) -> Self {
        self.0[name] = serde_json::from_str(value).unwrap();
        self
    }
    pub fn resource_account(mut self, account: &str) -> Self {
        self.0["request"]["resourceAccount"] = account.into();
        self
    }
    pub fn context(mut self, key: &str, value: &str) -> Self {
        self.0["request"]["context"][key] = serde_json::from_str(value).unwrap();
        self
    }
    pub fn answer(&self) -> Value {
        serde_json::from_str(&simulate_line(&self.0.to_string())).unwrap()
    }
    #[track_caller]
    pub fn is(&self, expected: &str) {
        let answer = self.answer();
        assert_eq!(
            answer["decision"], expected,
            "\ncase: {}\nanswer: {answer}",
            self.0
        );
    }
}

pub fn allow(action: &str, resource: &str) -> String {
    policy("Allow", action, resource)
}

pub fn deny(action: &str, resource: &str) -> String {
    policy("Deny", action, resource)
}

fn policy(effect: &str, action: &str, resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action, "Resource": resource}}).to_string()
}

pub fn resource_allow(principal: &str, action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

pub fn level(name: &str, policies: &[String]) -> String {
    let policies: Vec<Value> = policies
        .iter()
        .map(|policy| serde_json::from_str(policy).unwrap())
        .collect();
    json!({"level": name, "policies": policies}).to_string()
}

/// The catalogue's service authorization data.
pub fn authorization() -> palisade_iam::Authorization {
    palisade_iam::Authorization::open(&services()).unwrap()
}

/// The same as its file tells it, a service a line.
pub fn services() -> String {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../catalog/authorization/services.jsonl.zst"
    );
    let bytes = zstd::decode_all(&*fs_err::read(file).unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}
