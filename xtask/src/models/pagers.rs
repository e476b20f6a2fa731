//! `paginators.toml`: pagers of our own, for operations that return a token but have none in botocore.

use crate::error::TaskError;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Service to operation to pager.
pub(super) type Pagers = BTreeMap<String, BTreeMap<String, Pager>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pager {
    /// Request member that takes the token.
    input: Option<String>,
    /// Reply member that gives it.
    output: Option<String>,
    /// The reply's list.
    result: Option<String>,
    /// Request member for the size of a page.
    limit: Option<String>,
    /// Why there is nothing to page, although members look like a token.
    none: Option<String>,
}

impl Pager {
    /// As botocore writes pagers; none where it says that there is nothing to page.
    pub(super) fn document(&self) -> Result<Option<Value>, TaskError> {
        match (&self.none, &self.input, &self.output) {
            (Some(_), None, None) => Ok(None),
            (None, Some(input), Some(output)) => {
                let mut map = Map::new();
                map.insert("input_token".to_owned(), json!(input));
                map.insert("output_token".to_owned(), json!(output));
                if let Some(result) = &self.result {
                    map.insert("result_key".to_owned(), json!(result));
                }
                if let Some(limit) = &self.limit {
                    map.insert("limit_key".to_owned(), json!(limit));
                }
                Ok(Some(Value::Object(map)))
            }
            _ => Err(TaskError::new(
                "a pager has `input` and `output`, or `none` with the reason",
            )),
        }
    }
}

pub(super) fn read(path: &Path) -> Result<Pagers, TaskError> {
    toml::from_str(&fs_err::read_to_string(path)?)
        .map_err(TaskError::from)
        .map_err(TaskError::at(path.display()))
}

/// Names of members that page in AWS's APIs.
const TOKENS: &[&str] = &[
    "nextToken",
    "marker",
    "nextMarker",
    "nextPageToken",
    "pageToken",
    "position",
    "continuationToken",
    "nextContinuationToken",
    "paginationToken",
    "nextPageMarker",
    "keyMarker",
    "scrollToken",
];

/// The member of a structure that looks like a token.
pub(super) fn token_member(shape: &Value) -> Option<&str> {
    let members = shape.get("members")?.as_object()?;
    members
        .keys()
        .find(|name| TOKENS.iter().any(|token| token.eq_ignore_ascii_case(name)))
        .map(String::as_str)
}
