//! One point of every cell of a dimension.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::{
    Unknown,
    automaton::{Piece, texts},
};
use crate::{
    eval,
    model::{
        Condition, Context, ContextValue, Operands, Part, Policy, Principal, PrincipalEntry,
        Statement, Template, Test, TextTest,
    },
};

/// Values of condition keys; `None`: the key is absent.
pub(crate) type Assignment = Vec<(String, Option<ContextValue>)>;

/// Keys that follow from who the principal is.
pub(crate) const PRINCIPAL_KEYS: [&str; 5] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:username",
    "aws:principaltype",
    "aws:principalisawsservice",
];

fn statements<'a>(policies: &[&'a Policy]) -> impl Iterator<Item = &'a Statement> {
    policies
        .iter()
        .copied()
        .flat_map(|policy| &policy.statements)
}

/// Actions: `service:operation`, lower case.
pub(crate) fn actions(policies: &[&Policy]) -> Result<Vec<String>, Unknown> {
    let patterns = statements(policies)
        .flat_map(|statement| &statement.actions.patterns)
        .map(|template| pieces(template, false))
        .collect();
    texts(&[any_action()], &patterns).ok_or_else(|| Unknown::TooManyPatterns("actions".to_owned()))
}

/// Resources: ARNs, and `*` for actions without resource.
pub(crate) fn resources(policies: &[&Policy]) -> Result<Vec<String>, Unknown> {
    let mut patterns = BTreeSet::new();
    for template in statements(policies)
        .flat_map(|statement| &statement.resources)
        .flat_map(|found| &found.patterns)
    {
        if template
            .parts()
            .iter()
            .any(|part| matches!(part, Part::Variable(_)))
        {
            return Err(Unknown::Variable(template.text().to_owned()));
        }
        patterns.insert(pieces(template, false));
    }
    texts(&[arn(), vec![Piece::Is('*')]], &patterns)
        .ok_or_else(|| Unknown::TooManyPatterns("resources".to_owned()))
}

/// Actions that one of the asked patterns matches.
pub(crate) fn actions_within(
    policies: &[&Policy],
    asked: &[Template],
) -> Result<Vec<String>, Unknown> {
    let patterns = statements(policies)
        .flat_map(|statement| &statement.actions.patterns)
        .map(|template| pieces(template, false))
        .collect();
    let mut domain: Vec<Vec<Piece>> = Vec::new();
    for template in asked {
        if template.is_everything() {
            domain.push(any_action());
        } else {
            domain.push(an_action(pieces(template, false))?);
        }
    }
    let found =
        texts(&domain, &patterns).ok_or_else(|| Unknown::TooManyPatterns("actions".to_owned()))?;
    Ok(found
        .into_iter()
        .filter(|action| {
            action
                .split_once(':')
                .is_some_and(|(service, operation)| !service.is_empty() && !operation.is_empty())
        })
        .collect())
}

/// A pattern of actions in which neither the service nor the operation is empty.
fn an_action(mut pieces: Vec<Piece>) -> Result<Vec<Piece>, Unknown> {
    let Some(colon) = pieces.iter().position(|piece| *piece == Piece::Is(':')) else {
        return Err(Unknown::TooManyPatterns("actions".to_owned()));
    };
    if pieces.get(colon + 1..) == Some(&[Piece::Many]) {
        pieces.insert(colon + 1, Piece::One);
    }
    if pieces.get(..colon) == Some(&[Piece::Many]) {
        pieces.insert(0, Piece::OneInside);
    }
    Ok(pieces)
}

fn any_action() -> Vec<Piece> {
    vec![
        Piece::OneInside,
        Piece::ManyInside,
        Piece::Is(':'),
        Piece::OneInside,
        Piece::ManyInside,
    ]
}

