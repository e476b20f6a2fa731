//! Turns names into references, and refuses a model that contradicts itself.

use super::error::ModelError;
use super::operation::Operation;
use super::raw::{RawModel, RawOperation, RawShape};
use super::service::{Metadata, Model, Protocol};
use super::shape::{Kind, Member, Ref, Shape, ShapeId, Structure, Traits};
use indexmap::IndexMap;
use std::collections::BTreeMap;

pub(super) fn link(raw: RawModel<'_>) -> Result<Model, ModelError> {
    let RawModel {
        service,
        metadata,
        operations,
        shapes,
        paginators,
        endpoint_rules,
    } = raw;
    let protocol = protocol(&service, &metadata)?;
    let linker = Linker {
        service: &service,
        shapes: &shapes,
    };
    let operations = operations
        .into_iter()
        .map(|(name, raw)| Ok((name.clone(), linker.operation(name, raw)?)))
        .collect::<Result<IndexMap<_, _>, ModelError>>()?;
    if let Some(name) = paginators
        .keys()
        .find(|name| !operations.contains_key(*name))
    {
        return Err(linker.wrong(
            name,
            "a paginator for an operation that is not in the model",
        ));
    }
    let linked = shapes
        .iter()
        .map(|(name, raw)| linker.shape(name, raw))
        .collect::<Result<Vec<_>, ModelError>>()?;
    let by_name = linker.ids(|name, _| Some(name.into()));
    let by_code = linker.ids(error_code);
    Ok(Model {
        service,
        metadata,
        protocol,
        operations,
        paginators,
        endpoint_rules,
        shapes: linked,
        by_name,
        by_code,
    })
}

/// The first protocol of the list that is ours: the list is in order of preference, and services
/// that put CBOR first all name a second one.
fn protocol(service: &str, metadata: &Metadata) -> Result<Protocol, ModelError> {
    let words = metadata.protocols.iter().chain([&metadata.protocol]);
    words
        .clone()
        .find_map(|word| Protocol::from_word(word))
        .ok_or_else(|| ModelError::Protocol {
            service: service.to_owned(),
            protocols: words.cloned().collect(),
        })
}

fn error_code(name: &str, raw: &RawShape<'_>) -> Option<Box<str>> {
    let code = raw.error.as_ref().and_then(|error| error.code.clone());
    (raw.error.is_some() || raw.exception).then(|| code.unwrap_or_else(|| name.into()))
}

struct Linker<'a> {
    service: &'a str,
    shapes: &'a IndexMap<Box<str>, RawShape<'a>>,
}

