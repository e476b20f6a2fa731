//! Values of condition keys that tell the conditions on them apart.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::{Assignment, arn, arn_pieces, clock, numbers, pieces, statements};
use crate::{
    analyse::{
        Unknown,
        automaton::{Piece, texts},
        steps::Steps,
    },
    eval,
    model::{Condition, Context, ContextValue, Operands, Part, Policy, Template, Test, TextTest},
};

/// The conditions on each key, and what a key's cells are. Keys tied by a variable form one dimension.
/// `domains` says what values of a key look like, where that is known.
pub(crate) fn contexts(
    policies: &[&Policy],
    domains: &BTreeMap<String, Template>,
    steps: &Steps,
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
    let mut all = Vec::new();
    let on = |key: &str| by_key.get(key).map(Vec::as_slice).unwrap_or_default();
    if clock::is_needed(on(clock::DATE), on(clock::SECONDS)) {
        let both = [on(clock::DATE), on(clock::SECONDS)].concat();
        all.push(clock::points(&both)?);
        by_key.remove(clock::DATE);
        by_key.remove(clock::SECONDS);
    }
    for (key, conditions) in &by_key {
        let points = key_points(key, conditions, domains.get(*key), steps)?;
        all.push(match tied.iter().find(|(_, tied)| *tied == key) {
            Some((variable, _)) => equality(points, variable),
            None => points,
        });
    }
    Ok(all)
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

/// A key's points: one of every cell of its values, and lists of them where an operator asks about lists.
pub(super) fn key_points(
    key: &str,
    conditions: &[&Condition],
    domain: Option<&Template>,
    steps: &Steps,
) -> Result<Vec<Assignment>, Unknown> {
    let values = values(key, conditions, domain, steps)?;
    let length: usize = conditions.iter().map(|found| found.values.len()).sum();
    steps.take(values.len().saturating_mul(1 + length))?;
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
    steps: &Steps,
) -> Result<Vec<String>, Unknown> {
    let mut patterns = BTreeSet::new();
    let mut values: BTreeSet<String> = BTreeSet::new();
    let mut numbers: Vec<&str> = Vec::new();
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
                numbers.extend(condition.values.iter().map(String::as_str));
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
    values.extend(numbers::around(&numbers).ok_or_else(|| Unknown::Operator(key.to_owned()))?);
    if let Some(domain) = domain {
        let fits = |value: &String| domain.matches(value, &Context::new()) == Some(true);
        values.retain(fits);
    }
    if !patterns.is_empty() || values.is_empty() {
        let domain =
            domain.map_or_else(|| vec![Piece::One, Piece::Many], |like| pieces(like, false));
        let domain = [domain];
        let found = texts(&domain, &patterns, steps)?
            .ok_or_else(|| Unknown::TooManyPatterns(key.to_owned()))?;
        values.extend(found);
    }
    Ok(values.into_iter().collect())
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
