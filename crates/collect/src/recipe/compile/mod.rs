//! From table files to recipes.

mod check;
mod draft;
mod secrets;

use super::path::Path;
use super::step::{Absent, Before, Step};
use super::with::With;
use super::{ModelSource, Recipe, Recipes};
use crate::redact::Secrets;
use check::circle;
use draft::{Draft, columns, declared, finish, settle, settled};
use palisade_aws::model::{Kind, Model, names::snake_case};
use palisade_aws::reads::Reads as AllowList;
use palisade_core::catalog::{Catalog, CatalogError, Table};
use palisade_core::schema::{COMMON, Column, ColumnType, Origin};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) fn all(
    catalog: &Catalog,
    models: &dyn ModelSource,
    reads: &AllowList,
    only: Option<&BTreeSet<String>>,
) -> Result<Recipes, Vec<CatalogError>> {
    let mut compiler = Compiler {
        catalog,
        models,
        reads,
        secrets: BTreeMap::new(),
        recipes: Recipes::default(),
        errors: Vec::new(),
    };
    let mut wanted: Vec<&Table> = Vec::new();
    for table in catalog.tables.values() {
        if only.is_none_or(|only| only.contains(&table.id)) {
            compiler.want(table, &mut wanted);
        }
    }
    // What is secret in an answer must be known before any table says how it reads the answer.
    for table in &wanted {
        compiler.secrets_of(table);
    }
    for table in &wanted {
        compiler.table(table);
    }
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    let secrets = compiler.secrets.into_iter().filter(|(_, s)| !s.is_empty());
    compiler.recipes.secrets = secrets.map(|(op, s)| (op, Arc::new(s))).collect();
    Ok(compiler.recipes)
}

struct Compiler<'a> {
    catalog: &'a Catalog,
    models: &'a dyn ModelSource,
    reads: &'a AllowList,
    secrets: BTreeMap<String, Secrets>,
    recipes: Recipes,
    errors: Vec<CatalogError>,
}

/// A call of a table, as the file has it.
struct CallOf<'a> {
    name: &'a str,
    call: &'a str,
    with: &'a toml::Table,
    path: Option<&'a str>,
    column: Option<&'a str>,
    prefix: &'a str,
    refines: bool,
    absent: &'a [String],
}

fn calls(table: &Table) -> Vec<CallOf<'_>> {
    let list = CallOf {
        name: "",
        call: &table.list.call,
        with: &table.list.with,
        path: table.csv.as_deref().or(table.list.rows.as_deref()),
        column: table.list.column.as_deref(),
        prefix: "",
        refines: false,
        absent: &table.list.absent,
    };
    let fills = table.fills.iter().map(|(name, fill)| CallOf {
        name,
        call: &fill.call,
        with: &fill.with,
        path: fill.take.as_deref(),
        column: fill.column.as_deref(),
        prefix: &fill.prefix,
        refines: fill.refines,
        absent: &fill.absent,
    });
    std::iter::once(list).chain(fills).collect()
}

impl<'a> Compiler<'a> {
    /// A table with its parents, the parents first.
    fn want(&mut self, table: &'a Table, wanted: &mut Vec<&'a Table>) {
        let mut line = vec![table];
        while let Some(parent) = line.last().and_then(|t| t.parent.as_ref()) {
            let Some(parent) = self.catalog.tables.get(parent) else {
                break;
            };
            if line.iter().any(|t| t.id == parent.id) {
                self.errors
                    .push(table.error("parent", format!("`{}` is its own parent", table.id)));
                return;
            }
            line.push(parent);
        }
        for table in line.into_iter().rev() {
            if !wanted.iter().any(|t| t.id == table.id) {
                wanted.push(table);
            }
        }
    }

    fn operation(&mut self, table: &Table, call: &str) -> Option<(Arc<Model>, String)> {
        let Some((service, name)) = call.split_once(':') else {
            self.errors
                .push(table.error(call, format!("`{call}` is not `service:Operation`")));
            return None;
        };
        match self.reads.actions(call) {
            Ok(actions) => {
                self.recipes
                    .actions
                    .insert(call.to_owned(), actions.to_vec());
            }
            Err(e) => {
                self.errors.push(table.error(call, e.to_string()));
                return None;
            }
        }
        match self.models.model(service) {
            Ok(model) if model.operation(name).is_some() => Some((model, name.to_owned())),
            Ok(_) => {
                let error = table
                    .error(
                        call,
                        format!("the model of `{service}` has no operation `{name}`"),
                    )
                    .with_hint("run `cargo xtask models`, or correct the name");
                self.errors.push(error);
                None
            }
            Err(e) => {
                self.errors.push(table.error(call, e));
                None
            }
        }
    }

