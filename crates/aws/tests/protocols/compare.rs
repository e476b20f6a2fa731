//! Values in forms that can be compared.

use aws_smithy_types::date_time::{DateTime, Format};
use palisade_aws::model::{Kind, Model, Ref};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

/// The pairs of a form or query, decoded and sorted.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    pairs.sort();
    pairs
}

/// Timestamps as seconds and blobs as text, as the suites write them.
pub(crate) fn plain(model: &Model, target: &Ref, value: Value) -> Value {
    match (model.kind(target), value) {
        (Kind::Structure(shape), Value::Object(members)) if !shape.document => members
            .into_iter()
            .map(|(name, value)| match shape.members.get(name.as_str()) {
                Some(member) => (name, plain(model, &member.target, value)),
                None => (name, value),
            })
            .collect(),
        (Kind::List { member, .. }, Value::Array(list)) => list
            .into_iter()
            .map(|value| plain(model, member, value))
            .collect(),
        (Kind::Map { value: target, .. }, Value::Object(map)) => map
            .into_iter()
            .map(|(key, value)| (key, plain(model, target, value)))
            .collect(),
        (Kind::Timestamp, Value::String(text)) => DateTime::from_str(&text, Format::DateTime)
            .unwrap()
            .as_secs_f64()
            .into(),
        (Kind::Blob, Value::String(text)) => {
            String::from_utf8(aws_smithy_types::base64::decode(text).unwrap())
                .unwrap()
                .into()
        }
        (_, value) => value,
    }
}

/// An element: name, sorted attributes, trimmed text, sorted children.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tree {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Self>,
}

pub(crate) fn tree(text: &str) -> Result<Tree, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Tree::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => open.push(element(&start)),
            Event::End(_) => {
                let mut done = open.pop().unwrap();
                done.text = done.text.trim().to_owned();
                done.children.sort();
                open.last_mut().unwrap().children.push(done);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
            Event::GeneralRef(name) => {
                let text = &mut open.last_mut().unwrap().text;
                match name.resolve_char_ref().unwrap() {
                    Some(letter) => text.push(letter),
                    None => text.push_str(quick_xml::escape::resolve_xml_entity(&name).unwrap()),
                }
            }
            Event::Eof => {
                return Ok(Tree {
                    text: String::new(),
                    ..open.pop().unwrap()
                });
            }
            _ => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Tree {
    let pairs = start.attributes().map(Result::unwrap);
    let mut attributes: Vec<_> = pairs
        .map(|pair| (pair.key.as_ref().to_owned(), pair.value.into_owned()))
        .collect();
    attributes.sort();
    Tree {
        name: start.name().as_ref().to_owned(),
        attributes,
        ..Tree::default()
    }
}
