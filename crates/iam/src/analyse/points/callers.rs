//! Callers that tell policies apart: those that are named, and those that are not.

use std::collections::{BTreeMap, BTreeSet};

use super::{Assignment, PRINCIPAL_KEYS, keys::key_points, statements};
use crate::{
    analyse::{Unknown, steps::Steps},
    eval,
    model::{
        Condition, ContextValue, Operands, Policy, Principal, PrincipalEntry, Statement, Template,
        Test, TextTest, is_account,
    },
};

/// Principals: each that is named, a session of each role, another user of each account, someone else, nobody.
pub(crate) fn principals(policies: &[&Policy]) -> Vec<Principal> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.insert("arn:aws:iam::000000000000:user/palisade-other".to_owned());
    names.insert("*".to_owned());
    let mut services = BTreeSet::new();
    let mut providers = BTreeSet::new();
    let clauses = statements(policies).filter_map(|statement| statement.principal.as_ref());
    for entry in clauses.flat_map(|clause| &clause.entries) {
        match entry {
            PrincipalEntry::Account(account) => {
                names.insert(format!("arn:aws:iam::{account}:user/palisade-other"));
            }
            PrincipalEntry::Arn(arn) => {
                names.insert(arn.clone());
                let account = arn.split(':').nth(4).unwrap_or_default();
                names.insert(format!("arn:aws:iam::{account}:user/palisade-other"));
                if let Some((_, path)) = arn.split_once(":role/") {
                    let role = path.rsplit('/').next().unwrap_or_default();
                    names.insert(format!(
                        "arn:aws:sts::{account}:assumed-role/{role}/palisade-other"
                    ));
                }
            }
            PrincipalEntry::Service(name) => {
                services.insert(name.clone());
            }
            PrincipalEntry::Federated(name) => {
                providers.insert(name.clone());
            }
            PrincipalEntry::Everyone
            | PrincipalEntry::UniqueId(_)
            | PrincipalEntry::CanonicalUser(_) => {}
        }
    }
    services.insert("palisade-other.amazonaws.com".to_owned());
    let named = names.iter().filter_map(|name| Principal::parse(name).ok());
    let services = services
        .iter()
        .filter(|name| *name != "*")
        .map(|name| Principal::service(name));
    let providers = providers
        .iter()
        .filter(|name| *name != "*")
        .map(|name| Principal::federated(name));
    named.chain(services).chain(providers).collect()
}

/// Principals of every kind in every account that is named, and those that the cells of the principal's keys name.
pub(crate) fn more_principals(known: &[Principal], contexts: &[Vec<Assignment>]) -> Vec<Principal> {
    let mut accounts: BTreeSet<String> = known
        .iter()
        .filter_map(|principal| principal.account.clone())
        .collect();
    let mut names = BTreeSet::from(["palisade-other".to_owned()]);
    let mut more = BTreeSet::new();
    for (key, value) in contexts.iter().flatten().flatten() {
        let Some(ContextValue::One(value)) = value else {
            continue;
        };
        match key.as_str() {
            "aws:principalarn" => {
                let account = value.split(':').nth(4).filter(|part| is_account(part));
                accounts.extend(account.map(str::to_owned));
                more.insert(value.clone())
            }
            "aws:principalaccount" if is_account(value) => accounts.insert(value.clone()),
            "aws:username" if !value.contains(['/', ':']) => names.insert(value.clone()),
            _ => false,
        };
    }
    for account in &accounts {
        more.insert(format!("arn:aws:iam::{account}:root"));
        more.insert(format!("arn:aws:iam::{account}:role/palisade-other"));
        more.insert(format!(
            "arn:aws:sts::{account}:federated-user/palisade-other"
        ));
        more.extend(
            names
                .iter()
                .map(|name| format!("arn:aws:iam::{account}:user/{name}")),
        );
    }
    more.iter()
        .filter_map(|text| Principal::parse(text).ok())
        .collect()
}

/// Whether the principals above, with those that the cells of their own keys name, are one of each kind that the policies
/// tell apart: where conditions on those keys compare them with whole values.
pub(crate) fn is_exact(policies: &[&Policy]) -> bool {
    let clauses = || statements(policies).filter_map(|found| found.principal.as_ref());
    let entries = || clauses().flat_map(|clause| &clause.entries);
    let conditions = || {
        statements(policies)
            .flat_map(|statement| &statement.conditions)
            .filter(|condition| PRINCIPAL_KEYS.contains(&condition.key.as_str()))
    };
    let is_whole = |condition: &Condition| match &condition.operands {
        Operands::Flags(_) => true,
        Operands::Templates(templates) => {
            let test = condition.operator.as_ref().map(|operator| operator.test);
            test != Some(Test::Text(TextTest::EqualsIgnoreCase))
                && templates.iter().all(Template::is_literal)
        }
        _ => false,
    };
    // A session's ARN does not tell its role's path, which the role's ARN does.
    let by_session = entries()
        .any(|entry| matches!(entry, PrincipalEntry::Arn(arn) if arn.contains(":assumed-role/")));
    let by_arn = conditions().any(|condition| condition.key == "aws:principalarn");
    !statements(policies).any(names_by_id) && conditions().all(is_whole) && !(by_session && by_arn)
}

/// Whether the statement names somebody by an id that only AWS can match: a user's or role's, or an account's canonical one.
pub(crate) fn names_by_id(statement: &Statement) -> bool {
    let mut entries = (statement.principal.iter()).flat_map(|clause| &clause.entries);
    entries.any(|entry| {
        matches!(
            entry,
            PrincipalEntry::UniqueId(_) | PrincipalEntry::CanonicalUser(_)
        )
    })
}

