//! Who can encrypt with a KMS key, who can decrypt, and who can do both.

use super::{
    Access, Estate, Resource, Seen, Subject,
    asking::{Asking, Operations, Side, Told},
    person::Question,
    questions::access,
};
use crate::escalation::{role_of, without_path};
use crate::model::{Effect, PrincipalEntry, Reached, Template};
use crate::shared::Answer;
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
    let people = People::of(estate, &mut asking, &both);
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
        let side = Side::of(key);
        for at in before {
            let Some(subject) = estate.subjects.get(at) else {
                continue;
            };
            let [encrypt, decrypt] = [encrypt, decrypt].map(|what| asking.can(at, &side, what));
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

/// Principals of other accounts that are asked of a key whose policy may let in anybody: that it may is told by
/// `external`, and an organization has thousands.
const MOST_ANYBODY: usize = 100;

/// The principals of an estate, by account.
struct People<'a> {
    by_account: BTreeMap<&'a str, Vec<usize>>,
    /// By ARN, a role's without its path.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Those whose own policies allow any of the operations on anything.
    able: BTreeSet<usize>,
}

impl<'a> People<'a> {
    fn of(estate: &'a Estate, asking: &mut Asking<'_>, actions: &[Template]) -> Self {
        let mut by_account: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, subject) in estate.subjects.iter().enumerate() {
            by_account.entry(&subject.account).or_default().push(at);
            let name = without_path(&subject.arn);
            by_name.entry(name).or_default().push(at);
        }
        let any = Operations {
            name: "any",
            actions,
        };
        let able = (0..estate.subjects.len()).filter(|at| asking.is_able(*at, any));
        Self {
            able: able.collect(),
            by_account,
            by_name,
        }
    }

    /// Those that the key may let in, in order, and how many more there may be: of its own account and those that its
    /// policy or a grant speaks of, who may do it by their own policies, and whom it names. Nobody uses a key of another
    /// account without both that and a policy of its own ("Allowing users in other accounts to use a KMS key"), and a
    /// policy that names an account leaves it to the policies there ("Default key policy", KMS Developer Guide).
    fn before(&self, key: &Resource) -> (BTreeSet<usize>, usize) {
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
        (places, more)
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