/// Resources that one of the asked patterns matches.
pub(crate) fn resources_within(
    policies: &[&Policy],
    asked: &[Template],
) -> Result<Vec<String>, Unknown> {
    let patterns = statements(policies)
        .flat_map(|statement| &statement.resources)
        .flat_map(|found| &found.patterns)
        .map(|template| pieces(template, false))
        .collect();
    let mut domain: Vec<Vec<Piece>> = Vec::new();
    for template in asked {
        if template.is_everything() {
            domain.extend([arn(), vec![Piece::Is('*')]]);
        } else {
            // `arn:aws:s3:::b/*` asks for objects, and an object has a name.
            let mut pieces = pieces(template, false);
            if let [.., Piece::Is('/'), Piece::Many] = pieces.as_slice() {
                pieces.insert(pieces.len() - 1, Piece::One);
            }
            domain.push(pieces);
        }
    }
    texts(&domain, &patterns).ok_or_else(|| Unknown::TooManyPatterns("resources".to_owned()))
}

/// The context that a point tells.
pub(crate) fn told(assignment: &Assignment) -> Context {
    let mut context = Context::new();
    for (key, value) in assignment {
        match value {
            Some(value) => context.set(key, value.clone()),
            None => context.set_absent(key),
        }
    }
    context
}

/// Drops the points at which a key has a value that it never has.
pub(crate) fn retain_unbarred(points: &mut Vec<Assignment>, barred: &[(String, Template)]) {
    let none = Context::new();
    points.retain(|point| {
        !point.iter().any(|(key, value)| {
            barred.iter().any(|(barred, like)| {
                barred == key
                    && value
                        .iter()
                        .flat_map(ContextValue::values)
                        .any(|value| like.matches(value, &none) == Some(true))
            })
        })
    });
}

/// Keeps the points of a key at which a caller would be that no policy names: of the keys that make a policy not
/// public, no value that is fixed in a policy.
pub(crate) fn retain_anybody(points: &mut Vec<Assignment>, statements: &[&Statement]) {
    let Some((key, _)) = points.first().and_then(|point| point.first()) else {
        return;
    };
    if !eval::NARROWING.contains(&key.as_str()) {
        return;
    }
    let conditions = statements
        .iter()
        .flat_map(|statement| &statement.conditions)
        .filter(|condition| condition.key == *key);
    let mut fixed = Vec::new();
    for condition in conditions {
        let operator = match condition.operator.as_ref().map(|operator| operator.test) {
            Some(Test::Text(TextTest::EqualsIgnoreCase)) => "ForAnyValue:StringEqualsIgnoreCase",
            Some(Test::Text(_)) => "ForAnyValue:StringLike",
            Some(Test::Arn) => "ForAnyValue:ArnLike",
            Some(Test::Address) => "ForAnyValue:IpAddress",
            _ => continue,
        };
        let values = condition.values.iter();
        let values: Vec<String> = values
            .filter(|value| eval::is_fixed(key, value))
            .cloned()
            .collect();
        fixed.push(Condition::new(operator, key, values, false, condition.at));
    }
    points.retain(|point| {
        let context = told(point);
        !fixed
            .iter()
            .any(|condition| eval::met::<bool>(condition, &context))
    });
}

/// Any ARN: `arn:`, four parts, and the rest.
fn arn() -> Vec<Piece> {
    let mut arn: Vec<Piece> = "arn:".chars().map(Piece::Is).collect();
    for _ in 0..4 {
        arn.extend([Piece::ManyInside, Piece::Is(':')]);
    }
    arn.extend([Piece::One, Piece::Many]);
    arn
}

/// The template's pieces; variables are left out, as callers have dealt with them.
fn pieces(template: &Template, folded: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in template.parts() {
        match part {
            Part::Literal(text) if folded => pieces.extend(text.chars().map(Piece::Folded)),
            Part::Literal(text) => pieces.extend(text.chars().map(Piece::Is)),
            Part::One => pieces.push(Piece::One),
            Part::Many => pieces.push(Piece::Many),
            Part::Variable(_) => {}
        }
    }
    pieces
}

