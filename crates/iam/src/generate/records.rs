//! CloudTrail's records, as far as a policy needs them ("CloudTrail record contents", CloudTrail User Guide).

use serde_json::{Map, Value};

use super::parameters::{Parameters, TEXT};

/// A longer text is refused: the caller reads it in pieces.
const LONGEST: usize = 1 << 30;
/// More resources than this of one record are refused; AWS names a handful.
const RESOURCES: usize = 1_000;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Its number in the text, from 1.
    pub number: usize,
    /// `eventSource`: `s3.amazonaws.com`.
    pub source: String,
    /// `eventName`: `GetObject`.
    pub name: String,
    /// `eventType`: `AwsApiCall`.
    pub kind: String,
    /// `userIdentity.arn`
    pub caller: Option<String>,
    /// The ARN of the role or user that a session is of: `userIdentity.sessionContext.sessionIssuer.arn`.
    pub issuer: Option<String>,
    /// `recipientAccountId`, or the caller's account.
    pub account: Option<String>,
    /// `awsRegion`
    pub region: Option<String>,
    /// `errorCode`
    pub error: Option<String>,
    /// `eventTime`
    pub time: Option<String>,
    /// ARNs of `resources`; one that ends in a star names all that begin so.
    pub resources: Vec<Named>,
    /// `requestParameters`
    pub parameters: Parameters,
    /// ARNs of `responseElements`.
    pub response: Parameters,
}

/// A resource of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its ARN.
    pub arn: String,
    /// Whether it is how ARNs begin (`ARNPrefix`).
    pub prefix: bool,
}

/// A record that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {record}: {problem}")]
pub struct RecordError {
    /// Its number, from 1.
    pub record: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// Reads records: documents `{"Records": [...]}`, lists, and records line by line, one after the other in any mixture;
/// also the answer of `LookupEvents`, whose records are texts.
///
/// # Errors
/// The first record that is none, by its number. JSON nests no deeper than 128 levels.
pub fn records(text: &str) -> Result<Vec<Record>, RecordError> {
    let mut all = Vec::new();
    let wrong = |record: usize, problem: String| RecordError { record, problem };
    if text.len() > LONGEST {
        return Err(wrong(1, format!("this has more than {LONGEST} bytes")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| wrong(all.len() + 1, error.to_string()))?;
        document(value, &mut all)?;
    }
    Ok(all)
}

fn document(value: Value, all: &mut Vec<Record>) -> Result<(), RecordError> {
    let wrong = |record: usize, problem: &str| RecordError {
        record,
        problem: problem.to_owned(),
    };
    let next = all.len() + 1;
    match value {
        Value::Array(list) => list.into_iter().try_for_each(|value| one(&value, all)),
        Value::Object(mut object) => {
            if let Some(list) = object.shift_remove("Records") {
                let Value::Array(list) = list else {
                    return Err(wrong(next, "`Records` is no list"));
                };
                return list.iter().try_for_each(|value| one(value, all));
            }
            if let Some(list) = object.shift_remove("Events") {
                let Value::Array(list) = list else {
                    return Err(wrong(next, "`Events` is no list"));
                };
                return list.iter().try_for_each(|event| {
                    let number = all.len() + 1;
                    let text = event.get("CloudTrailEvent").and_then(Value::as_str);
                    let text = text.ok_or_else(|| {
                        wrong(number, "an event of `Events` has no text `CloudTrailEvent`")
                    })?;
                    let value = serde_json::from_str(text)
                        .map_err(|error| wrong(number, &error.to_string()))?;
                    one(&value, all)
                });
            }
            one(&Value::Object(object), all)
        }
        _ => Err(wrong(
            next,
            "a record is an object, or a member of `{\"Records\": [...]}`",
        )),
    }
}

fn one(value: &Value, all: &mut Vec<Record>) -> Result<(), RecordError> {
    let number = all.len() + 1;
    let record = read(value, number).map_err(|problem| RecordError {
        record: number,
        problem,
    })?;
    all.push(record);
    Ok(())
}

fn read(value: &Value, number: usize) -> Result<Record, String> {
    let object = value
        .as_object()
        .ok_or_else(|| format!("a record is an object, not {}", kind(value)))?;
    let identity = member(object, "userIdentity")?;
    let issuer = match identity {
        Some(identity) => match member(identity, "sessionContext")? {
            Some(session) => member(session, "sessionIssuer")?,
            None => None,
        },
        None => None,
    };
    let of = |object: Option<&Map<String, Value>>, name: &str| match object {
        Some(object) => text(object, name),
        None => Ok(None),
    };
    let need = |name: &str| {
        text(object, name)?
            .ok_or_else(|| format!("`{name}` is missing: this is no CloudTrail record"))
    };
    Ok(Record {
        number,
        source: need("eventSource")?,
        name: need("eventName")?,
        kind: text(object, "eventType")?.unwrap_or_else(|| "AwsApiCall".to_owned()),
        caller: of(identity, "arn")?,
        issuer: of(issuer, "arn")?,
        account: text(object, "recipientAccountId")?.or(of(identity, "accountId")?),
        region: text(object, "awsRegion")?,
        error: text(object, "errorCode")?,
        time: text(object, "eventTime")?,
        resources: resources(object)?,
        parameters: Parameters::read(object.get("requestParameters")),
        response: Parameters::arns(object.get("responseElements")),
    })
}

fn resources(object: &Map<String, Value>) -> Result<Vec<Named>, String> {
    let list = match object.get("resources") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(format!("`resources` is {}, not a list", kind(other))),
    };
    if list.len() > RESOURCES {
        return Err(format!("it has more than {RESOURCES} resources"));
    }
    let mut all = Vec::new();
    for resource in list {
        let resource = resource
            .as_object()
            .ok_or_else(|| format!("a resource is an object, not {}", kind(resource)))?;
        for (name, prefix) in [("ARN", false), ("arn", false), ("ARNPrefix", true)] {
            if let Some(arn) = text(resource, name)?
                && arn.starts_with("arn:")
            {
                all.push(Named { arn, prefix });
            }
        }
    }
    Ok(all)
}

fn member<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(format!("`{name}` is {}, not an object", kind(other))),
    }
}

fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() > TEXT => {
            Err(format!("`{name}` has more than {TEXT} bytes"))
        }
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("`{name}` is {}, not a string", kind(other))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
