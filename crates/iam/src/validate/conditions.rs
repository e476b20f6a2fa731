//! Conditions: operators, keys, and whether they fit each other.

use super::keys::{self, Known};
use super::statement::{Condition, Statement};
use super::{Code, Findings, PolicyType, condition_values, kms, stars, wide};
use crate::authorization::KeyType;
use crate::model::{Operator, Order, SetOperator, Test, TextTest};

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    for (at, condition) in statement.conditions.iter().enumerate() {
        let earlier = statement.conditions.iter().take(at);
        let twin = |other: &&Condition<'_>| {
            other.operator_at == condition.operator_at && other.lower == condition.lower
        };
        if earlier.clone().any(|other| twin(&other)) {
            found.suggest(
                Code::DuplicateKeysWithDifferentCase,
                condition.key_at,
                format!("`{}` stands here twice; keys have no case", condition.key),
                "put the values together under one key",
            );
        }
        let kind = key(condition, found);
        let Some(operator) = operator(condition, earlier, found) else {
            continue;
        };
        if let Some(kind) = kind {
            fits(condition, &operator, kind, found);
        }
        usual(condition, &operator, found);
        condition_values::check(condition, &operator, found);
        wide::check(condition, &operator, found);
        if let Some(kind) = kind {
            kms::check(condition, &operator, kind, found);
        }
    }
    actions_of_keys(statement, found);
    pairs(statement, found);
}

/// The operator; each unknown one is told once.
fn operator<'a>(
    condition: &Condition<'_>,
    mut earlier: impl Iterator<Item = &'a Condition<'a>>,
    found: &mut Findings<'_>,
) -> Option<Operator> {
    let operator = Operator::parse(condition.operator);
    if operator.is_some() || earlier.any(|other| other.operator_at == condition.operator_at) {
        return operator;
    }
    let lower = condition.operator.to_lowercase();
    let base = lower.rsplit(':').next().unwrap_or_default();
    if base == "nullifexists" {
        found.suggest(
            Code::NullWithIfExists,
            condition.operator_at,
            "`Null` already asks whether the key exists",
            "write `Null`",
        );
    } else {
        found.suggest(
            Code::InvalidConditionOperator,
            condition.operator_at,
            format!("`{}` is no condition operator", condition.operator),
            "write one of the operators of the IAM User Guide: StringEquals, ArnLike, Bool, ...",
        );
    }
    None
}

/// The type of the key's values, if the key is known.
fn key(condition: &Condition<'_>, found: &mut Findings<'_>) -> Option<KeyType> {
    let at = condition.key_at;
    let key = condition.key;
    // What is left of the old name ("AWS global condition context keys").
    if condition.lower == "aws:arn" {
        found.suggest(
            Code::UnsupportedGlobalConditionKey,
            at,
            "`aws:ARN` is no condition key any more",
            "write `aws:PrincipalArn`, or `aws:SourceArn`",
        );
        return None;
    }
    match keys::known(&condition.lower, found) {
        Known::Key(kind) => return kind,
        Known::NoTagKey(name) => found.suggest(
            Code::MissingTagKeyInCondition,
            at,
            format!("`{key}` names no tag"),
            format!("write `{name}` and the tag's key"),
        ),
        Known::NoGlobal(near) => {
            let message = format!("`{key}` is no global condition key");
            match near {
                Some(near) => found.suggest(
                    Code::InvalidGlobalConditionKey,
                    at,
                    message,
                    format!("did you mean `{near}`?"),
                ),
                None => found.add(Code::InvalidGlobalConditionKey, at, message),
            }
        }
        Known::NoKey(near) => {
            let message = format!("`{key}` is not in the service authorization data");
            match near {
                Some(near) => {
                    let near = format!("did you mean `{near}`?");
                    found.suggest(Code::InvalidServiceConditionKey, at, message, near);
                }
                None => found.add(Code::InvalidServiceConditionKey, at, message),
            }
        }
        Known::NoService => found.add(
            Code::InvalidService,
            at,
            format!("the service of `{key}` is not in the service authorization data"),
        ),
        Known::NoForm => found.suggest(
            Code::InvalidConditionKeyFormat,
            at,
            format!("`{key}` is no condition key"),
            "write `service:key`",
        ),
    }
    None
}

/// Operator and set operator against the type of the key ("Condition operators", "Single-valued vs. multivalued
/// context keys", IAM User Guide).
fn fits(condition: &Condition<'_>, operator: &Operator, kind: KeyType, found: &mut Findings<'_>) {
    if operator.test == Test::Null {
        return;
    }
    let key = condition.key;
    if kind.is_multivalued() && operator.set.is_none() {
        found.suggest(
            Code::MissingQualifier,
            condition.key_at,
            format!("requests have several values of `{key}`"),
            format!(
                "write `ForAnyValue:{0}` or `ForAllValues:{0}`",
                condition.operator
            ),
        );
    }
    if !kind.is_multivalued() && operator.set == Some(SetOperator::ForAllValues) {
        found.suggest(
            Code::ForallvaluesWithSingleValuedKey,
            condition.key_at,
            format!("a request has one value of `{key}`, or none, and then `ForAllValues` is true"),
            "leave `ForAllValues:` out",
        );
    }
    let test = operator.test;
    let (fine, wanted) = match kind {
        KeyType::String | KeyType::ArrayOfString => {
            (matches!(test, Test::Text(_) | Test::Arn), "String")
        }
        KeyType::Arn | KeyType::ArrayOfArn => (matches!(test, Test::Text(_) | Test::Arn), "Arn"),
        KeyType::Bool | KeyType::ArrayOfBool => (test == Test::Bool, "Bool"),
        KeyType::Numeric => (matches!(test, Test::Number(_)), "Numeric"),
        KeyType::Date => {
            // Seconds are numbers too.
            let seconds = condition.lower == "aws:epochtime" && matches!(test, Test::Number(_));
            (seconds || matches!(test, Test::Date(_)), "Date")
        }
        KeyType::Address => (test == Test::Address, "IpAddress"),
        KeyType::Binary => (test == Test::Binary, "Binary"),
    };
    if !fine {
        found.suggest(
            Code::TypeMismatch,
            condition.key_at,
            format!(
                "`{}` does not fit the values of `{key}`",
                condition.operator
            ),
            format!("use a {wanted} operator"),
        );
    } else if wanted == "Arn" && matches!(test, Test::Text(TextTest::Like)) {
        found.suggest(
            Code::StringLikeOperatorWithArnConditionKeys,
            condition.key_at,
            format!(
                "in `{}` a star runs over the parts of the ARN in `{key}`",
                condition.operator
            ),
            format!(
                "use {}",
                if operator.negated {
                    "ArnNotLike"
                } else {
                    "ArnLike"
                }
            ),
        );
    }
}

