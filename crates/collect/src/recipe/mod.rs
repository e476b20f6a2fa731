//! Tables as the catalogue writes them, made ready to run: checked against the API models, with the way of every value
//! into its column.

mod compile;
mod form;
mod path;
mod step;
mod with;

pub(crate) use form::micros;
pub(crate) use step::{Absent, Before, Slots, Step};

use crate::redact::Secrets;
use palisade_aws::model::Model;
use palisade_aws::reads::Reads as AllowList;
use palisade_core::catalog::{Catalog, CatalogError, Scope};
use palisade_core::schema::{COMMON, Schemas, TableSchema};
use palisade_core::template::Template;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where models come from.
pub trait ModelSource {
    /// The model of a service, by botocore's name.
    ///
    /// # Errors
    /// A message, when there is none or it can't be read.
    fn model(&self, service: &str) -> Result<Arc<Model>, String>;
}

impl<F: Fn(&str) -> Result<Arc<Model>, String>> ModelSource for F {
    fn model(&self, service: &str) -> Result<Arc<Model>, String> {
        self(service)
    }
}

/// All tables made ready.
#[derive(Debug, Clone, Default)]
pub struct Recipes {
    pub(crate) tables: BTreeMap<String, Arc<Recipe>>,
    /// What is secret in the answers, by operation.
    pub(crate) secrets: BTreeMap<String, Arc<Secrets>>,
    /// The error codes that mean "there is none", by operation.
    pub(crate) absent: BTreeMap<String, Vec<Absent>>,
    /// The IAM actions behind the operations.
    pub(crate) actions: BTreeMap<String, Vec<String>>,
    schemas: Schemas,
    warnings: Vec<String>,
}

impl Recipes {
    /// Checks the tables against the models and makes them ready: all, or those named and the parents that they need.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place.
    pub fn new(
        catalog: &Catalog,
        models: &dyn ModelSource,
        reads: &AllowList,
        only: Option<&BTreeSet<String>>,
    ) -> Result<Self, Vec<CatalogError>> {
        compile::all(catalog, models, reads, only)
    }

    /// The columns of every table.
    #[must_use]
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// What is worth a look but does no harm, as a column that two calls give.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// The columns of the tables, all or those named, derived from the API models.
///
/// # Errors
/// Everything that is wrong, each with its place.
pub fn schemas(
    catalog: &Catalog,
    models: &dyn ModelSource,
    reads: &AllowList,
    only: Option<&BTreeSet<String>>,
) -> Result<Schemas, Vec<CatalogError>> {
    Ok(Recipes::new(catalog, models, reads, only)?.schemas)
}

/// One table, ready to run.
///
/// A row's values stand in slots: one for each column, and then one for each common column's member of the same name
/// in the answer (the `Arn` that `arn = "{arn}"` speaks of).
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) table: String,
    pub(crate) scope: Scope,
    pub(crate) parent: Option<Arc<Self>>,
    /// Slot of the parent's row to slot of this one's.
    pub(crate) keep: Vec<(usize, usize)>,
    pub(crate) before: Option<Before>,
    pub(crate) list: Step,
    /// In the order of the file.
    pub(crate) fills: Vec<Step>,
    pub(crate) arn: Template,
    pub(crate) name: Option<Template>,
    pub(crate) region: Option<Template>,
    pub(crate) any_region: bool,
    /// The list call's answer is a CSV file.
    pub(crate) csv: bool,
    pub(crate) schema: Arc<TableSchema>,
}

impl Recipe {
    /// The number of slots of a row.
    pub(crate) fn slots(&self) -> usize {
        self.schema.columns.len() + COMMON.len()
    }

    /// The slot of a column; of the answer's own member for a common column.
    pub(crate) fn slot(&self, column: &str) -> Option<usize> {
        self.schema.columns.iter().position(|c| c.name == column)
    }

    /// The slot of the answer's own member that is called as a common column.
    pub(crate) fn own_slot(&self, column: &str) -> Option<usize> {
        let at = COMMON.iter().position(|c| *c == column)?;
        Some(self.schema.columns.len() + at)
    }

    pub(crate) fn fill(&self, name: &str) -> Option<&Step> {
        self.fills.iter().find(|f| f.name == name)
    }

    /// Whether the list call itself gives a member that is called as a common column: holes in the table's own calls
    /// then speak of it.
    pub(crate) fn lists_own(&self, column: &str) -> bool {
        self.own_slot(column)
            .is_some_and(|slot| self.list.take.gives(slot))
    }

    /// The fills that give the value that a hole speaks of.
    pub(crate) fn behind(&self, column: &str) -> BTreeSet<String> {
        if self.lists_own(column) {
            return BTreeSet::new();
        }
        self.schema
            .fills_of(column)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// The fills that a row can't do without: what its identity and its place are made of, and what those need.
    pub(crate) fn required(&self) -> BTreeSet<String> {
        let columns = ["arn", "name", "region"];
        let fills = columns
            .iter()
            .flat_map(|column| self.schema.fills_of(column));
        let mut fills = fills.map(str::to_owned).collect();
        self.close(&mut fills);
        fills
    }

    /// Adds the fills that fills need for their parameters.
    pub(crate) fn close(&self, fills: &mut BTreeSet<String>) {
        loop {
            let mut more = BTreeSet::new();
            for fill in self.fills.iter().filter(|f| fills.contains(&f.name)) {
                for column in &fill.needs {
                    more.extend(self.behind(column).into_iter().filter(|f| *f != fill.name));
                }
            }
            let before = fills.len();
            fills.extend(more);
            if fills.len() == before {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn the_built_in_tables_fit_their_models() {
        let recipes = testing::recipes(&[]);
        assert!(recipes.tables.len() > 150);
        let queue = recipes.schemas().get("aws_sqs_queue").unwrap();
        let spelled = |name: &str| queue.column(name).map(|c| c.ty.spelled());
        assert_eq!(spelled("policy").as_deref(), Some("json"));
        assert_eq!(spelled("sqs_managed_sse_enabled").as_deref(), Some("bool"));
        assert_eq!(queue.fills_of("arn"), ["attributes"]);
        let store = &recipes.schemas()["aws_cloudtrail_lake_event_data_store"];
        assert_eq!(store.fills_of("status"), ["store"]);
        assert!(store.fills_of("arn").is_empty());
        let names: Vec<&str> = queue
            .columns
            .iter()
            .take(4)
            .map(|c| c.name.as_str())
            .collect();
        assert_eq!(names, COMMON);
    }
}
