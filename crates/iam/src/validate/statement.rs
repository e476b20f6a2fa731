//! A statement as it stands in the document, whatever is wrong with it.

use super::{Code, Findings};
use crate::model::{Effect, Position};
use crate::parse::json::{Json, Node};

/// The statements' nodes.
pub(super) fn all(document: &Node) -> &[Node] {
    match document.get("Statement") {
        Some(node) => match &node.value {
            Json::List(nodes) => nodes,
            Json::Object(_) => std::slice::from_ref(node),
            _ => &[],
        },
        None => &[],
    }
}

/// An element that is a string or a list of strings.
#[derive(Debug, Clone)]
pub(super) struct Values<'a> {
    /// `NotAction` and its kin.
    pub(super) negated: bool,
    /// Where the element's value starts.
    pub(super) at: Position,
    /// The strings.
    pub(super) texts: Vec<(Position, &'a str)>,
}

/// One key of a condition.
#[derive(Debug, Clone)]
pub(super) struct Condition<'a> {
    pub(super) operator: &'a str,
    pub(super) operator_at: Position,
    pub(super) key: &'a str,
    /// Lower case.
    pub(super) lower: String,
    pub(super) key_at: Position,
    /// The values' nodes.
    pub(super) values: &'a [Node],
    /// Where the value or the list of values starts.
    pub(super) values_at: Position,
}

impl<'a> Condition<'a> {
    /// The values that are strings.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Position, &'a str)> {
        self.values
            .iter()
            .filter_map(|node| Some((node.at, node.text()?)))
    }
}

/// A statement, as far as it can be read.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) at: Position,
    pub(super) node: &'a Node,
    pub(super) effect: Option<Effect>,
    pub(super) actions: Option<Values<'a>>,
    pub(super) resources: Option<Values<'a>>,
    pub(super) principal: Option<(bool, &'a Node)>,
    pub(super) conditions: Vec<Condition<'a>>,
}

impl<'a> Statement<'a> {
    /// Reads what can be read; what has the wrong JSON type is an issue.
    pub(super) fn read(node: &'a Node, found: &mut Findings<'_>) -> Self {
        let effect = match node.get("Effect").map(|effect| (effect, effect.text())) {
            Some((_, Some("Allow"))) => Some(Effect::Allow),
            Some((_, Some("Deny"))) => Some(Effect::Deny),
            Some((effect, Some(other))) => {
                found.suggest(
                    Code::InvalidEffect,
                    effect.at,
                    format!("`{other}` is no effect"),
                    "write \"Allow\" or \"Deny\"",
                );
                None
            }
            Some((effect, None)) => {
                wrong_type(effect, "a string", found);
                None
            }
            None => {
                found.suggest(
                    Code::MissingEffect,
                    node.at,
                    "the statement has no `Effect`",
                    "add \"Effect\": \"Allow\" or \"Deny\"",
                );
                None
            }
        };
        let principal = match (node.get("Principal"), node.get("NotPrincipal")) {
            (Some(principal), _) => Some((false, principal)),
            (None, Some(principal)) => Some((true, principal)),
            (None, None) => None,
        };
        Self {
            at: node.at,
            node,
            effect,
            actions: values(node, "Action", "NotAction", found),
            resources: values(node, "Resource", "NotResource", found),
            principal,
            conditions: conditions(node, found),
        }
    }

    /// Whether a condition on the key is there, whatever it says.
    pub(super) fn has_key(&self, lower: &str) -> bool {
        self.conditions
            .iter()
            .any(|condition| condition.lower == lower)
    }

    /// Whether it allows.
    pub(super) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }
}

/// The value has another JSON type than it must.
pub(super) fn wrong_type(node: &Node, expected: &str, found: &mut Findings<'_>) {
    found.add(
        Code::DataTypeMismatch,
        node.at,
        format!("this is {}, where {expected} stands", node.value.kind()),
    );
}

fn values<'a>(
    statement: &'a Node,
    name: &str,
    not: &str,
    found: &mut Findings<'_>,
) -> Option<Values<'a>> {
    let (negated, node) = match (statement.get(name), statement.get(not)) {
        (Some(node), _) => (false, node),
        (None, Some(node)) => (true, node),
        (None, None) => return None,
    };
    let mut texts = Vec::new();
    let entries = match &node.value {
        Json::List(entries) => entries.as_slice(),
        _ => std::slice::from_ref(node),
    };
    for entry in entries {
        match entry.text() {
            Some(text) => texts.push((entry.at, text)),
            None => wrong_type(entry, "a string", found),
        }
    }
    Some(Values {
        negated,
        at: node.at,
        texts,
    })
}

fn conditions<'a>(statement: &'a Node, found: &mut Findings<'_>) -> Vec<Condition<'a>> {
    let Some(node) = statement.get("Condition") else {
        return Vec::new();
    };
    let Json::Object(operators) = &node.value else {
        wrong_type(node, "an object of operators", found);
        return Vec::new();
    };
    if operators.is_empty() {
        found.suggest(
            Code::EmptyObjectCondition,
            node.at,
            "the condition is empty: it says nothing",
            "remove it, or write what it is to test",
        );
    }
    let mut all = Vec::new();
    for operator in operators {
        let Json::Object(keys) = &operator.value.value else {
            wrong_type(&operator.value, "an object of condition keys", found);
            continue;
        };
        if keys.is_empty() {
            found.suggest(
                Code::EmptyObjectCondition,
                operator.value.at,
                format!("`{}` tests no key: it says nothing", operator.name),
                "remove it, or write what it is to test",
            );
        }
        for key in keys {
            let values = match &key.value.value {
                Json::List(values) => values.as_slice(),
                _ => std::slice::from_ref(&key.value),
            };
            all.push(Condition {
                operator: &operator.name,
                operator_at: operator.at,
                key: &key.name,
                lower: key.name.to_lowercase(),
                key_at: key.at,
                values,
                values_at: key.value.at,
            });
        }
    }
    all
}
