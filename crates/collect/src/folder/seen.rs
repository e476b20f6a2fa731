//! Which account and region answers are of, by what they name themselves.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How often accounts and regions are named.
#[derive(Debug, Default)]
pub(super) struct Seen {
    accounts: BTreeMap<String, usize>,
    regions: BTreeMap<String, usize>,
}

impl Seen {
    pub(super) fn of<'v>(documents: impl Iterator<Item = &'v Value>) -> Self {
        let mut seen = Self::default();
        let items = documents.filter_map(Value::as_object).flat_map(Map::values);
        for item in items.filter_map(Value::as_array).flatten() {
            let text = |name: &str| item.get(name).and_then(Value::as_str);
            if let Some(owner) = text("OwnerId").filter(|o| o.len() == 12) {
                *seen.accounts.entry(owner.to_owned()).or_default() += 1;
            }
            if let Some(zone) = text("AvailabilityZone") {
                let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
                *seen.regions.entry(region.to_owned()).or_default() += 1;
            }
        }
        seen
    }

    /// The account that is named most.
    pub(super) fn account(&self) -> Option<String> {
        most(&self.accounts)
    }

    /// The region that is named most.
    pub(super) fn region(&self) -> Option<String> {
        most(&self.regions)
    }
}

/// The most frequent one; of several the first by name.
fn most(counts: &BTreeMap<String, usize>) -> Option<String> {
    let best = counts.values().max()?;
    counts
        .iter()
        .find(|(_, n)| *n == best)
        .map(|(word, _)| word.clone())
}
