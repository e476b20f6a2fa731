//! `Condition`.

use std::collections::BTreeSet;

use super::{
    Notes,
    json::{Json, Node},
    strict,
};
use crate::{error::DocumentError, model::Condition};

pub(crate) fn read(
    node: &Node,
    variables: bool,
    notes: &mut Notes,
) -> Result<Vec<Condition>, DocumentError> {
    let Json::Object(operators) = &node.value else {
        return Err(wrong(node, "`Condition` is an object of operators"));
    };
    let mut conditions: Vec<Condition> = Vec::new();
    let mut earlier = BTreeSet::new();
    for operator in operators {
        if !earlier.insert(&operator.name) {
            return Err(DocumentError::new(
                operator.at,
                format!("`{}` stands here twice; keep one", operator.name),
            ));
        }
        let Json::Object(keys) = &operator.value.value else {
            return Err(wrong(
                &operator.value,
                "an operator is an object of condition keys",
            ));
        };
        let mut earlier = BTreeSet::new();
        for key in keys {
            if !earlier.insert(&key.name) {
                return Err(DocumentError::new(
                    key.at,
                    format!("`{}` stands here twice; keep one", key.name),
                ));
            }
            let values = values(&key.value)?;
            let condition = Condition::new(&operator.name, &key.name, values, variables, key.at);
            strict::condition(&condition, operator.at, variables, notes)?;
            conditions.push(condition);
        }
    }
    Ok(conditions)
}

fn values(node: &Node) -> Result<Vec<String>, DocumentError> {
    match &node.value {
        Json::List(nodes) => nodes.iter().map(value).collect(),
        _ => Ok(vec![value(node)?]),
    }
}

fn value(node: &Node) -> Result<String, DocumentError> {
    match &node.value {
        Json::Text(text) | Json::Number(text) => Ok(text.clone()),
        Json::Bool(flag) => Ok(flag.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => Err(wrong(
            node,
            "a condition's value is a string, a number or a boolean",
        )),
    }
}

fn wrong(node: &Node, expected: &str) -> DocumentError {
    DocumentError::new(
        node.at,
        format!("{expected}; this is {}", node.value.kind()),
    )
}
