//! The parameters of a call's endpoint rules: from the configuration, the model and the input.

use super::EndpointError;
use crate::model::{Model, Operation};
use serde_json::{Map, Value};

/// What the configuration says about endpoints.
#[derive(Debug, Clone, Copy, Default)]
pub struct Builtins<'a> {
    /// The region that is asked.
    pub region: &'a str,
    /// Only endpoints with FIPS 140 validated cryptography.
    pub fips: bool,
    /// Endpoints that answer on IPv6 too.
    pub dual_stack: bool,
    /// In place of AWS's own endpoint.
    pub endpoint: Option<&'a str>,
    /// Buckets in the path, not in the host.
    pub path_style: bool,
    /// The account that is asked.
    pub account: Option<&'a str>,
}

impl Builtins<'_> {
    /// The value of a [built-in](https://smithy.io/2.0/aws/rules-engine/built-ins.html) by its name.
    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "AWS::Region" if !self.region.is_empty() => Value::from(self.region),
            "AWS::UseFIPS" => Value::Bool(self.fips),
            "AWS::UseDualStack" => Value::Bool(self.dual_stack),
            "AWS::S3::ForcePathStyle" => Value::Bool(self.path_style),
            // A bucket's ARN names the region of the bucket.
            "AWS::S3::UseArnRegion" | "AWS::S3Control::UseArnRegion" => Value::Bool(true),
            "SDK::Endpoint" => Value::from(self.endpoint?),
            "AWS::Auth::AccountId" => Value::from(self.account?),
            // The regional endpoints of STS and S3 serve every account; AWS advises them.
            "AWS::STS::UseGlobalEndpoint" | "AWS::S3::UseGlobalEndpoint" => Value::Bool(false),
            _ => return None,
        })
    }
}

/// The parameters for one call.
///
/// # Errors
/// An expression of the model that is not understood.
pub fn params(
    model: &Model,
    operation: &Operation,
    input: &Value,
    builtins: &Builtins<'_>,
) -> Result<Map<String, Value>, EndpointError> {
    let mut params = Map::new();
    let rules = model.endpoint_rules.as_ref();
    for (name, declared) in rules.into_iter().flat_map(|rules| &rules.parameters) {
        let builtin = declared.built_in.as_ref();
        if let Some(value) = builtin.and_then(|builtin| builtins.get(builtin)) {
            params.insert(name.to_string(), value);
        }
    }
    for (name, path) in &operation.operation_context_params {
        let value = search(input, path).ok_or_else(|| {
            EndpointError::Malformed(format!("`{path}`, the expression of `{name}`"))
        })?;
        insert(&mut params, name, value);
    }
    let structure = model.input(operation);
    for (name, member) in structure
        .into_iter()
        .flat_map(|structure| &structure.members)
    {
        if let (Some(param), Some(value)) =
            (&member.target.traits.context_param, input.get(&**name))
        {
            insert(&mut params, param, value.clone());
        }
    }
    for (name, value) in &operation.static_context_params {
        insert(&mut params, name, value.clone());
    }
    Ok(params)
}

fn insert(params: &mut Map<String, Value>, name: &str, value: Value) {
    if !value.is_null() {
        params.insert(name.to_owned(), value);
    }
}

/// The part of JMESPath that models use for context parameters: members, `[*]`, `[]`, `keys(@)`.
/// None if the expression is beyond that.
fn search(input: &Value, path: &str) -> Option<Value> {
    if let Some(inner) = path
        .strip_prefix("keys(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let map = search(input, inner)?;
        let keys = map
            .as_object()
            .map(|map| map.keys().cloned().map(Value::String).collect());
        return Some(keys.map_or(Value::Null, Value::Array));
    }
    let mut here = vec![input.clone()];
    let mut many = false;
    for part in path.split('.') {
        let (name, spread) = match part.strip_suffix("[*]").or_else(|| part.strip_suffix("[]")) {
            Some(name) => (name, true),
            None => (part, false),
        };
        if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return None;
        }
        here = here
            .iter()
            .filter_map(|value| value.get(name).cloned())
            .collect();
        if spread {
            many = true;
            here = here
                .into_iter()
                .flat_map(|value| match value {
                    Value::Array(list) => list,
                    _ => Vec::new(),
                })
                .collect();
        }
    }
    Some(if many {
        Value::Array(here)
    } else {
        here.into_iter().next().unwrap_or(Value::Null)
    })
}

#[cfg(test)]
mod tests {
    use super::search;
    use serde_json::{Value, json};

    #[test]
    fn expressions_of_context_parameters() {
        let input =
            json!({"a": {"b": "x"}, "items": [{"table": "t"}, {"table": "u"}], "map": {"k": 1}});
        assert_eq!(search(&input, "a.b"), Some(json!("x")));
        assert_eq!(search(&input, "items[*].table"), Some(json!(["t", "u"])));
        assert_eq!(search(&input, "keys(map)"), Some(json!(["k"])));
        assert_eq!(search(&input, "none.b"), Some(Value::Null));
        assert_eq!(search(&input, "a | b"), None);
    }
}