/// Operators used in a way that says less than it seems.
fn usual(condition: &Condition<'_>, operator: &Operator, found: &mut Findings<'_>) {
    if operator.test == Test::Null && operator.set.is_some() {
        found.suggest(
            Code::NullWithQualifier,
            condition.key_at,
            "`Null` with a set operator always gives the same answer",
            "write `Null` alone",
        );
    }
    stars::check(condition, operator, found);
    let order = match operator.test {
        Test::Number(Order::Less | Order::LessOrEqual) => "greatest",
        Test::Number(Order::Greater | Order::GreaterOrEqual) => "least",
        _ => return,
    };
    if condition.values.len() > 1 {
        found.suggest(
            Code::RedundantConditionValueNum,
            condition.values_at,
            format!("only the {order} of these values counts"),
            format!("write the {order} value alone"),
        );
    }
}

/// Keys that only some actions carry.
fn actions_of_keys(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    for condition in &statement.conditions {
        let lower = condition.lower.as_str();
        // Values that a session is given while its role is assumed ("Pass session tags in AWS STS", "Monitor and
        // control actions taken with assumed roles").
        let setter = match lower {
            "sts:sourceidentity" => "sts:SetSourceIdentity",
            "sts:transitivetagkeys" => "sts:TagSession",
            _ => "",
        };
        let has = |wanted: &str| {
            actions.texts.iter().any(|(_, action)| {
                super::near::covers(&action.to_lowercase(), &wanted.to_lowercase())
            })
        };
        if found.kind == PolicyType::Trust && !setter.is_empty() && !actions.negated && !has(setter)
        {
            found.suggest(
                Code::MissingActionForConditionKey,
                condition.key_at,
                format!("`{}` is in requests of `{setter}` only", condition.key),
                format!("add `{setter}` to the actions"),
            );
        }
        // The service's own keys, where each action of the statement is known and named in full.
        let Some((prefix, _)) = lower.split_once(':') else {
            continue;
        };
        let demands = Operator::parse(condition.operator)
            .is_some_and(|operator| !operator.if_exists && operator.test != Test::Null);
        if prefix != "iam" || actions.negated || !demands {
            continue;
        }
        let data = found.data;
        let Some(service) = data.service(prefix) else {
            continue;
        };
        let without: Vec<&str> = actions
            .texts
            .iter()
            .filter_map(|(_, text)| {
                let action = data.action(text)?;
                let own = text
                    .split_once(':')
                    .is_some_and(|(own, _)| own.eq_ignore_ascii_case(prefix));
                let carries = service.keys_of(action).any(|key| keys::is(key, lower))
                    || lower.starts_with("iam:resourcetag/");
                (own && !carries).then_some(*text)
            })
            .collect();
        if !without.is_empty() && without.len() < actions.texts.len() {
            found.suggest(
                Code::UnsupportedActionForConditionKey,
                condition.key_at,
                format!(
                    "requests of {} do not carry `{}`",
                    without.join(", "),
                    condition.key
                ),
                "put these actions into a statement of their own, without the key",
            );
        }
    }
}

/// Keys that say little alone.
fn pairs(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let paired = |keys: &[&str]| keys.iter().any(|key| statement.has_key(key));
    for condition in &statement.conditions {
        let missing = match condition.lower.as_str() {
            // Private addresses repeat from one VPC to the next.
            "aws:vpcsourceip" => !paired(&["aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"]),
            "aws:ec2instancesourceprivateipv4" => !paired(&["aws:ec2instancesourcevpc"]),
            _ => false,
        };
        if missing && statement.allows() {
            found.suggest(
                Code::MissingPairedConditionKeys,
                condition.key_at,
                format!(
                    "`{}` is met by the same address in another VPC",
                    condition.key
                ),
                if condition.lower == "aws:vpcsourceip" {
                    "add `aws:SourceVpc`"
                } else {
                    "add `aws:Ec2InstanceSourceVpc`"
                },
            );
        }
        let irrelevant = condition.lower == "s3:resourceaccount"
            || condition.lower == "aws:resourceaccount"
                && found.kind == PolicyType::Resource
                && found.service == Some("s3");
        if found.kind == PolicyType::Resource && irrelevant {
            found.suggest(
                Code::IrrelevantConditionKeyInPolicy,
                condition.key_at,
                format!(
                    "`{}` says nothing in the resource's own policy",
                    condition.key
                ),
                "write it in an identity policy",
            );
        }
    }
}
