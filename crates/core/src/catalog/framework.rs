//! Frameworks: named trees of requirements that point at recommendations.

use serde::{Deserialize, Serialize};

/// A framework, as its file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Equal to the file's name.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The edition that the list of ids is of.
    pub edition: String,
    /// Where it is published.
    pub source: String,
    /// Its requirements, complete, in its own order.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// One requirement of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// As the framework spells it.
    pub id: String,
    /// In own words.
    pub title: String,
    /// Category or chapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Maturity phase, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<u8>,
    /// What answers it.
    #[serde(default)]
    pub recommendations: Vec<String>,
    /// Why nothing is mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}
