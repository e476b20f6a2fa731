//! One call of a table, and what is taken from its answer.

use super::form::Form;
use super::path::Path;
use super::with::With;
use base64::Engine as _;
use palisade_aws::model::names::snake_case;
use serde_json::Value;
use std::collections::BTreeMap;

/// The values of a row, by slot.
pub(crate) type Slots = Vec<Value>;

/// The list call or a fill.
#[derive(Debug)]
pub(crate) struct Step {
    /// The fill's name; empty for the list call.
    pub(crate) name: String,
    /// `service:Operation`
    pub(crate) operation: String,
    pub(crate) with: With,
    /// The columns that the parameters name.
    pub(crate) needs: Vec<String>,
    /// The way to the rows, or to what a fill takes.
    pub(crate) path: Path,
    pub(crate) take: Take,
    /// Further pages are asked for: the answer is a list.
    pub(crate) paged: bool,
}

/// What is taken.
#[derive(Debug)]
pub(crate) enum Take {
    /// The value as it is, into one slot.
    One(usize, Form),
    /// Members of a structure, by the API's name.
    Members(Vec<(Box<str>, usize, Form)>),
    /// Entries of a map or columns of a CSV file, by key in snake case.
    Keys(BTreeMap<String, (usize, Form)>),
}

/// An error that means "there is none".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Absent {
    code: String,
    message: Option<String>,
}

/// A call that prepares the list call.
#[derive(Debug)]
pub(crate) struct Before {
    pub(crate) operation: String,
    pub(crate) with: With,
    path: Path,
    done: String,
}

impl Take {
    /// Whether a slot gets its value here.
    pub(crate) fn gives(&self, slot: usize) -> bool {
        match self {
            Self::One(at, _) => *at == slot,
            Self::Members(members) => members.iter().any(|(_, at, _)| *at == slot),
            Self::Keys(keys) => keys.values().any(|(at, _)| *at == slot),
        }
    }

    /// Puts what is taken into a row; counts what does not fit.
    pub(crate) fn read(&self, value: Value, row: &mut Slots, misfits: &mut u32) {
        let mut put = |slot: usize, value: Value| {
            if let Some(cell) = row.get_mut(slot) {
                *cell = value;
            }
        };
        match (self, value) {
            (_, Value::Null) => {}
            (Self::One(slot, form), value) => put(*slot, form.read(value, misfits)),
            (Self::Members(members), Value::Object(mut map)) => {
                for (name, slot, form) in members {
                    if let Some(value) = map.swap_remove(&**name) {
                        put(*slot, form.read(value, misfits));
                    }
                }
            }
            (Self::Keys(keys), Value::Object(map)) => {
                for (key, value) in map {
                    if let Some((slot, form)) = keys.get(&snake_case(&key)) {
                        put(*slot, form.read(value, misfits));
                    }
                }
            }
            (Self::Members(_) | Self::Keys(_), _) => *misfits += 1,
        }
    }
}

impl Step {
    /// The rows of a page.
    pub(crate) fn rows(&self, answer: Value, csv: bool) -> Vec<Value> {
        if csv {
            return self
                .path
                .values(answer)
                .into_iter()
                .flat_map(lines)
                .collect();
        }
        if self.path.steps.is_empty() {
            return vec![answer];
        }
        self.path.rows(answer)
    }

    /// What a fill takes from the answer; none where it is not there.
    pub(crate) fn taken(&self, answer: Value) -> Option<Value> {
        self.path.values(answer).into_iter().next()
    }
}

impl Absent {
    /// `Code`, or `Code: beginning of the message`.
    pub(crate) fn parse(text: &str) -> Self {
        match text.split_once(": ") {
            Some((code, message)) => Self {
                code: code.to_owned(),
                message: Some(message.to_owned()),
            },
            None => Self {
                code: text.to_owned(),
                message: None,
            },
        }
    }

    pub(crate) fn is(&self, code: &str, message: &str) -> bool {
        self.code == code
            && self
                .message
                .as_ref()
                .is_none_or(|m| message.contains(m.as_str()))
    }
}

impl Before {
    pub(crate) fn new(operation: &str, with: With, until: &str) -> Option<Self> {
        let (path, done) = until.split_once('=')?;
        Some(Self {
            operation: operation.to_owned(),
            with,
            path: Path::parse(path),
            done: done.to_owned(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the answer says that the work is done.
    pub(crate) fn is_done(&self, answer: Value) -> bool {
        self.path.values(answer).first().and_then(Value::as_str) == Some(&self.done)
    }
}

/// The lines of a CSV file in base64, as maps of text by column.
fn lines(file: Value) -> Vec<Value> {
    let Value::String(text) = file else {
        return Vec::new();
    };
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text.as_bytes())
        .unwrap_or_else(|_| text.into_bytes());
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(bytes.as_slice());
    let Ok(header) = reader.byte_headers().cloned() else {
        return Vec::new();
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    reader
        .byte_records()
        .map_while(Result::ok)
        .map(|line| {
            header
                .iter()
                .zip(line.iter())
                .map(|(name, value)| (text(name), Value::String(text(value))))
                .collect::<serde_json::Map<_, _>>()
                .into()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_absence_may_ask_for_the_message() {
        let absent = Absent::parse("AccessDeniedException: You don't have permissions");
        assert!(absent.is(
            "AccessDeniedException",
            "You don't have permissions to access this resource."
        ));
        assert!(!absent.is(
            "AccessDeniedException",
            "User: x is not authorized to perform"
        ));
        assert!(Absent::parse("NoSuchBucket").is("NoSuchBucket", "anything"));
    }

    #[test]
    fn a_csv_file_is_read_by_its_header() {
        let file = base64::engine::general_purpose::STANDARD.encode("user,arn\n\"a,b\",x\nshort\n");
        assert_eq!(
            lines(json!(file)),
            [json!({"user": "a,b", "arn": "x"}), json!({"user": "short"})]
        );
    }
}
