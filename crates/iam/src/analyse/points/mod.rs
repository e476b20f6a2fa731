//! One point of every cell of a dimension.

mod callers;
mod clock;
mod keys;
mod numbers;

pub use callers::{anyone, callers};
pub(crate) use callers::{is_exact, more_principals, names_by_id, principals};
pub(crate) use keys::contexts;

use std::collections::BTreeSet;

use super::{
    Unknown,
    automaton::{Piece, texts},
    steps::Steps,
};
use crate::{
    eval,
    model::{Condition, Context, ContextValue, Part, Policy, Statement, Template, Test, TextTest},
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
pub(crate) fn actions(policies: &[&Policy], steps: &Steps) -> Result<Vec<String>, Unknown> {
    texts(&[any_action()], &action_patterns(policies), steps)?
        .ok_or_else(|| Unknown::TooManyPatterns("actions".to_owned()))
}

/// Resources: ARNs, and `*` for actions without resource.
/// `more`: patterns of ARNs that divide them too.
pub(crate) fn resources(
    policies: &[&Policy],
    more: &[Template],
    steps: &Steps,
) -> Result<Vec<String>, Unknown> {
    let mut patterns: BTreeSet<Vec<Piece>> = more.iter().map(arn_pieces).collect();
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
    texts(&[arn(), vec![Piece::Is('*')]], &patterns, steps)?
        .ok_or_else(|| Unknown::TooManyPatterns("resources".to_owned()))
}

/// Actions that one of the asked patterns matches.
pub(crate) fn actions_within(
    policies: &[&Policy],
    asked: &[Template],
    steps: &Steps,
) -> Result<Vec<String>, Unknown> {
    let patterns = action_patterns(policies);
    let mut domain: Vec<Vec<Piece>> = Vec::new();
    for template in asked {
        if template.is_everything() {
            domain.push(any_action());
        } else {
            domain.push(an_action(pieces(template, false))?);
        }
    }
    let found = texts(&domain, &patterns, steps)?
        .ok_or_else(|| Unknown::TooManyPatterns("actions".to_owned()))?;
    Ok(found
        .into_iter()
        .filter(|action| {
            action
                .split_once(':')
                .is_some_and(|(service, operation)| !service.is_empty() && !operation.is_empty())
        })
        .collect())
}

fn action_patterns(policies: &[&Policy]) -> BTreeSet<Vec<Piece>> {
    statements(policies)
        .flat_map(|statement| &statement.actions.patterns)
        .map(|template| pieces(template, false))
        .collect()
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
    steps: &Steps,
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
    texts(&domain, &patterns, steps)?
        .ok_or_else(|| Unknown::TooManyPatterns("resources".to_owned()))
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

/// Keys of single services that tell whereabouts too: the caller's account ("AWS KMS condition keys", AWS KMS Developer
/// Guide), and a mount target in the file system's own network ("Blocking public access", Amazon EFS User Guide).
const OF_SERVICES: [&str; 2] = [
    "kms:calleraccount",
    "elasticfilesystem:accessedviamounttarget",
];

/// Keeps the points of a key at which a caller would be that no policy names: of the keys that make a policy not
/// public, no value that is fixed in a policy.
pub(crate) fn retain_anybody(points: &mut Vec<Assignment>, statements: &[&Statement]) {
    let Some((key, _)) = points.first().and_then(|point| point.first()) else {
        return;
    };
    // Whose organization the resource is of says nothing of the caller.
    let tells = eval::NARROWING.contains(&key.as_str()) && key != "aws:resourceorgid";
    if !tells && !OF_SERVICES.contains(&key.as_str()) {
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
            Some(Test::Bool) => "ForAnyValue:Bool",
            _ => continue,
        };
        let values = condition.values.iter();
        let values: Vec<String> = values
            .filter(|value| eval::is_fixed(key, value) || is_of_organization(key, value))
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

/// Whether the paths are of one organization: "o-a1b2c3d4e5/*" names it, and its members are not anybody
/// ("aws:PrincipalOrgPaths", AWS global condition context keys).
fn is_of_organization(key: &str, value: &str) -> bool {
    key == "aws:principalorgpaths"
        && value
            .split_once('/')
            .is_some_and(|(id, _)| id.starts_with("o-") && !id.contains(['*', '?', '$']))
}

/// Keys that only signed requests carry, besides those that follow from the principal ("AWS global condition context
/// keys", IAM User Guide: properties of the principal and of a role session).
const SIGNED: [&str; 11] = [
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:userid",
    "aws:signatureage",
    "aws:tokenissuetime",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "aws:ec2instancesourcevpc",
    "aws:ec2instancesourceprivateipv4",
];

/// What an unsigned request does not tell.
pub(crate) fn unsigned(context: &mut Context) {
    for key in SIGNED {
        context.set_absent(key);
    }
    context.close("aws:principaltag/");
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

/// The template's pieces; variables are left out, as callers have dealt with them. Of neighbouring wildcards the single
/// characters come first and one star last, so that what means the same is the same.
fn pieces(template: &Template, folded: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut many = false;
    for part in template.parts() {
        match part {
            Part::One => pieces.push(Piece::One),
            Part::Many => many = true,
            Part::Literal(text) => {
                if std::mem::take(&mut many) {
                    pieces.push(Piece::Many);
                }
                let piece = if folded { Piece::Folded } else { Piece::Is };
                pieces.extend(text.chars().map(piece));
            }
            Part::Variable(_) => {}
        }
    }
    if many {
        pieces.push(Piece::Many);
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
