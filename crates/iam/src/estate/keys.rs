//! Who can encrypt with a KMS key, who can decrypt, and who can do both.

use super::{Access, Estate, Resource, Seen, Subject, person::Question, questions::access};
use crate::escalation::{role_of, without_path};
use crate::model::{Effect, PrincipalEntry, Reached, Template};
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

/// Every principal that can use a key, key by key; `*` stands for those that were not asked of a key for anybody.
#[must_use]
pub fn key_access(estate: &Estate) -> Vec<KeyAccess> {
    let mut all = Vec::new();
    each_key_access(estate, |found| all.push(found));
    all
}

/// The same, one by one: each holds the requests that show it.
pub fn each_key_access(estate: &Estate, mut take: impl FnMut(KeyAccess)) {
    let templates = |actions: &[&str]| -> Vec<Template> {
        actions
            .iter()
            .map(|action| Template::new(action, false, false))
            .collect()
    };
    let (encrypt, decrypt) = (templates(&ENCRYPT), templates(&DECRYPT));
    let both: Vec<Template> = encrypt.iter().chain(&decrypt).cloned().collect();
    let people = People::of(estate, &both);
    for key in &estate.resources {
        if key.kind != "AWS::KMS::Key" {
            continue;
        }
        let resources = [Template::new(&key.arn, false, false)];
        let (before, more) = people.before(key);
        for subject in before {
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
                take(found);
            }
        }
        if more > 0 {
            let why = format!(
                "{more} more principals of other accounts were not asked: the key's policy may let in anybody"
            );
            take(KeyAccess {
                key: key.arn.clone(),
                account: key.account.clone(),
                region: key.region.clone(),
                principal: "*".to_owned(),
                encrypt: Some(Access::Unknown(why.clone())),
                decrypt: Some(Access::Unknown(why)),
            });
        }
    }
}

/// Principals of other accounts that are asked of a key whose policy may let in anybody: that it may is told by
/// `external`, and an organization has thousands.
const MOST_ANYBODY: usize = 100;

/// The principals of an estate, by account.
struct People<'a> {
    estate: &'a Estate,
    by_account: BTreeMap<&'a str, Vec<usize>>,
    /// By ARN, a role's without its path.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Those whose own policies allow any of the operations on anything.
    able: BTreeSet<usize>,
}

impl<'a> People<'a> {
    fn of(estate: &'a Estate, actions: &[Template]) -> Self {
        let mut by_account: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, subject) in estate.subjects.iter().enumerate() {
            by_account.entry(&subject.account).or_default().push(at);
            let name = without_path(&subject.arn);
            by_name.entry(name).or_default().push(at);
        }
        let mut resources = estate.resources.iter();
        let has_keys = resources.any(|r| r.kind == "AWS::KMS::Key");
        Self {
            estate,
            by_account,
            by_name,
            able: if has_keys {
                able(estate, actions)
            } else {
                BTreeSet::new()
            },
        }
    }

    /// Those that the key may let in, in order, and how many more there may be: of its own account and those that its
    /// policy or a grant speaks of, who may do it by their own policies, and whom it names. Nobody uses a key of another
    /// account without both that and a policy of its own ("Allowing users in other accounts to use a KMS key"), and a
    /// policy that names an account leaves it to the policies there ("Default key policy", KMS Developer Guide).
    fn before(&self, key: &Resource) -> (Vec<&'a Subject>, usize) {
        let (accounts, anybody) = reached(key);
        let by_name = names(key);
        let of_account = |account: &String| {
            let all = self.by_account.get(account.as_str());
            all.into_iter().flatten().copied()
        };
        let mut places: BTreeSet<usize> = accounts
            .iter()
            .flat_map(of_account)
            .filter(|at| self.able.contains(at))
            .collect();
        match by_name {
            Some(named) => {
                let named = named.iter().filter_map(|name| self.by_name.get(name));
                places.extend(named.flatten());
            }
            // It lets in people whom it does not name, and of its own account without a policy of theirs.
            None => places.extend(of_account(&key.account)),
        }
        let mut more = 0;
        if anybody {
            let mut far = self.able.iter().filter(|at| !places.contains(at));
            let asked: Vec<usize> = far.by_ref().take(MOST_ANYBODY).copied().collect();
            more = far.count();
            places.extend(asked);
        }
        let subjects = places.into_iter();
        let subjects = subjects.filter_map(|at| self.estate.subjects.get(at));
        (subjects.collect(), more)
    }
}

/// The ARNs that the key's policy and grants name, a session's as its role's; `None`: it may let in others too.
fn names(key: &Resource) -> Option<BTreeSet<String>> {
    let policy = match &key.policy {
        Seen::Told(policy) => policy.as_ref(),
        Seen::Unseen(_) => return None,
    };
    let mut named = BTreeSet::new();
    let statements = policy.into_iter().flat_map(|p| &p.policy.statements);
    for statement in statements.filter(|s| s.effect == Effect::Allow) {
        let clause = statement.principal.as_ref().filter(|c| !c.negated)?;
        for entry in &clause.entries {
            match entry {
                PrincipalEntry::Arn(arn) => {
                    named.insert(role_of(arn));
                }
                PrincipalEntry::Account(_)
                | PrincipalEntry::Service(_)
                | PrincipalEntry::Federated(_) => {}
                PrincipalEntry::Everyone
                | PrincipalEntry::UniqueId(_)
                | PrincipalEntry::CanonicalUser(_) => return None,
            }
        }
    }
    let grants = key.facts.kms_grants.iter();
    named.extend(grants.map(|grant| role_of(&grant.grantee)));
    Some(named)
}

fn able(estate: &Estate, actions: &[Template]) -> BTreeSet<usize> {
    let question = Question {
        actions,
        resources: &[Template::new("*", true, false)],
        resource_account: None,
    };
    let subjects = estate.subjects.iter().enumerate();
    subjects
        .filter(|(_, subject)| access(estate, subject, None, &question).is_some())
        .map(|(at, _)| at)
        .collect()
}

/// The accounts that a key speaks of, and whether it may speak of any.
fn reached(key: &Resource) -> (BTreeSet<String>, bool) {
    let named = match &key.policy {
        Seen::Told(Some(named)) => named.policy.reached(),
        Seen::Told(None) => Reached::Accounts(BTreeSet::new()),
        Seen::Unseen(_) => Reached::Anywhere,
    };
    let (mut accounts, anybody) = match named {
        Reached::Accounts(accounts) => (accounts, false),
        Reached::Anywhere => (BTreeSet::new(), true),
    };
    accounts.insert(key.account.clone());
    let grantees = key.facts.kms_grants.iter();
    accounts.extend(grantees.filter_map(|g| g.grantee.split(':').nth(4).map(str::to_owned)));
    (accounts, anybody)
}
