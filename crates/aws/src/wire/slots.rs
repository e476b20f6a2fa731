//! The members of a structure while they are read: found by wire name, given back in model order.

use crate::model::{Kind, Location, Member, Model, Structure};
use serde_json::{Map, Value};

pub(super) struct Slots<'m> {
    structure: &'m Structure,
    values: Vec<Option<Value>>,
    /// Where the search begins: members mostly come in the order of the model.
    hint: usize,
}

impl<'m> Slots<'m> {
    pub(super) fn new(structure: &'m Structure) -> Self {
        Self {
            structure,
            values: Vec::new(),
            hint: 0,
        }
    }

    /// The member of the body whose wire name, told by `name`, is the wanted one.
    pub(super) fn find<'n>(
        &mut self,
        wanted: &str,
        name: impl Fn(&'m str, &'m Member) -> &'n str,
    ) -> Option<(usize, &'m Member)>
    where
        'm: 'n,
    {
        let count = self.structure.members.len();
        for step in 0..count {
            let at = (self.hint + step) % count;
            let Some((key, member)) = self.structure.members.get_index(at) else {
                continue;
            };
            if in_body(member) && name(key, member) == wanted {
                self.hint = (at + 1) % count;
                return Some((at, member));
            }
        }
        None
    }

    /// The place for the value of a member.
    pub(super) fn slot(&mut self, at: usize) -> Option<&mut Option<Value>> {
        if self.values.len() <= at && at < self.structure.members.len() {
            self.values.resize(self.structure.members.len(), None);
        }
        self.values.get_mut(at)
    }

    pub(super) fn put(&mut self, at: usize, value: Value) {
        if let Some(slot) = self.slot(at) {
            *slot = Some(value);
        }
    }

    /// The set members in the order of the model.
    pub(super) fn finish(self) -> Map<String, Value> {
        let named = self.structure.members.keys().zip(self.values);
        named
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .collect()
    }
}

/// In replies only these locations take a member out of the body: a `uri` or `querystring` member
/// of an output shape that is also an input is read from the body.
pub(super) fn in_body(member: &Member) -> bool {
    !matches!(
        member.target.traits.location,
        Some(Location::Header | Location::Headers | Location::StatusCode)
    )
}

/// A member's name in JSON.
pub(super) fn json_name<'m>(name: &'m str, member: &'m Member) -> &'m str {
    member
        .target
        .traits
        .location_name
        .as_deref()
        .unwrap_or(name)
}

/// A member's element in XML: a flattened list goes by the name of its members.
pub(super) fn xml_name<'m>(model: &'m Model, name: &'m str, member: &'m Member) -> &'m str {
    let traits = &member.target.traits;
    if traits.flattened
        && let Kind::List { member: inner, .. } = model.kind(&member.target)
        && let Some(inner) = inner.traits.location_name.as_deref()
    {
        return inner;
    }
    traits.location_name.as_deref().unwrap_or(name)
}