/// An ARN pattern: wildcards of the first five parts stay inside them.
fn arn_pieces(template: &Template) -> Vec<Piece> {
    if template.is_everything() {
        return arn();
    }
    let mut colons = 0;
    pieces(template, false)
        .into_iter()
        .map(|piece| {
            if piece == Piece::Is(':') {
                colons += 1;
            }
            match piece {
                Piece::One if colons < 5 => Piece::OneInside,
                Piece::Many if colons < 5 => Piece::ManyInside,
                other => other,
            }
        })
        .collect()
}

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
            "aws:principalarn" => more.insert(value.clone()),
            "aws:principalaccount" if crate::model::is_account(value) => {
                accounts.insert(value.clone())
            }
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
    let contexts = caller_points(policy)?;
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

/// Values of the caller's own keys that a policy's conditions tell apart. An ARN's account has twelve digits, and where
/// no condition looks at them those of nobody.
fn caller_points(policy: &Policy) -> Result<Vec<Vec<Assignment>>, Unknown> {
    let mut keys: BTreeMap<&str, Vec<&Condition>> = BTreeMap::new();
    for condition in statements(&[policy]).flat_map(|statement| &statement.conditions) {
        if PRINCIPAL_KEYS.contains(&condition.key.as_str()) {
            keys.entry(&condition.key).or_default().push(condition);
        }
    }
    let arns = Template::new("arn:aws:iam::????????????:?*", true, false);
    let mut contexts = Vec::new();
    for (key, conditions) in keys {
        let domain = (key == "aws:principalarn").then_some(&arns);
        let mut points = key_points(key, &conditions, domain)?;
        let mut more = Vec::new();
        for (_, value) in points.iter().flatten() {
            let Some(ContextValue::One(value)) = value else {
                continue;
            };
            let parts: Vec<&str> = value.splitn(6, ':').collect();
            if let [arn, partition, service, region, account, rest] = parts.as_slice()
                && !crate::model::is_account(account)
            {
                let nobody = format!("{arn}:{partition}:{service}:{region}:{NOBODY}:{rest}");
                more.push(vec![(key.to_owned(), Some(ContextValue::One(nobody)))]);
            }
        }
        points.extend(more);
        contexts.push(points);
    }
    Ok(contexts)
}

/// An account that nobody has.
const NOBODY: &str = "000000000000";

/// Callers that a policy names, by principal or by conditions on the caller's own keys, and one whom it does not name.
///
/// # Errors
/// When those conditions cannot be divided.
pub fn callers(policy: &Policy) -> Result<Vec<Principal>, Unknown> {
    let contexts = caller_points(policy)?;
    let mut callers = principals(&[policy]);
    let more = more_principals(&callers, &contexts);
    callers.extend(more);
    Ok(callers)
}

/// The conditions on each key, and what a key's cells are. Keys tied by a variable form one dimension.
/// `domains` says what values of a key look like, where that is known.
pub(crate) fn contexts(
    policies: &[&Policy],
    domains: &BTreeMap<String, Template>,
) -> Result<Vec<Vec<Assignment>>, Unknown> {
    let mut by_key: BTreeMap<&str, Vec<&Condition>> = BTreeMap::new();
    for condition in statements(policies).flat_map(|statement| &statement.conditions) {
        by_key.entry(&condition.key).or_default().push(condition);
    }
    let mut tied: BTreeMap<&str, &str> = BTreeMap::new();
    for (key, conditions) in &by_key {
        if let Some(variable) = variable(conditions)?
            && (by_key.contains_key(variable) || tied.insert(variable, key).is_some())
        {
            return Err(Unknown::Variable((*key).to_owned()));
        }
    }
    by_key
        .iter()
        .map(
            |(key, conditions)| match tied.iter().find(|(_, tied)| *tied == key) {
                Some((variable, _)) => Ok(equality(
                    key_points(key, conditions, domains.get(*key))?,
                    variable,
                )),
                None => key_points(key, conditions, domains.get(*key)),
            },
        )
        .collect()
}

