//! Answers, from wherever they come: AWS, or the journal.

use futures::future::BoxFuture;
use palisade_core::Outcome;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What came of a call.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) id: String,
    pub(crate) operation: String,
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<String>,
    /// Null where there is none.
    pub(crate) value: Value,
    pub(crate) next: Option<Value>,
}

/// One question, without what asking it needs.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Place of the account in the scope.
    pub(crate) account: usize,
    pub(crate) region: String,
    pub(crate) operation: String,
    pub(crate) input: Value,
    /// Tells questions apart that are asked more than once: the time of asking, from 0.
    pub(crate) time: u32,
    /// The question is not asked, because it would never end; the ledger gets this word.
    pub(crate) refused: Option<&'static str>,
}

/// Gives each question's answer, and asks it at most once.
pub(crate) trait Calls: Send + Sync {
    fn ask(&self, question: Question) -> BoxFuture<'static, Arc<Answer>>;
}

impl Question {
    /// The parameters as the ledger has them: compact, keys sorted.
    pub(crate) fn parameters(&self) -> String {
        let mut value = canonical(&self.input);
        if let Value::Object(map) = &mut value {
            if self.time > 0 {
                map.insert("(time)".to_owned(), self.time.into());
            }
            if let Some(word) = self.refused {
                map.insert("(refused)".to_owned(), word.into());
            }
        }
        value.to_string()
    }
}

fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            let sorted = keys
                .into_iter()
                .filter_map(|k| Some((k.clone(), canonical(map.get(k)?))));
            Value::Object(sorted.collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.iter().map(canonical).collect()),
        Value::Null => Value::Object(Map::new()),
        other => other.clone(),
    }
}
