//! Who can encrypt with a KMS key, who can decrypt, and who can do both.

use super::{
    Access, Estate, Resource, Subject,
    asking::{Asking, Operations, Told},
    people::People,
    person::Question,
    questions::access,
};
use crate::model::Template;
use crate::shared::Answer;
use std::collections::BTreeMap;

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
    /// The principal's ARN.
    pub principal: String,
    /// Whether it can encrypt; `None`: it cannot.
    pub encrypt: Option<Access>,
    /// Whether it can decrypt.
    pub decrypt: Option<Access>,
}

/// The same without the requests that show it.
#[derive(Debug, Clone, Copy)]
pub struct KeyUse<'a> {
    /// The key.
    pub key: &'a Resource,
    /// The principal's ARN.
    pub principal: &'a str,
    /// Whether it can encrypt; an error says why that is not known.
    pub encrypt: Result<bool, &'a str>,
    /// Whether it can decrypt.
    pub decrypt: Result<bool, &'a str>,
}

/// Every principal that can use a key, key by key; `*` stands for those that were not asked of a key for anybody.
#[must_use]
pub fn key_access(estate: &Estate) -> Vec<KeyAccess> {
    let mut all = Vec::new();
    let [encrypt, decrypt] = [templates(&ENCRYPT), templates(&DECRYPT)];
    let subjects = estate.subjects.iter();
    let subjects: BTreeMap<&str, &Subject> = subjects
        .map(|subject| (subject.arn.as_str(), subject))
        .collect();
    each_key_use(estate, |found| {
        let subject = subjects.get(found.principal).copied();
        let shown = |can: Result<bool, &str>, actions: &[Template]| match (can, subject) {
            (Ok(true), Some(subject)) => {
                let resources = [Template::new(&found.key.arn, false, false)];
                access(
                    estate,
                    subject,
                    Some(found.key),
                    &question(actions, &resources, found.key),
                )
            }
            (Ok(_), _) => None,
            (Err(why), _) => Some(Access::Unknown(why.to_owned())),
        };
        all.push(KeyAccess {
            key: found.key.arn.clone(),
            principal: found.principal.to_owned(),
            encrypt: shown(found.encrypt, &encrypt),
            decrypt: shown(found.decrypt, &decrypt),
        });
    });
    all
}

fn templates(actions: &[&str]) -> Vec<Template> {
    let actions = actions.iter();
    actions
        .map(|action| Template::new(action, false, false))
        .collect()
}

fn question<'a>(
    actions: &'a [Template],
    resources: &'a [Template],
    key: &'a Resource,
) -> Question<'a> {
    Question {
        actions,
        resources,
        resource_account: Some(&key.account),
    }
}

/// Every principal that can use a key, one by one, key by key; `*` stands for those that were not asked.
pub fn each_key_use(estate: &Estate, mut take: impl FnMut(KeyUse<'_>)) {
    let mut keys = (estate.resources.iter())
        .filter(|resource| resource.kind == "AWS::KMS::Key")
        .peekable();
    if keys.peek().is_none() {
        return;
    }
    let (encrypt, decrypt) = (templates(&ENCRYPT), templates(&DECRYPT));
    let both: Vec<Template> = encrypt.iter().chain(&decrypt).cloned().collect();
    let told = Told::of(estate);
    let mut asking = Asking::of(estate, &told, both.clone());
    let any = Operations {
        name: "any",
        actions: &both,
    };
    let people = People::of(estate, |at| asking.is_able(at, any));
    let encrypt = Operations {
        name: "encrypt",
        actions: &encrypt,
    };
    let decrypt = Operations {
        name: "decrypt",
        actions: &decrypt,
    };
    for key in keys {
        let (before, more) = people.before(key);
        let mut side = asking.side(key);
        for at in before {
            let Some(subject) = estate.subjects.get(at) else {
                continue;
            };
            let [encrypt, decrypt] = [encrypt, decrypt].map(|what| asking.can(at, &mut side, what));
            if (&encrypt, &decrypt) == (&Answer::No, &Answer::No) {
                continue;
            }
            take(KeyUse {
                key,
                principal: &subject.arn,
                encrypt: can(&encrypt),
                decrypt: can(&decrypt),
            });
        }
        if more > 0 {
            let why = format!(
                "{more} more principals of other accounts were not asked: the key's policy may let in anybody"
            );
            take(KeyUse {
                key,
                principal: "*",
                encrypt: Err(&why),
                decrypt: Err(&why),
            });
        }
    }
}

fn can(answer: &Answer) -> Result<bool, &str> {
    match answer {
        Answer::Yes => Ok(true),
        Answer::No => Ok(false),
        Answer::Open(why) => Err(why),
    }
}
