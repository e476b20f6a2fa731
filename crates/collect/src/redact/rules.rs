//! Which parts of an operation's answer are secret.

use palisade_aws::model::{Kind, Model, Ref, ShapeId, names::snake_case};
use std::collections::BTreeMap;

/// A tree of member names in snake case, as columns spell them. Lists are gone through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Secrets {
    /// Everything from here on is secret.
    pub(crate) here: bool,
    below: BTreeMap<String, Self>,
}

/// Any key of a map.
const ANY: &str = "*";

/// Deeper than this, a secret structure is taken as a whole.
const LEVELS: usize = 8;

/// Shapes that the models mark as sensitive because they are personal or merely internal. They are no secrets, and
/// what they say is what the tables are for: who is told about an incident, which key encrypts a bucket.
const OPEN: [(&str, &str); 31] = [
    ("account", "AccountName"),
    ("account", "AddressLine"),
    ("account", "City"),
    ("account", "CompanyName"),
    ("account", "ContactInformationPhoneNumber"),
    ("account", "CountryCode"),
    ("account", "DistrictOrCounty"),
    ("account", "EmailAddress"),
    ("account", "FullName"),
    ("account", "Name"),
    ("account", "PhoneNumber"),
    ("account", "PostalCode"),
    ("account", "PrimaryEmailAddress"),
    ("account", "StateOrRegion"),
    ("account", "Title"),
    ("account", "WebsiteUrl"),
    ("backup", "Tags"),
    ("cloudfront", "CommentType"),
    ("firehose", "HttpEndpointAttributeName"),
    ("firehose", "SnowflakeDatabase"),
    ("firehose", "SnowflakeRole"),
    ("firehose", "SnowflakeSchema"),
    ("firehose", "SnowflakeTable"),
    ("firehose", "SnowflakeUser"),
    ("firehose", "Username"),
    ("organizations", "AccountName"),
    ("organizations", "Email"),
    ("s3", "SSEKMSKeyId"),
    ("s3", "NonEmptyKmsKeyArnString"),
    ("ssm", "IPAddress"),
    ("ssm", "OwnerInformation"),
];

impl Secrets {
    /// What the model marks as sensitive below a shape.
    pub(crate) fn marked(model: &Model, target: &Ref) -> Self {
        let mut secrets = Self::default();
        if model.has_sensitive_shapes() {
            secrets.mark(model, target, &mut Vec::new());
        }
        secrets
    }

    fn mark(&mut self, model: &Model, target: &Ref, above: &mut Vec<ShapeId>) {
        let shape = model.shape(target.shape);
        let open = OPEN
            .iter()
            .any(|(service, name)| *service == model.service && **name == *shape.name);
        if shape.sensitive && !open {
            self.cover(model, target);
            return;
        }
        if above.contains(&target.shape) {
            return;
        }
        above.push(target.shape);
        match &shape.kind {
            Kind::Structure(structure) => {
                for (name, member) in &structure.members {
                    self.under(&snake_case(name))
                        .mark(model, &member.target, above);
                }
            }
            Kind::List { member, .. } => self.mark(model, member, above),
            Kind::Map { value, .. } => self.under(ANY).mark(model, value, above),
            _ => {}
        }
        above.pop();
    }

    /// Marks all text below a shape, the names of name-and-value pairs aside.
    pub(crate) fn cover(&mut self, model: &Model, target: &Ref) {
        self.cover_level(model, target, 0);
    }

    fn cover_level(&mut self, model: &Model, target: &Ref, level: usize) {
        match model.kind(target) {
            Kind::List { member, .. } if level < LEVELS => {
                self.cover_level(model, member, level + 1);
            }
            Kind::Structure(structure)
                if level < LEVELS && !structure.document && !structure.members.is_empty() =>
            {
                let pair = structure
                    .members
                    .keys()
                    .any(|n| n.eq_ignore_ascii_case("value"));
                for (name, member) in &structure.members {
                    let label = ["name", "key"].iter().any(|l| name.eq_ignore_ascii_case(l));
                    if !(pair && label) {
                        self.under(&snake_case(name))
                            .cover_level(model, &member.target, level + 1);
                    }
                }
            }
            _ => self.here = true,
        }
    }

    /// Goes down by column names from a shape, as `container_definitions.environment.value`, and marks what is there.
    ///
    /// # Errors
    /// A message that names the member that is not there.
    pub(crate) fn path(
        &mut self,
        model: &Model,
        target: &Ref,
        names: &[&str],
    ) -> Result<(), String> {
        let Some((name, rest)) = names.split_first() else {
            self.cover(model, target);
            return Ok(());
        };
        match model.kind(target) {
            Kind::List { member, .. } => self.path(model, member, names),
            Kind::Structure(structure) => {
                let found = structure
                    .members
                    .iter()
                    .find(|(n, _)| snake_case(n) == **name);
                let (_, member) = found.ok_or_else(|| format!("no member `{name}`"))?;
                self.under(name).path(model, &member.target, rest)
            }
            Kind::Map { value, .. } => self.under(name).path(model, value, rest),
            other => Err(format!("`{name}` can't be a member of a {}", other.word())),
        }
    }

    /// Marks a path of names, without a model.
    #[cfg(test)]
    pub(crate) fn add(&mut self, names: &[&str]) {
        match names.split_first() {
            None => self.here = true,
            Some((name, rest)) => self.below.entry((*name).to_owned()).or_default().add(rest),
        }
    }

    /// The rules below a path of names.
    pub(crate) fn at(&mut self, names: &[String]) -> &mut Self {
        names.iter().fold(self, |secrets, name| secrets.under(name))
    }

    fn under(&mut self, name: &str) -> &mut Self {
        self.below.entry(name.to_owned()).or_default()
    }

    /// What is secret below a name.
    pub(crate) fn below(&self, name: &str) -> Option<&Self> {
        if self.here {
            return Some(self);
        }
        self.below.get(name).or_else(|| self.below.get(ANY))
    }

    /// Nothing is secret.
    pub(crate) fn is_empty(&self) -> bool {
        !self.here && self.below.values().all(Self::is_empty)
    }
}
