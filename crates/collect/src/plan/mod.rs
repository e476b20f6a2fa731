//! From the columns that are read to the calls that fill them. Pure: nothing is sent.

mod describe;
mod permissions;
mod scope;

pub use describe::{Count, Described, Line};
pub use scope::{Account, Scope, global_region};

use crate::recipe::{Recipe, Recipes};
use palisade_core::schema::Reads;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a run will ask.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) scope: Scope,
    /// Parents first, else by name.
    pub(crate) tables: Vec<Arc<TablePlan>>,
    pub(crate) recipes: Arc<Recipes>,
}

/// One table's part.
#[derive(Debug)]
pub(crate) struct TablePlan {
    pub(crate) recipe: Arc<Recipe>,
    /// The fills that are asked for, in waves: a wave needs the ones before it.
    pub(crate) waves: Arc<Waves>,
    pub(crate) parent: Option<ParentPlan>,
}

/// The parent's rows, with what the child needs of them.
#[derive(Debug, Clone)]
pub(crate) struct ParentPlan {
    pub(crate) table: Arc<TablePlan>,
    pub(crate) waves: Arc<Waves>,
}

/// Fills by their place in the recipe.
pub(crate) type Waves = Vec<Vec<usize>>;

/// A plan that can't be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanError {
    /// No such table.
    #[error("no table is called `{0}`")]
    Table(String),
    /// No such fill.
    #[error("the table `{0}` has no fill `{1}`")]
    Fill(String, String),
}

/// Plans the calls behind the columns that are read, in every account and region in scope, and the rows of parents
/// that they need. The order does not depend on the order of what is read.
///
/// # Errors
/// A table or a fill that there is not.
pub fn plan(recipes: &Arc<Recipes>, reads: &Reads, scope: &Scope) -> Result<Plan, PlanError> {
    let mut fills: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (table, read) in reads {
        let recipe = recipes
            .tables
            .get(table)
            .ok_or_else(|| PlanError::Table(table.clone()))?;
        if let Some(unknown) = read.iter().find(|f| recipe.fill(f).is_none()) {
            return Err(PlanError::Fill(table.clone(), unknown.clone()));
        }
        let needed = fills.entry(&recipe.table).or_default();
        needed.extend(read.iter().cloned());
    }
    // Children need their parents' rows; a parent may itself have one.
    let mut open: Vec<&str> = fills.keys().copied().collect();
    while let Some(table) = open.pop() {
        let Some(recipe) = recipes.tables.get(table) else {
            continue;
        };
        if let Some(parent) = &recipe.parent {
            let needed = parent_fills(recipe, parent);
            let Some((name, _)) = recipes.tables.get_key_value(&parent.table) else {
                continue;
            };
            fills.entry(name).or_default().extend(needed);
            open.push(name);
        }
    }
    let mut built: BTreeMap<&str, Arc<TablePlan>> = BTreeMap::new();
    let mut tables = Vec::new();
    for table in fills.keys() {
        build(table, recipes, &fills, &mut built, &mut tables);
    }
    Ok(Plan {
        scope: scope.clone(),
        tables,
        recipes: Arc::clone(recipes),
    })
}

fn build<'a>(
    table: &'a str,
    recipes: &'a Recipes,
    fills: &BTreeMap<&'a str, BTreeSet<String>>,
    built: &mut BTreeMap<&'a str, Arc<TablePlan>>,
    tables: &mut Vec<Arc<TablePlan>>,
) -> Option<Arc<TablePlan>> {
    if let Some(done) = built.get(table) {
        return Some(Arc::clone(done));
    }
    let recipe = recipes.tables.get(table)?;
    let mut wanted = fills.get(table).cloned().unwrap_or_default();
    wanted.extend(recipe.required());
    recipe.close(&mut wanted);
    let parent = recipe.parent.as_ref().and_then(|parent| {
        let name = recipes.tables.get_key_value(&parent.table)?.0;
        let table = build(name, recipes, fills, built, tables)?;
        let waves = Arc::new(waves(parent, &parent_fills(recipe, parent)));
        Some(ParentPlan { table, waves })
    });
    let plan = Arc::new(TablePlan {
        recipe: Arc::clone(recipe),
        waves: Arc::new(waves(recipe, &wanted)),
        parent,
    });
    built.insert(table, Arc::clone(&plan));
    tables.push(Arc::clone(&plan));
    Some(plan)
}

/// The fills of the parent behind what its child's calls and rows take from it.
fn parent_fills(child: &Recipe, parent: &Recipe) -> BTreeSet<String> {
    let kept = child
        .keep
        .iter()
        .filter_map(|(slot, _)| parent.schema.columns.get(*slot));
    let columns = child.list.needs.iter().chain(kept.map(|c| &c.name));
    let place = parent.region.iter().map(|_| "region");
    let fills = columns
        .map(String::as_str)
        .chain(place)
        .flat_map(|c| parent.schema.fills_of(c));
    let mut fills = fills.map(str::to_owned).collect();
    parent.close(&mut fills);
    fills
}

/// Orders fills so that each comes after those that its parameters need.
fn waves(recipe: &Recipe, wanted: &BTreeSet<String>) -> Waves {
    let mut waves = Waves::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let wave: Vec<usize> = recipe
            .fills
            .iter()
            .enumerate()
            .filter(|(_, f)| wanted.contains(&f.name) && !done.contains(f.name.as_str()))
            .filter(|(_, f)| {
                let mut needs = f.needs.iter().flat_map(|c| recipe.behind(c));
                needs.all(|n| done.contains(n.as_str()) || !wanted.contains(&n))
            })
            .map(|(at, _)| at)
            .collect();
        if wave.is_empty() {
            return waves;
        }
        done.extend(
            wave.iter()
                .filter_map(|at| recipe.fills.get(*at))
                .map(|f| f.name.as_str()),
        );
        waves.push(wave);
    }
}

impl Plan {
    /// The same plan without accounts that were lost.
    pub(crate) fn without(&self, lost: &BTreeMap<String, String>) -> Self {
        let mut plan = self.clone();
        plan.scope.lose(lost);
        plan
    }

    /// The tables that will be written.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|t| t.recipe.table.as_str())
    }

    /// The scope.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl TablePlan {
    /// The fills that are asked for, by name, in the order of the file.
    pub(crate) fn fills(&self) -> Vec<String> {
        let mut at: Vec<usize> = self.waves.iter().flatten().copied().collect();
        at.sort_unstable();
        at.iter()
            .filter_map(|at| self.recipe.fills.get(*at))
            .map(|f| f.name.clone())
            .collect()
    }
}
