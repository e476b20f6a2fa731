//! Whether a condition is met ("IAM JSON policy elements: Condition operators" and
//! "Set operators for multivalued context keys", IAM User Guide).

use super::truth::{Atom, Truth};
use crate::model::{
    Condition, Context, ContextValue, Lookup, Operands, Operator, SetOperator, Template, Test,
    TextTest, is_multivalued,
    scalar::{Decimal, Instant, address, within},
};

/// Whether the condition is met in the context.
pub(crate) fn met<T: Truth>(condition: &Condition, context: &Context) -> T {
    let Some(operator) = &condition.operator else {
        return T::of(false);
    };
    match context.lookup(&condition.key) {
        Lookup::Present(value) => {
            let outcome = present(condition, operator, value, context);
            let by_path = context.is_pathless(&condition.key)
                && hangs_on_path(condition, operator, value, context);
            if outcome.open || by_path {
                T::open(outcome.holds, || atom(condition, operator))
            } else {
                T::of(outcome.holds)
            }
        }
        Lookup::Absent => T::of(absent(condition, operator)),
        Lookup::Unknown => match whatever(condition, operator, context) {
            Some(holds) => T::of(holds),
            None => T::open(absent(condition, operator), || atom(condition, operator)),
        },
    }
}

/// Whether another path of the session's role could change the outcome.
fn hangs_on_path(
    condition: &Condition,
    operator: &Operator,
    value: &ContextValue,
    context: &Context,
) -> bool {
    let (Operands::Templates(templates), ContextValue::One(arn)) = (&condition.operands, value)
    else {
        return false;
    };
    let by_part = operator.test == Test::Arn;
    let folded = operator.test == Test::Text(TextTest::EqualsIgnoreCase);
    let mut hangs = false;
    for template in templates {
        let matched = if folded {
            template.equals_over_paths(arn, context)
        } else {
            template.over_paths(arn, by_part, context)
        };
        match matched {
            Some(true) => return false,
            Some(false) => {}
            None => hangs = true,
        }
    }
    hangs
}

/// The outcome where it is the same for every value of the key and without one: values of the policy that match nothing
/// leave nothing to ask for.
fn whatever(condition: &Condition, operator: &Operator, context: &Context) -> Option<bool> {
    if let (Operands::Flags(flags), Test::Null) = (&condition.operands, operator.test) {
        return match (flags.contains(&true), flags.contains(&false)) {
            (true, true) => Some(true),
            (false, false) => Some(false),
            _ => None,
        };
    }
    let nothing = match &condition.operands {
        Operands::Templates(templates) => templates.iter().all(|template| {
            template.is_never(context)
                || operator.test == Test::Arn && !template.can_be_arn(context)
        }),
        Operands::Numbers(numbers) => numbers.iter().all(Option::is_none),
        Operands::Dates(dates) => dates.iter().all(Option::is_none),
        Operands::Networks(networks) => networks.iter().all(Option::is_none),
        Operands::Flags(flags) => flags.is_empty(),
        Operands::Binaries(binaries) => binaries.is_empty(),
    };
    let ordered = matches!(operator.test, Test::Number(_) | Test::Date(_));
    match (nothing, operator.negated, operator.set) {
        (false, ..) => None,
        // A key that is there does not match, one that is not there may.
        (true, false, Some(SetOperator::ForAllValues)) => None,
        (true, false, _) => (!operator.if_exists).then_some(false),
        // A request's value that is no number or date meets nothing, negated operators neither; nor does a list where no
        // set operator stands.
        (true, true, None) => (!ordered && !is_multivalued(&condition.key)).then_some(true),
        (true, true, Some(SetOperator::ForAllValues)) => (!ordered).then_some(true),
        (true, true, Some(SetOperator::ForAnyValue)) => None,
    }
}

fn atom(condition: &Condition, operator: &Operator) -> Atom {
    Atom {
        operator: operator.canonical(),
        key: condition.key_text.clone(),
        values: condition.values.clone(),
    }
}

/// An absent key meets `...IfExists`, negated operators and `ForAllValues`; it never meets `ForAnyValue`
/// nor any other operator.
fn absent(condition: &Condition, operator: &Operator) -> bool {
    if let Operands::Flags(flags) = &condition.operands
        && operator.test == Test::Null
    {
        return flags.contains(&true);
    }
    operator.if_exists
        || match operator.set {
            Some(SetOperator::ForAllValues) => true,
            Some(SetOperator::ForAnyValue) => false,
            None => operator.negated,
        }
}