    fn table(&mut self, table: &'a Table) {
        let errors = self.errors.len();
        let mut draft = Draft {
            table,
            columns: COMMON
                .iter()
                .map(|name| Column {
                    name: (*name).to_owned(),
                    ty: ColumnType::Text,
                    origin: Origin::Scope,
                })
                .collect(),
            own: Default::default(),
            fixed: None,
            warnings: Vec::new(),
        };
        let parent = match &table.parent {
            None => None,
            Some(id) => match self.recipes.tables.get(id) {
                Some(parent) => Some(Arc::clone(parent)),
                // The parent's own errors say why.
                None => return,
            },
        };
        let mut steps = Vec::new();
        let mut keep = Vec::new();
        for call in calls(table) {
            if let Some(step) = self.step(&mut draft, &call) {
                steps.push(step);
            }
            if call.name.is_empty() {
                keep = self.kept(&mut draft, parent.as_deref());
            }
        }
        let before = self.before(table);
        self.check_declared(&draft);
        self.check_holes(&draft, &steps, parent.as_deref());
        self.recipes.warnings.append(&mut draft.warnings);
        if self.errors.len() > errors || steps.is_empty() {
            return;
        }
        let schema = Arc::new(finish(draft));
        for step in &mut steps {
            settle(&mut step.take, schema.columns.len());
        }
        for (_, slot) in &mut keep {
            *slot = settled(*slot, schema.columns.len());
        }
        let list = steps.remove(0);
        let recipe = Recipe {
            table: table.id.clone(),
            scope: table.scope,
            parent,
            keep,
            before,
            list,
            fills: steps,
            arn: table.arn.clone(),
            name: table.name.clone(),
            region: table.region.clone(),
            any_region: table.any_region,
            csv: table.csv.is_some(),
            schema: Arc::clone(&schema),
        };
        if let Some(fill) = circle(&recipe) {
            self.errors
                .push(table.error(&fill, format!("the fill `{fill}` needs its own columns")));
            return;
        }
        self.recipes.schemas.insert(table.id.clone(), schema);
        self.recipes
            .tables
            .insert(table.id.clone(), Arc::new(recipe));
    }

    fn step(&mut self, draft: &mut Draft<'_>, call: &CallOf<'_>) -> Option<Step> {
        let table = draft.table;
        let (model, name) = self.operation(table, call.call)?;
        let operation = model.operation(&name)?;
        let at = if call.name.is_empty() {
            call.call
        } else {
            call.name
        };
        let with = match With::parse(call.with) {
            Ok(with) => with,
            Err(e) => {
                self.errors
                    .push(table.error(at, format!("{}: {e}", call.call)));
                return None;
            }
        };
        for fault in with.faults(&model, operation) {
            self.errors
                .push(table.error(at, format!("{}: {fault}", call.call)));
        }
        let absent = self.recipes.absent.entry(call.call.to_owned()).or_default();
        for code in call.absent.iter().map(|code| Absent::parse(code)) {
            if !absent.contains(&code) {
                absent.push(code);
            }
        }
        let mut needs = Vec::new();
        with.columns(&mut needs);
        draft.fixed = call.refines.then(|| needs.clone());
        let Some(output) = &operation.output else {
            self.errors
                .push(table.error(at, format!("`{}` answers nothing", call.call)));
            return None;
        };
        let path = Path::parse(call.path.unwrap_or_default());
        let end = match path.shape(&model, output) {
            Ok(end) => end,
            Err(e) => {
                let path = call.path.unwrap_or_default();
                self.errors
                    .push(table.error(path, format!("{}: `{path}`: {e}", call.call)));
                return None;
            }
        };
        let origin = if call.name.is_empty() {
            Origin::List
        } else {
            Origin::Fill(call.name.to_owned())
        };
        let secrets = self.secrets.get(call.call).cloned().unwrap_or_default();
        let steps: Vec<String> = path.steps.iter().map(|s| snake_case(s)).collect();
        let secrets = steps.iter().try_fold(&secrets, |s, name| s.below(name));
        let paged = call.path.is_some() && matches!(model.kind(end), Kind::List { .. });
        let take = if call.name.is_empty() && table.csv.is_some() {
            declared(draft, &origin)
        } else {
            let end = match model.kind(end) {
                Kind::List { member, .. } if call.name.is_empty() => member,
                _ => end,
            };
            match columns(draft, &model, operation, end, call, &origin, secrets) {
                Ok(take) => take,
                Err(e) => {
                    self.errors
                        .push(table.error(at, format!("{}: {e}", call.call)));
                    return None;
                }
            }
        };
        Some(Step {
            name: call.name.to_owned(),
            operation: call.call.to_owned(),
            with,
            needs,
            path,
            take,
            paged,
        })
    }

    fn kept(&mut self, draft: &mut Draft<'_>, parent: Option<&Recipe>) -> Vec<(usize, usize)> {
        let mut keep = Vec::new();
        for name in &draft.table.keep {
            let found = parent.and_then(|p| Some((p, p.slot(name)?)));
            let Some((parent, from)) = found else {
                self.errors.push(
                    draft
                        .table
                        .error(name, format!("keep: `{name}` is no column of the parent")),
                );
                continue;
            };
            let ty = parent
                .schema
                .column(name)
                .map_or(ColumnType::Text, |c| c.ty.clone());
            match draft.take(name, ty, &Origin::Parent) {
                Some(to) => keep.push((from, to)),
                None => self.errors.push(draft.table.error(
                    name,
                    format!("keep: `{name}` is a column of the table itself"),
                )),
            }
        }
        keep
    }

    fn before(&mut self, table: &Table) -> Option<Before> {
        let before = table.before.as_ref()?;
        let (model, name) = self.operation(table, &before.call)?;
        let with = With::parse(&before.with);
        let made = with
            .ok()
            .and_then(|with| Before::new(&before.call, with, &before.until));
        let output = model.operation(&name).and_then(|o| o.output.as_ref());
        let fits = made
            .as_ref()
            .zip(output)
            .is_some_and(|(b, o)| b.path().shape(&model, o).is_ok());
        if !fits {
            self.errors.push(
                table
                    .error(
                        &before.until,
                        format!("`{}` is no `Member=value` of the answer", before.until),
                    )
                    .with_hint("as `until = \"State=COMPLETE\"`"),
            );
        }
        made
    }
}
