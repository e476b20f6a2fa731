//! The least IAM policy that a plan needs.

use super::Plan;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a managed policy may have, in characters without white space:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MOST: usize = 6_144;

impl Plan {
    /// The operations that the plan may call, sorted.
    #[must_use]
    pub fn operations(&self) -> BTreeSet<&str> {
        let mut operations = BTreeSet::new();
        for table in &self.tables {
            let recipe = &table.recipe;
            operations.extend(recipe.before.iter().map(|b| b.operation.as_str()));
            operations.insert(recipe.list.operation.as_str());
            let fills = table
                .waves
                .iter()
                .flatten()
                .filter_map(|at| recipe.fills.get(*at));
            operations.extend(fills.map(|f| f.operation.as_str()));
        }
        operations
    }

    /// The IAM policies that allow exactly the plan's calls: one, or as many as IAM's limit of size asks for.
    #[must_use]
    pub fn permissions(&self) -> Vec<Value> {
        let actions: BTreeSet<&str> = self
            .operations()
            .into_iter()
            .filter_map(|operation| self.recipes.actions.get(operation))
            .flatten()
            .map(String::as_str)
            .collect();
        policies(&actions, MOST)
    }
}

fn policies(actions: &BTreeSet<&str>, most: usize) -> Vec<Value> {
    let empty = policy(&[]).to_string().len();
    let mut all = Vec::new();
    let mut some: Vec<&str> = Vec::new();
    let mut size = empty;
    for action in actions {
        // Two quotes and a comma.
        let more = action.len() + 3;
        if !some.is_empty() && size + more > most {
            all.push(policy(&some));
            some.clear();
            size = empty;
        }
        some.push(action);
        size += more;
    }
    if !some.is_empty() {
        all.push(policy(&some));
    }
    all
}

fn policy(actions: &[&str]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "PalisadeReads", "Effect": "Allow", "Action": actions, "Resource": "*"}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_is_too_long_is_split() {
        let actions: BTreeSet<&str> = ["a:One", "b:Two", "c:Three"].into();
        assert_eq!(policies(&actions, 6_144).len(), 1);
        let split = policies(&actions, 120);
        assert!(split.len() > 1);
        for policy in &split {
            assert!(policy.to_string().len() <= 120, "{policy}");
        }
        let mut seen = Vec::new();
        for policy in &split {
            let list = policy["Statement"][0]["Action"].as_array().unwrap();
            seen.extend(list.iter().map(|a| a.as_str().unwrap().to_owned()));
        }
        assert_eq!(seen, ["a:One", "b:Two", "c:Three"]);
    }
}
