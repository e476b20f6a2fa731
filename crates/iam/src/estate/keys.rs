//! Who can encrypt with a KMS key, who can decrypt, and who can do both.

use super::{Access, Estate, Resource, Seen, Subject, person::Question, questions::access};
use crate::model::{Reached, Template};
use std::collections::{BTreeMap, BTreeSet};

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
    let people = People::of(estate);
    let mut all = Vec::new();
    for key in &estate.resources {
        if key.kind != "AWS::KMS::Key" {
            continue;
        }
        let resources = [Template::new(&key.arn, false, false)];
        for subject in people.before(key) {
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

/// The principals of an estate, by account.
struct People<'a> {
    all: &'a [Subject],
    by_account: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> People<'a> {
    fn of(estate: &'a Estate) -> Self {
        let mut by_account: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, subject) in estate.subjects.iter().enumerate() {
            by_account.entry(&subject.account).or_default().push(at);
        }
        Self {
            all: &estate.subjects,
            by_account,
        }
    }

    /// Those that the key may let in, in order: its own account's, and whom its policy or a grant may speak of. Nobody
    /// uses a key of another account without it ("Allowing users in other accounts to use a KMS key").
    fn before(&self, key: &Resource) -> Vec<&'a Subject> {
        let Some(accounts) = reached(key) else {
            return self.all.iter().collect();
        };
        let named = accounts.iter().map(String::as_str);
        let places: BTreeSet<usize> = named
            .filter_map(|account| self.by_account.get(account))
            .flatten()
            .copied()
            .collect();
        let subjects = places.into_iter().filter_map(|at| self.all.get(at));
        subjects.collect()
    }
}

/// The accounts that a key speaks of; `None`: any.
fn reached(key: &Resource) -> Option<BTreeSet<String>> {
    let Seen::Told(policy) = &key.policy else {
        return None;
    };
    let named = policy.as_ref().map(|named| named.policy.reached());
    let mut accounts = match named {
        Some(Reached::Anywhere) => return None,
        Some(Reached::Accounts(accounts)) => accounts,
        None => BTreeSet::new(),
    };
    accounts.insert(key.account.clone());
    let grantees = key.facts.kms_grants.iter();
    accounts.extend(grantees.filter_map(|g| g.grantee.split(':').nth(4).map(str::to_owned)));
    Some(accounts)
}