#[derive(Debug, Clone, Copy)]
struct Outcome {
    holds: bool,
    /// A policy variable without a told value could change it.
    open: bool,
}

fn present(
    condition: &Condition,
    operator: &Operator,
    value: &ContextValue,
    context: &Context,
) -> Outcome {
    if operator.test == Test::Null {
        let holds = matches!(&condition.operands, Operands::Flags(flags) if flags.contains(&false));
        return Outcome { holds, open: false };
    }
    let each = || {
        value
            .values()
            .map(|value| one(condition, operator, value, context))
    };
    match (operator.set, value) {
        (None, ContextValue::One(value)) => one(condition, operator, value, context),
        // "Multivalued context keys require a condition set operator": without one nothing is met.
        (None, ContextValue::Many(_)) => Outcome {
            holds: false,
            open: false,
        },
        // A null data set, such as an empty string, meets ForAllValues and not ForAnyValue.
        (Some(set), ContextValue::One(value)) if value.is_empty() => Outcome {
            holds: set == SetOperator::ForAllValues,
            open: false,
        },
        (Some(SetOperator::ForAllValues), _) => Outcome {
            holds: each().all(|outcome| outcome.holds),
            open: each().any(|outcome| outcome.open),
        },
        (Some(SetOperator::ForAnyValue), _) => Outcome {
            holds: each().any(|outcome| outcome.holds),
            open: each().any(|outcome| outcome.open),
        },
    }
}

/// One value of the request against all values of the policy: one has to match, or none where negated.
fn one(condition: &Condition, operator: &Operator, value: &str, context: &Context) -> Outcome {
    let settled = |matched: bool| Outcome {
        holds: matched != operator.negated,
        open: false,
    };
    // A request's value that is no number or date meets nothing, negated operators neither.
    let unreadable = Outcome {
        holds: false,
        open: false,
    };
    match (&condition.operands, operator.test) {
        (Operands::Templates(templates), Test::Text(test)) => {
            texts(templates, operator, context, |template| match test {
                TextTest::Equals | TextTest::Like => template.matches(value, context),
                TextTest::EqualsIgnoreCase => template.equals_ignoring_case(value, context),
            })
        }
        (Operands::Templates(templates), Test::Arn) => {
            texts(templates, operator, context, |template| {
                template.matches_arn(value, context)
            })
        }
        (Operands::Numbers(numbers), Test::Number(order)) => match Decimal::parse(value) {
            Some(value) => settled(
                numbers
                    .iter()
                    .flatten()
                    .any(|number| order.holds(&value, number)),
            ),
            None => unreadable,
        },
        (Operands::Dates(dates), Test::Date(order)) => match Instant::parse(value) {
            Some(value) => settled(dates.iter().flatten().any(|date| order.holds(&value, date))),
            None => unreadable,
        },
        (Operands::Flags(flags), Test::Bool) => {
            settled(flags.contains(&value.eq_ignore_ascii_case("true")))
        }
        (Operands::Binaries(binaries), Test::Binary) => {
            settled(binaries.iter().any(|binary| binary == value))
        }
        (Operands::Networks(networks), Test::Address) => {
            settled(address(value).is_some_and(|address| {
                networks
                    .iter()
                    .flatten()
                    .any(|network| within(network, &address))
            }))
        }
        _ => unreadable,
    }
}

/// A template whose variable has no value matches nothing.
fn texts(
    templates: &[Template],
    operator: &Operator,
    context: &Context,
    matches: impl Fn(&Template) -> Option<bool>,
) -> Outcome {
    let matched = templates
        .iter()
        .any(|template| matches(template) == Some(true));
    if !templates
        .iter()
        .any(|template| template.is_uncertain(context))
    {
        return Outcome {
            holds: matched != operator.negated,
            open: false,
        };
    }
    // A match by a template without open variables settles the matter.
    let sure = templates
        .iter()
        .any(|template| !template.is_uncertain(context) && matches(template) == Some(true));
    Outcome {
        holds: matched != operator.negated,
        open: !sure,
    }
}