/// The variable that a condition compares the key with for equality, if one does.
fn variable<'a>(conditions: &[&'a Condition]) -> Result<Option<&'a str>, Unknown> {
    let mut found = BTreeSet::new();
    let mut sets = false;
    for condition in conditions {
        sets |= condition
            .operator
            .as_ref()
            .is_some_and(|operator| operator.set.is_some());
        let Operands::Templates(templates) = &condition.operands else {
            continue;
        };
        for template in templates {
            let variables = || {
                template
                    .parts()
                    .iter()
                    .any(|part| matches!(part, Part::Variable(_)))
            };
            match template.parts() {
                [Part::Variable(variable)]
                    if variable.default.is_none() && is_equality(condition) =>
                {
                    found.insert(variable.key.as_str());
                }
                _ if variables() => return Err(Unknown::Variable(condition.key_text.clone())),
                _ => {}
            }
        }
    }
    match found.len() {
        0 => Ok(None),
        1 if !sets => Ok(found.into_iter().next()),
        _ => Err(Unknown::Variable(
            conditions
                .first()
                .map_or_else(String::new, |c| c.key_text.clone()),
        )),
    }
}

/// Whether the operator, given one variable as value, tests for equality: a variable's value has no wildcards.
fn is_equality(condition: &Condition) -> bool {
    condition.operator.as_ref().is_some_and(|operator| {
        matches!(operator.test, Test::Text(TextTest::Equals | TextTest::Like))
    })
}

/// A key compared with a variable that nothing else reads: the variable equals it, differs, or is absent.
fn equality(points: Vec<Assignment>, variable: &str) -> Vec<Assignment> {
    let mut tied = Vec::new();
    for point in points {
        let other = match point.first() {
            Some((_, Some(ContextValue::One(value)))) => vec![value.clone(), format!("{value}x")],
            _ => vec!["x".to_owned()],
        };
        let other = other
            .into_iter()
            .map(|value| Some(ContextValue::One(value)))
            .chain([None]);
        for value in other {
            let mut point = point.clone();
            point.push((variable.to_owned(), value));
            tied.push(point);
        }
    }
    tied
}

fn key_points(
    key: &str,
    conditions: &[&Condition],
    domain: Option<&Template>,
) -> Result<Vec<Assignment>, Unknown> {
    let values = values(key, conditions, domain)?;
    // A key that is known to look like something is in every request.
    let mut points: Vec<Option<ContextValue>> = match domain {
        Some(_) => Vec::new(),
        None => vec![None],
    };
    points.extend(
        values
            .iter()
            .cloned()
            .map(|value| Some(ContextValue::One(value))),
    );
    let has_sets = conditions.iter().any(|condition| {
        condition
            .operator
            .as_ref()
            .is_some_and(|operator| operator.set.is_some())
    });
    if has_sets {
        points.extend(
            lists(key, &values, conditions)?
                .into_iter()
                .map(|list| Some(ContextValue::Many(list))),
        );
    }
    Ok(points
        .into_iter()
        .map(|value| vec![(key.to_owned(), value)])
        .collect())
}

