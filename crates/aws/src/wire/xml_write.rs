//! XML bodies of requests.

use super::json_write::in_body;
use super::scalar;
use crate::model::{Kind, Model, Ref, Structure, TimestampFormat, Traits};
use quick_xml::escape::escape;
use serde_json::Value;

/// A structure as a document; without a `locationName` the root is called by the default.
pub(super) fn document(
    model: &Model,
    target: Option<&Ref>,
    shape: &Structure,
    default: &str,
    given: &Value,
) -> Vec<u8> {
    let mut out = String::new();
    let plain = Traits::default();
    let traits = target.map_or(&plain, |target| &target.traits);
    let name = traits.location_name.as_deref().unwrap_or(default);
    structure(&mut out, model, traits, shape, name, given);
    out.into_bytes()
}

fn structure(
    out: &mut String,
    model: &Model,
    traits: &Traits,
    shape: &Structure,
    name: &str,
    given: &Value,
) {
    open(out, name, traits);
    let set = || {
        shape.members.iter().filter_map(|(name, member)| {
            let given = given.get(&**name).filter(|given| !given.is_null())?;
            let target = &member.target;
            let wire = target.traits.location_name.as_deref().unwrap_or(name);
            in_body(target.traits.location).then_some((wire, target, given))
        })
    };
    for (wire, _, given) in set().filter(|(_, target, _)| target.traits.xml_attribute) {
        // The end of the tag is put back behind the attributes.
        out.pop();
        attribute(out, wire, given.as_str().unwrap_or_default());
        out.push('>');
    }
    for (wire, target, given) in set().filter(|(_, target, _)| !target.traits.xml_attribute) {
        value(out, model, target, wire, given);
    }
    close(out, name);
}

fn value(out: &mut String, model: &Model, target: &Ref, name: &str, given: &Value) {
    let traits = &target.traits;
    match (model.kind(target), given) {
        (Kind::Structure(shape), _) => structure(out, model, traits, shape, name, given),
        (Kind::List { member, .. }, Value::Array(list)) if traits.flattened => {
            list.iter()
                .for_each(|given| value(out, model, member, name, given));
        }
        (Kind::List { member, .. }, Value::Array(list)) => {
            open(out, name, traits);
            let item = member.traits.location_name.as_deref().unwrap_or("member");
            list.iter()
                .for_each(|given| value(out, model, member, item, given));
            close(out, name);
        }
        (
            Kind::Map {
                key, value: inner, ..
            },
            Value::Object(map),
        ) => {
            let entry = if traits.flattened { name } else { "entry" };
            if !traits.flattened {
                open(out, name, traits);
            }
            for (text, given) in map {
                open(out, entry, &Traits::default());
                let key_name = key.traits.location_name.as_deref().unwrap_or("key");
                element(out, key_name, &key.traits, text);
                let value_name = inner.traits.location_name.as_deref().unwrap_or("value");
                value(out, model, inner, value_name, given);
                close(out, entry);
            }
            if !traits.flattened {
                close(out, name);
            }
        }
        (kind, given) => {
            let format = traits.timestamp_format.unwrap_or(TimestampFormat::Iso8601);
            if let Some(text) = scalar::text(given, kind, format) {
                element(out, name, traits, &text);
            }
        }
    }
}

fn element(out: &mut String, name: &str, traits: &Traits, text: &str) {
    open(out, name, traits);
    out.push_str(&escape(text));
    close(out, name);
}

fn open(out: &mut String, name: &str, traits: &Traits) {
    out.push('<');
    out.push_str(name);
    if let Some(namespace) = &traits.xml_namespace {
        let key = namespace
            .prefix
            .as_ref()
            .map_or_else(|| "xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        attribute(out, &key, &namespace.uri);
    }
    out.push('>');
}

fn attribute(out: &mut String, name: &str, text: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    out.push_str(&escape(text));
    out.push('"');
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
