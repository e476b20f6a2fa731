//! Which resources an action can be asked on, where that is known: those of its resource types ("Actions, resources, and
//! condition keys for AWS services", Service Authorization Reference). Actions that are not known here are not limited.

use std::collections::BTreeMap;

use crate::{
    authorization::{AccessLevel, Authorization},
    model::{Context, Policy, Template},
};

/// Patterns of the resources that the action can be asked on in the partitions; `None`: any, or not known here.
pub(crate) fn kinds(
    authorization: &Authorization,
    action: &str,
    partitions: &[&str],
) -> Option<Vec<Template>> {
    let (prefix, name) = action.split_once(':')?;
    let service = authorization.service(prefix)?;
    let action = service.action(name)?;
    if action.resources.is_empty() {
        return None;
    }
    let mut patterns: Vec<String> = action
        .resources
        .iter()
        .filter_map(|resource| service.resource(resource))
        .flat_map(|kind| {
            let partitions = partitions.iter();
            partitions.map(|partition| pattern(&kind.arn, partition))
        })
        .collect();
    // Lists of everything there is name no resource.
    let required = action.resources.iter().any(|resource| resource.required);
    if action.level == AccessLevel::List && !required {
        patterns.push("${*}".to_owned());
    }
    patterns.sort_unstable();
    patterns.dedup();
    let read = |text: &String| Template::new(text, true, true);
    Some(patterns.iter().map(read).collect())
}

/// All partitions: `aws`, and `aws-` with a name ("Partitions", AWS Fault Isolation Boundaries).
const PARTITIONS: [&str; 2] = ["aws", "aws-*"];

/// The partitions that the policies name: an account and all that it can ask for are of one.
fn partitions<'a>(policies: &[&'a Policy]) -> Vec<&'a str> {
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    let patterns = statements
        .flat_map(|found| &found.resources)
        .flat_map(|found| &found.patterns);
    let named = patterns.filter_map(|pattern| match pattern.text().split(':').nth(1) {
        Some(part) if !part.contains(['*', '?', '$']) => Some(part),
        _ => None,
    });
    let mut named: Vec<&str> = named.collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        named.push("aws");
    }
    named
}

/// The pattern of a resource type's ARN, a wildcard of whose parts stays in its part: what users name is not empty, region and account may be.
fn pattern(arn: &str, partition: &str) -> String {
    let mut pattern = String::with_capacity(arn.len());
    let mut rest = arn;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        let (name, more) = after.split_once('}').unwrap_or((after, ""));
        pattern.push_str(match name {
            "Partition" => partition,
            "Region" | "Account" => "*",
            _ => "?*",
        });
        rest = more;
    }
    pattern.push_str(rest);
    pattern
}

/// Whether the action can be asked on the resource, as far as that is known.
pub(crate) fn fits(authorization: &Authorization, action: &str, resource: &str) -> bool {
    let kinds = kinds(authorization, action, &PARTITIONS);
    kinds.is_none_or(|kinds| is_one(&kinds, resource))
}

fn is_one(kinds: &[Template], resource: &str) -> bool {
    let none = Context::new();
    let mut kinds = kinds.iter();
    kinds.any(|kind| match kind.literal() {
        Some(text) => text == resource,
        None => kind.matches_arn(resource, &none) == Some(true),
    })
}

/// The actions that policies name by themselves, with the resources that they can be asked on. Actions that can be asked
/// on the same are one class; one more class is of all others.
#[derive(Debug, Default)]
pub(super) struct Typed {
    classes: Vec<Vec<Template>>,
    of_action: BTreeMap<String, usize>,
}

impl Typed {
    pub(super) fn of(policies: &[&Policy], authorization: &Authorization) -> Self {
        let mut typed = Self::default();
        let partitions = partitions(policies);
        let statements = policies.iter().flat_map(|policy| &policy.statements);
        let actions = statements.flat_map(|found| &found.actions.patterns);
        for action in actions.filter_map(Template::literal) {
            if typed.of_action.contains_key(action) {
                continue;
            }
            let Some(kinds) = kinds(authorization, action, &partitions) else {
                continue;
            };
            let known = typed.classes.iter().position(|class| *class == kinds);
            let class = known.unwrap_or(typed.classes.len());
            if known.is_none() {
                typed.classes.push(kinds);
            }
            typed.of_action.insert(action.to_owned(), class);
        }
        typed
    }

    /// Patterns that divide the resources.
    pub(super) fn patterns(&self) -> Vec<Template> {
        self.classes.iter().flatten().cloned().collect()
    }

    /// How many classes there are.
    pub(super) fn count(&self) -> usize {
        self.classes.len() + 1
    }

    /// The class of the action, of which it alone is.
    pub(super) fn class(&self, action: &str) -> usize {
        let known = self.of_action.get(action);
        known.copied().unwrap_or(self.classes.len())
    }

    /// Whether an action of the class can be asked on the resource.
    pub(super) fn takes(&self, class: usize, resource: &str) -> bool {
        let kinds = self.classes.get(class);
        kinds.is_none_or(|kinds| is_one(kinds, resource))
    }
}