/// Texts, addresses and flags that tell the conditions apart.
fn values(
    key: &str,
    conditions: &[&Condition],
    domain: Option<&Template>,
) -> Result<Vec<String>, Unknown> {
    let mut patterns = BTreeSet::new();
    let mut values: BTreeSet<String> = BTreeSet::new();
    for condition in conditions {
        match (
            &condition.operands,
            condition.operator.as_ref().map(|operator| operator.test),
        ) {
            (Operands::Templates(templates), Some(Test::Text(test))) => {
                let folded = test == TextTest::EqualsIgnoreCase;
                let templates = templates
                    .iter()
                    .filter(|template| !matches!(template.parts(), [Part::Variable(_)]));
                patterns.extend(templates.map(|template| pieces(template, folded)));
            }
            (Operands::Templates(templates), Some(Test::Arn)) => {
                patterns.extend(templates.iter().map(arn_pieces));
                patterns.insert(arn());
            }
            (Operands::Binaries(texts), _) => {
                patterns.extend(
                    texts
                        .iter()
                        .map(|text| text.chars().map(Piece::Is).collect()),
                );
            }
            (Operands::Networks(networks), _) => {
                for network in networks.iter().flatten() {
                    values.insert(network.network().to_string());
                    values.extend(after(network.broadcast()).map(|address| address.to_string()));
                }
                values.insert(Ipv4Addr::UNSPECIFIED.to_string());
                values.insert(Ipv6Addr::UNSPECIFIED.to_string());
            }
            (Operands::Flags(_), _) => values.extend(["true".to_owned(), "false".to_owned()]),
            (Operands::Numbers(_), _) => {
                values.insert("none".to_owned());
                for text in &condition.values {
                    let whole: i64 = text
                        .parse()
                        .map_err(|_| Unknown::Operator(key.to_owned()))?;
                    let (below, above) = (whole.saturating_sub(1), whole.saturating_add(1));
                    // Between two whole numbers lies a half.
                    values.extend([
                        text.clone(),
                        below.to_string(),
                        above.to_string(),
                        half_above(whole),
                        half_above(below),
                    ]);
                }
            }
            (Operands::Dates(dates), _) => {
                values.insert("none".to_owned());
                for date in dates.iter().flatten() {
                    let around = date
                        .around()
                        .ok_or_else(|| Unknown::Operator(key.to_owned()))?;
                    values.extend(around);
                }
            }
            (Operands::Templates(_), _) => {}
        }
    }
    if let Some(domain) = domain {
        let fits = |value: &String| domain.matches(value, &Context::new()) == Some(true);
        values.retain(fits);
    }
    if !patterns.is_empty() || values.is_empty() {
        let domain =
            domain.map_or_else(|| vec![Piece::One, Piece::Many], |like| pieces(like, false));
        let domain = [domain];
        let found =
            texts(&domain, &patterns).ok_or_else(|| Unknown::TooManyPatterns(key.to_owned()))?;
        values.extend(found);
    }
    Ok(values.into_iter().collect())
}

fn half_above(whole: i64) -> String {
    match whole {
        -1 => "-0.5".to_owned(),
        ..-1 => format!("{}.5", whole + 1),
        _ => format!("{whole}.5"),
    }
}

/// The address after this one, in its family.
fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address)
            .checked_add(1)
            .map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(address) => u128::from(address)
            .checked_add(1)
            .map(|next| IpAddr::V6(next.into())),
    }
}

/// More kinds of list members than this are not combined.
const MEMBERS: usize = 10;

/// Lists with every combination of members that the conditions tell apart.
fn lists(
    key: &str,
    values: &[String],
    conditions: &[&Condition],
) -> Result<Vec<Vec<String>>, Unknown> {
    let mut kinds: BTreeMap<Vec<bool>, &String> = BTreeMap::new();
    for value in values {
        let mut context = Context::new();
        context.set(key, ContextValue::Many(vec![value.clone()]));
        let told = conditions
            .iter()
            .map(|condition| eval::met::<bool>(condition, &context))
            .collect();
        kinds.entry(told).or_insert(value);
    }
    if kinds.len() > MEMBERS {
        return Err(Unknown::TooManyPatterns(key.to_owned()));
    }
    let members: Vec<&String> = kinds.into_values().collect();
    let subsets = 1..1_u32 << members.len();
    Ok(subsets
        .map(|subset| {
            let chosen = members
                .iter()
                .enumerate()
                .filter(|(at, _)| subset & (1 << at) != 0);
            chosen.map(|(_, member)| (*member).clone()).collect()
        })
        .collect())
}
