//! XML bodies read by shape.

use super::scalar;
use super::slots::{Slots, in_body, xml_name};
use super::xml_cursor::{Cursor, Element, XmlError};
use crate::model::{Kind, Model, Ref, Structure};
use serde_json::{Map, Value};

/// Reads the open element as a structure, up to its end.
pub(super) fn structure<'b>(
    cursor: &mut Cursor<'b>,
    model: &Model,
    structure: &Structure,
    element: &Element<'b>,
) -> Result<Map<String, Value>, XmlError> {
    let mut slots = Slots::new(structure);
    attributes(structure, element, &mut slots);
    while let Some(child) = cursor.child()? {
        let found = slots.find(child.name(), |name, member| xml_name(model, name, member));
        let Some((at, member)) = found else {
            cursor.skip(&child)?;
            continue;
        };
        let target = &member.target;
        match model.kind(target) {
            Kind::List { member, .. } if target.traits.flattened => {
                let value = value(cursor, model, member, &child)?;
                let list = slots
                    .slot(at)
                    .map(|slot| slot.get_or_insert_with(|| Value::Array(Vec::new())));
                if let (Some(Value::Array(list)), Some(value)) = (list, value) {
                    list.push(value);
                }
            }
            Kind::Map { key, value, .. } if target.traits.flattened => {
                let pair = entry(cursor, model, key, value)?;
                let map = slots
                    .slot(at)
                    .map(|slot| slot.get_or_insert_with(|| Value::Object(Map::new())));
                if let (Some(Value::Object(map)), Some((key, value))) = (map, pair) {
                    map.insert(key, value);
                }
            }
            _ => match slots.slot(at) {
                // An element that comes twice: the first one counts.
                Some(Some(_)) => cursor.skip(&child)?,
                _ => {
                    if let Some(value) = value(cursor, model, target, &child)? {
                        slots.put(at, value);
                    }
                }
            },
        }
    }
    Ok(slots.finish())
}

fn attributes(structure: &Structure, element: &Element<'_>, slots: &mut Slots<'_>) {
    for (at, (name, member)) in structure.members.iter().enumerate() {
        if member.target.traits.xml_attribute && in_body(member) {
            let name = member
                .target
                .traits
                .location_name
                .as_deref()
                .unwrap_or(name);
            if let Some(text) = element.attribute(name) {
                slots.put(at, Value::String(text));
            }
        }
    }
}

/// Reads the open element as a value of any kind; none if it is empty and not text.
fn value<'b>(
    cursor: &mut Cursor<'b>,
    model: &Model,
    target: &Ref,
    element: &Element<'b>,
) -> Result<Option<Value>, XmlError> {
    match model.kind(target) {
        Kind::Structure(inner) => {
            structure(cursor, model, inner, element).map(|members| Some(Value::Object(members)))
        }
        Kind::List { member, .. } => {
            let mut list = Vec::new();
            while let Some(child) = cursor.child()? {
                list.extend(value(cursor, model, member, &child)?);
            }
            Ok(Some(Value::Array(list)))
        }
        Kind::Map { key, value, .. } => {
            let mut map = Map::new();
            while let Some(_entry) = cursor.child()? {
                map.extend(entry(cursor, model, key, value)?);
            }
            Ok(Some(Value::Object(map)))
        }
        Kind::String { .. } => Ok(Some(Value::String(cursor.text()?.into_owned()))),
        kind => {
            let text = cursor.text()?;
            scalar::parse(&text, kind)
                .map_err(|fault| cursor.fault(format!("`{}`: {fault}", element.name())))
        }
    }
}

/// Reads the open element as one entry of a map.
fn entry(
    cursor: &mut Cursor<'_>,
    model: &Model,
    key: &Ref,
    target: &Ref,
) -> Result<Option<(String, Value)>, XmlError> {
    let key_name = key.traits.location_name.as_deref().unwrap_or("key");
    let value_name = target.traits.location_name.as_deref().unwrap_or("value");
    let (mut key, mut found) = (None, None);
    while let Some(child) = cursor.child()? {
        if child.name() == key_name {
            key = Some(cursor.text()?.into_owned());
        } else if child.name() == value_name {
            found = value(cursor, model, target, &child)?;
        } else {
            cursor.skip(&child)?;
        }
    }
    Ok(key.zip(found))
}
