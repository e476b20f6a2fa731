//! One service's actions, resource types and condition keys.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an action does to what it names ("Access levels", IAM User Guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AccessLevel {
    /// Lists resources, without their contents.
    List,
    /// Reads contents or attributes.
    Read,
    /// Changes only tags.
    Tagging,
    /// Creates, changes or deletes.
    Write,
    /// Grants or changes permissions.
    PermissionsManagement,
}

/// The type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyType {
    /// Text.
    String,
    /// An ARN.
    #[serde(rename = "ARN")]
    Arn,
    /// True or false.
    Bool,
    /// A moment.
    Date,
    /// A number.
    Numeric,
    /// An address.
    #[serde(rename = "IPAddress")]
    Address,
    /// Base64 text.
    Binary,
    /// Several texts.
    ArrayOfString,
    /// Several ARNs.
    #[serde(rename = "ArrayOfARN")]
    ArrayOfArn,
    /// Several booleans.
    ArrayOfBool,
}

impl KeyType {
    /// Whether a request can carry several values of the key
    /// ("Single-valued vs. multivalued context keys", IAM User Guide).
    #[must_use]
    pub const fn is_multivalued(self) -> bool {
        matches!(
            self,
            Self::ArrayOfString | Self::ArrayOfArn | Self::ArrayOfBool
        )
    }
}

/// A condition key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(String, Option<KeyType>)", into = "(String, Option<KeyType>)")]
pub struct ConditionKey {
    /// `s3:prefix`; a part that the user names is `${TagKey}` or `<key>`.
    pub name: String,
    /// The type of its values; `None`: not told.
    pub kind: Option<KeyType>,
}

impl From<(String, Option<KeyType>)> for ConditionKey {
    fn from((name, kind): (String, Option<KeyType>)) -> Self {
        Self { name, kind }
    }
}

impl From<ConditionKey> for (String, Option<KeyType>) {
    fn from(key: ConditionKey) -> Self {
        (key.name, key.kind)
    }
}

/// A type of resource that actions can be limited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceType {
    /// `bucket`
    pub name: String,
    /// `arn:${Partition}:s3:::${BucketName}`
    pub arn: String,
    /// Keys that requests on it carry: indexes into the service's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<usize>,
}

/// A type of resource that an action acts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionResource {
    /// Index into the service's resource types.
    #[serde(rename = "type")]
    pub kind: usize,
    /// Whether every request of the action names one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Keys of requests that name one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<usize>,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// `GetObject`
    pub name: String,
    /// What it does.
    pub level: AccessLevel,
    /// The types of resources that it can be limited to; none: only `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ActionResource>,
    /// Keys of all its requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<usize>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// `s3`
    pub prefix: String,
    /// `Amazon S3`
    pub name: String,
    /// Its condition keys.
    pub keys: Vec<ConditionKey>,
    /// Its resource types.
    pub resources: Vec<ResourceType>,
    /// Its actions, in the order of their names.
    pub actions: Vec<Action>,
    /// Lower-case name to index.
    #[serde(skip)]
    index: BTreeMap<String, usize>,
    /// The resources' ARNs, in parts.
    #[serde(skip)]
    forms: Vec<ArnForm>,
}

/// An ARN's parts; what users name is a star.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArnForm {
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) resource: String,
    /// Index into the service's resource types.
    pub(crate) kind: usize,
}

impl ArnForm {
    fn read(arn: &str, kind: usize) -> Option<Self> {
        let open = opened(arn);
        let mut parts = open.splitn(6, ':').skip(2).map(str::to_owned);
        Some(Self {
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
            kind,
        })
    }
}

/// A text in which each `${...}` is a star.
pub(crate) fn opened(text: &str) -> String {
    let mut open = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        open.push_str(before);
        open.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    open.push_str(rest);
    open
}

#[derive(Deserialize)]
struct Line {
    prefix: String,
    name: String,
    keys: Vec<ConditionKey>,
    resources: Vec<ResourceType>,
    actions: Vec<Action>,
}

impl Service {
    /// A service of its parts.
    ///
    /// # Errors
    /// An index that leads nowhere, or an action that stands there twice.
    pub fn new(
        prefix: String,
        name: String,
        keys: Vec<ConditionKey>,
        resources: Vec<ResourceType>,
        actions: Vec<Action>,
    ) -> Result<Self, String> {
        let mut index = BTreeMap::new();
        for (at, action) in actions.iter().enumerate() {
            if index.insert(action.name.to_lowercase(), at).is_some() {
                return Err(format!("`{prefix}:{}` stands here twice", action.name));
            }
            let own = action.resources.iter().flat_map(|resource| &resource.keys);
            let known = action.keys.iter().chain(own).all(|key| *key < keys.len())
                && action
                    .resources
                    .iter()
                    .all(|resource| resource.kind < resources.len());
            if !known {
                return Err(format!(
                    "`{prefix}:{}` names a key or resource that is not there",
                    action.name
                ));
            }
        }
        let mut of_resources = resources.iter().flat_map(|resource| &resource.keys);
        if of_resources.any(|key| *key >= keys.len()) {
            return Err(format!(
                "a resource of `{prefix}` names a key that is not there"
            ));
        }
        let forms = resources
            .iter()
            .enumerate()
            .filter_map(|(at, resource)| ArnForm::read(&resource.arn, at))
            .collect();
        Ok(Self {
            prefix,
            name,
            keys,
            resources,
            actions,
            index,
            forms,
        })
    }

    pub(super) fn read(line: &str) -> Result<Self, String> {
        let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
        Self::new(
            line.prefix,
            line.name,
            line.keys,
            line.resources,
            line.actions,
        )
    }

    /// The ARNs of its resources, in parts.
    pub(crate) fn forms(&self) -> &[ArnForm] {
        &self.forms
    }

    /// An action by its name, in any case.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.get(*self.index.get(&name.to_lowercase())?)
    }

    /// The actions by their lower-case names, in order.
    pub fn by_lower_name(&self) -> impl Iterator<Item = (&str, &Action)> {
        self.index
            .iter()
            .filter_map(|(name, at)| Some((name.as_str(), self.actions.get(*at)?)))
    }

    /// The type of resource of an action.
    #[must_use]
    pub fn resource(&self, resource: &ActionResource) -> Option<&ResourceType> {
        self.resources.get(resource.kind)
    }

    /// Every key that a request of the action can carry, the global ones aside.
    pub fn keys_of<'a>(&'a self, action: &'a Action) -> impl Iterator<Item = &'a ConditionKey> {
        let by_resource = action.resources.iter().flat_map(|resource| &resource.keys);
        action
            .keys
            .iter()
            .chain(by_resource)
            .filter_map(|at| self.keys.get(*at))
    }
}
