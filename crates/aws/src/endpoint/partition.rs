//! The partitions of AWS (aws, aws-cn, aws-us-gov, aws-iso ...) and their regions.

use super::EndpointError;
use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// botocore's `partitions.json`.
#[derive(Debug)]
pub struct Partitions(Vec<Partition>);

#[derive(Debug)]
struct Partition {
    id: String,
    regions: BTreeMap<String, Map<String, Value>>,
    pattern: Regex,
    outputs: Map<String, Value>,
}

#[derive(Deserialize)]
struct RawPartitions {
    partitions: Vec<RawPartition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPartition {
    id: String,
    outputs: Map<String, Value>,
    region_regex: String,
    regions: BTreeMap<String, Map<String, Value>>,
}

impl Partitions {
    /// Reads the document.
    ///
    /// # Errors
    /// It is not of the expected form, or has no partition.
    pub fn from_json(document: &[u8]) -> Result<Self, EndpointError> {
        let raw: RawPartitions = serde_json::from_slice(document).map_err(malformed)?;
        let partitions = raw
            .partitions
            .into_iter()
            .map(|raw| {
                let mut outputs = raw.outputs;
                outputs.insert("name".to_owned(), Value::String(raw.id.clone()));
                Ok(Partition {
                    id: raw.id,
                    regions: raw.regions,
                    pattern: Regex::new(&raw.region_regex).map_err(malformed)?,
                    outputs,
                })
            })
            .collect::<Result<Vec<_>, EndpointError>>()?;
        if partitions.is_empty() {
            return Err(EndpointError::Malformed("no partition".to_owned()));
        }
        Ok(Self(partitions))
    }

    /// What the rules' `aws.partition` gives for a region; unknown regions are taken for ones of the
    /// first partition, as the SDKs do.
    pub(super) fn outputs(&self, region: &str) -> Value {
        let Some(partition) = self.find(region).or_else(|| self.0.first()) else {
            return Value::Null;
        };
        let mut outputs = partition.outputs.clone();
        if let Some(own) = partition.regions.get(region) {
            // A region may override what its partition says.
            for (key, value) in own.iter().filter(|(key, _)| *key != "description") {
                outputs.insert(key.clone(), value.clone());
            }
        }
        Value::Object(outputs)
    }

    /// The partition's id for a region: `aws`, `aws-cn` ...; none if nobody claims the region.
    #[must_use]
    pub fn name(&self, region: &str) -> Option<&str> {
        Some(&self.find(region)?.id)
    }

    /// The region in which a partition's global services are signed.
    #[must_use]
    pub fn global_region(&self, partition: &str) -> Option<&str> {
        let partition = self.0.iter().find(|one| one.id == partition)?;
        partition.outputs.get("implicitGlobalRegion")?.as_str()
    }

    /// The regions of a partition that the data knows, without the `-global` ones.
    pub fn regions(&self, partition: &str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().find(|one| one.id == partition);
        found
            .into_iter()
            .flat_map(|partition| partition.regions.keys())
            .map(String::as_str)
            .filter(|region| !region.ends_with("-global"))
    }

    fn find(&self, region: &str) -> Option<&Partition> {
        let listed = self.0.iter().find(|one| one.regions.contains_key(region));
        listed.or_else(|| self.0.iter().find(|one| one.pattern.is_match(region)))
    }
}

fn malformed(error: impl std::fmt::Display) -> EndpointError {
    EndpointError::Malformed(error.to_string())
}
