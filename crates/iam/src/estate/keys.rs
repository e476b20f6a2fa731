//! Who can encrypt with a KMS key, who can decrypt, and who can do both.

use super::{Access, Estate, person::Question, questions::access};
use crate::model::Template;

/// Operations that turn plain data into encrypted ("Permissions for AWS services in key policies", KMS Developer Guide).
const ENCRYPT: [&str; 6] = [
    "kms:encrypt",
    "kms:generatedatakey",
    "kms:generatedatakeywithoutplaintext",
    "kms:generatedatakeypair",
    "kms:generatedatakeypairwithoutplaintext",
    "kms:reencryptto",
];
/// Operations that turn it back.
const DECRYPT: [&str; 2] = ["kms:decrypt", "kms:reencryptfrom"];

/// One principal before one key.
#[derive(Debug, Clone)]
pub struct KeyAccess {
    /// The key's ARN.
    pub key: String,
    /// The key's account.
    pub account: String,
    /// The key's region.
    pub region: String,
    /// The principal's ARN.
    pub principal: String,
    /// Whether it can encrypt; `None`: it cannot.
    pub encrypt: Option<Access>,
    /// Whether it can decrypt.
    pub decrypt: Option<Access>,
}

/// Every principal that can use a key, key by key.
#[must_use]
pub fn key_access(estate: &Estate) -> Vec<KeyAccess> {
    let templates = |actions: &[&str]| -> Vec<Template> {
        actions
            .iter()
            .map(|action| Template::new(action, false, false))
            .collect()
    };
    let (encrypt, decrypt) = (templates(&ENCRYPT), templates(&DECRYPT));
    let mut all = Vec::new();
    for key in &estate.resources {
        if key.kind != "AWS::KMS::Key" {
            continue;
        }
        let resources = [Template::new(&key.arn, false, false)];
        for subject in &estate.subjects {
            let ask = |actions: &[Template]| {
                let question = Question {
                    actions,
                    resources: &resources,
                    resource_account: Some(&key.account),
                };
                access(estate, subject, Some(key), &question)
            };
            let found = KeyAccess {
                key: key.arn.clone(),
                account: key.account.clone(),
                region: key.region.clone(),
                principal: subject.arn.clone(),
                encrypt: ask(&encrypt),
                decrypt: ask(&decrypt),
            };
            if found.encrypt.is_some() || found.decrypt.is_some() {
                all.push(found);
            }
        }
    }
    all
}