/// Callers that a policy does not name: nobody, a user and a role of some account, and one for each way in which the
/// policy's conditions on the caller's own keys tell callers of an unnamed account apart.
///
/// # Errors
/// When those conditions cannot be divided.
pub fn anyone(policy: &Policy) -> Result<Vec<Principal>, Unknown> {
    let mut named: BTreeSet<String> = BTreeSet::new();
    for entry in statements(&[policy])
        .filter_map(|statement| statement.principal.as_ref())
        .flat_map(|clause| &clause.entries)
    {
        match entry {
            PrincipalEntry::Account(account) => {
                named.insert(account.clone());
            }
            PrincipalEntry::Arn(arn) => {
                named.extend(arn.split(':').nth(4).map(str::to_owned));
            }
            _ => {}
        }
    }
    let on_caller = policy
        .statements
        .iter()
        .flat_map(|statement| &statement.conditions)
        .filter(|condition| PRINCIPAL_KEYS.contains(&condition.key.as_str()));
    // Accounts that a condition fixes are named too.
    for condition in on_caller {
        for value in condition
            .values
            .iter()
            .filter(|value| eval::is_fixed(&condition.key, value))
        {
            let account = value.split(':').nth(4).unwrap_or(value);
            named.insert(account.to_owned());
        }
    }
    let contexts = caller_points(policy, &named)?;
    let mut callers = vec![Principal::anonymous()];
    callers.extend(
        [
            "arn:aws:iam::000000000000:user/palisade-other",
            "arn:aws:iam::000000000000:role/palisade-other",
        ]
        .iter()
        .filter_map(|text| Principal::parse(text).ok()),
    );
    let more = more_principals(&callers, &contexts);
    callers.extend(more.into_iter().filter(|principal| {
        principal
            .account
            .as_ref()
            .is_some_and(|account| !named.contains(account))
    }));
    Ok(callers)
}

/// Values of the caller's own keys that a policy's conditions tell apart, in whatever account, and in accounts that are
/// not named.
fn caller_points(
    policy: &Policy,
    named: &BTreeSet<String>,
) -> Result<Vec<Vec<Assignment>>, Unknown> {
    let mut keys: BTreeMap<&str, Vec<&Condition>> = BTreeMap::new();
    for condition in statements(&[policy]).flat_map(|statement| &statement.conditions) {
        if PRINCIPAL_KEYS.contains(&condition.key.as_str()) {
            keys.entry(&condition.key).or_default().push(condition);
        }
    }
    let accounts = unnamed(&keys, named);
    let steps = Steps::new();
    let mut contexts = Vec::new();
    for (key, conditions) in keys {
        let mut points = Vec::new();
        if key == "aws:principalarn" {
            let accounts =
                std::iter::once("????????????").chain(accounts.iter().map(String::as_str));
            for account in accounts {
                let arns = Template::new(&format!("arn:aws:iam::{account}:?*"), true, false);
                points.extend(key_points(key, &conditions, Some(&arns), &steps)?);
            }
        } else {
            points.extend(key_points(key, &conditions, None, &steps)?);
        }
        if key == "aws:principalaccount" {
            let one =
                |account: &String| vec![(key.to_owned(), Some(ContextValue::One(account.clone())))];
            points.extend(accounts.iter().map(one));
        }
        contexts.push(points);
    }
    Ok(contexts)
}

/// An account that nobody has, and one for each pattern of accounts in the conditions: `1111*`.
fn unnamed(keys: &BTreeMap<&str, Vec<&Condition>>, named: &BTreeSet<String>) -> BTreeSet<String> {
    let mut accounts = BTreeSet::from([NOBODY.to_owned()]);
    for (key, condition) in keys
        .iter()
        .flat_map(|(key, conditions)| conditions.iter().map(move |condition| (key, condition)))
    {
        for value in &condition.values {
            let account = match *key {
                "aws:principalaccount" => Some(value.as_str()),
                "aws:principalarn" => value.split(':').nth(4),
                _ => None,
            };
            accounts.extend(account.and_then(|pattern| filled(pattern, named)));
        }
    }
    accounts
}

/// Twelve digits that the pattern matches and that are not named.
fn filled(pattern: &str, named: &BTreeSet<String>) -> Option<String> {
    let wild = pattern.contains(['*', '?']);
    let short = 12_usize.checked_sub(pattern.chars().filter(|c| *c != '*').count());
    let short = short.filter(|_| wild && pattern != "*")?;
    let digits = ('0'..='9').map(|digit| {
        let one = digit.to_string();
        let many = one.repeat(short);
        let first = pattern.replacen('*', &many, 1).replace('*', "");
        first.replace('?', &one)
    });
    let mut accounts = digits.filter(|account| is_account(account) && !named.contains(account));
    accounts.next()
}

/// An account that nobody has.
const NOBODY: &str = "000000000000";

/// Callers that a policy names, by principal or by conditions on the caller's own keys, and one whom it does not name.
///
/// # Errors
/// When those conditions cannot be divided.
pub fn callers(policy: &Policy) -> Result<Vec<Principal>, Unknown> {
    let contexts = caller_points(policy, &BTreeSet::new())?;
    let mut callers = principals(&[policy]);
    let more = more_principals(&callers, &contexts);
    callers.extend(more);
    Ok(callers)
}