impl Linker<'_> {
    fn ids(
        &self,
        key: impl Fn(&str, &RawShape<'_>) -> Option<Box<str>>,
    ) -> BTreeMap<Box<str>, ShapeId> {
        let shapes = self.shapes.iter().enumerate();
        let keyed = shapes.map(|(place, (name, raw))| Some((key(name, raw)?, ShapeId(place))));
        keyed.flatten().collect()
    }

    fn operation(&self, name: String, raw: RawOperation<'_>) -> Result<Operation, ModelError> {
        let at = |part: &str| format!("{name}.{part}");
        let input = raw
            .input
            .map(|input| self.top(&input, &at("input")))
            .transpose()?;
        let output = raw
            .output
            .map(|output| self.top(&output, &at("output")))
            .transpose()?;
        let errors = raw
            .errors
            .iter()
            .map(|error| self.target(error, &at("errors")));
        let checksum = raw
            .http_checksum
            .is_some_and(|sum| sum.request_checksum_required);
        Ok(Operation {
            errors: errors.collect::<Result<_, _>>()?,
            input,
            output,
            http: raw.http,
            host_prefix: raw.endpoint.and_then(|endpoint| endpoint.host_prefix),
            static_context_params: raw
                .static_context_params
                .into_iter()
                .map(|(name, fixed)| (name, fixed.value))
                .collect(),
            operation_context_params: raw
                .operation_context_params
                .into_iter()
                .map(|(name, path)| (name, path.path))
                .collect(),
            unsigned: raw.authtype.as_deref() == Some("none"),
            checksum_required: raw.http_checksum_required || checksum,
            name,
        })
    }

    /// Input and output are structures.
    fn top(&self, raw: &RawShape<'_>, place: &str) -> Result<Ref, ModelError> {
        let target = self.target(raw, place)?;
        match self.shapes.get(&*raw.shape) {
            Some(shape) if shape.kind == "structure" => Ok(target),
            _ => Err(self.wrong(place, &format!("`{}` is not a structure", raw.shape))),
        }
    }

    fn target(&self, raw: &RawShape<'_>, place: &str) -> Result<Ref, ModelError> {
        let (id, _, shape) =
            self.shapes
                .get_full(&*raw.shape)
                .ok_or_else(|| ModelError::Dangling {
                    service: self.service.to_owned(),
                    place: format!("`{place}`"),
                    shape: raw.shape.to_string(),
                })?;
        Ok(Ref {
            shape: ShapeId(id),
            traits: self.traits(raw, shape),
        })
    }

    /// botocore's rule: a trait on the use replaces that of the shape.
    fn traits(&self, used: &RawShape<'_>, shape: &RawShape<'_>) -> Traits {
        let namespace = used
            .xml_namespace
            .clone()
            .or_else(|| shape.xml_namespace.clone());
        Traits {
            location_name: used
                .location_name
                .clone()
                .or_else(|| shape.location_name.clone()),
            location: used.location.or(shape.location),
            query_name: used.query_name.clone(),
            flattened: used.flattened || shape.flattened,
            xml_attribute: used.xml_attribute || shape.xml_attribute,
            xml_namespace: namespace.map(|namespace| Box::new(namespace.into())),
            timestamp_format: used.timestamp_format.or(shape.timestamp_format),
            jsonvalue: used.json_value || shape.json_value,
            host_label: used.host_label,
            streaming: used.streaming || shape.streaming,
            idempotency_token: used.idempotency_token,
            result_wrapper: used.result_wrapper.clone(),
            context_param: used.context_param.as_ref().map(|param| param.name.clone()),
        }
    }

    fn shape(&self, name: &str, raw: &RawShape<'_>) -> Result<Shape, ModelError> {
        let part = |raw: &Option<Box<RawShape<'_>>>, part: &str| {
            let place = format!("{name}.{part}");
            match raw {
                Some(raw) => self.target(raw, &place),
                None => Err(self.wrong(&place, "missing")),
            }
        };
        let kind = match &*raw.kind {
            "structure" => Kind::Structure(self.structure(name, raw)?),
            "list" => Kind::List {
                member: part(&raw.member, "member")?,
                sparse: raw.sparse,
            },
            "map" => Kind::Map {
                key: part(&raw.key, "key")?,
                value: part(&raw.value, "value")?,
                sparse: raw.sparse,
            },
            "string" | "character" => Kind::String {
                values: raw.values.clone(),
            },
            "integer" => Kind::Integer,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "boolean" => Kind::Boolean,
            "timestamp" => Kind::Timestamp,
            "blob" => Kind::Blob,
            other => return Err(self.wrong(name, &format!("unknown type `{other}`"))),
        };
        Ok(Shape {
            name: name.into(),
            kind,
            sensitive: raw.sensitive,
        })
    }

    fn structure(&self, name: &str, raw: &RawShape<'_>) -> Result<Structure, ModelError> {
        let mut members = IndexMap::with_capacity(raw.members.len());
        for (member, used) in &raw.members {
            let target = self.target(used, &format!("{name}.{member}"))?;
            members.insert(
                member.clone(),
                Member {
                    required: false,
                    target,
                },
            );
        }
        for required in &raw.required {
            match members.get_mut(&**required) {
                Some(member) => member.required = true,
                None => return Err(self.wrong(name, &format!("requires unknown `{required}`"))),
            }
        }
        let payload = match &raw.payload {
            None => None,
            Some(payload) => Some(members.get_index_of(&**payload).ok_or_else(|| {
                self.wrong(name, &format!("the payload `{payload}` is not a member"))
            })?),
        };
        let error = raw
            .error
            .clone()
            .or_else(|| raw.exception.then(Default::default));
        Ok(Structure {
            members,
            payload,
            union: raw.union,
            document: raw.document,
            eventstream: raw.eventstream,
            error,
        })
    }

    fn wrong(&self, place: &str, fault: &str) -> ModelError {
        ModelError::Wrong {
            service: self.service.to_owned(),
            place: format!("`{place}`"),
            fault: fault.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
