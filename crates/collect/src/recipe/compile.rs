//! From table files to recipes.

use super::form::Form;
use super::path::Path;
use super::step::{Absent, Before, Step, Take};
use super::with::With;
use super::{ModelSource, Recipe, Recipes};
use crate::redact::Secrets;
use palisade_aws::model::{Kind, Model, Operation, Ref, names::snake_case};
use palisade_aws::reads::Reads as AllowList;
use palisade_core::catalog::{Catalog, CatalogError, Table, TextType};
use palisade_core::schema::{COMMON, Column, ColumnType, Origin, TableSchema};
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

/// The columns of a table while it is put together.
struct Draft<'t> {
    table: &'t Table,
    columns: Vec<Column>,
    /// The answer's own members that are called as common columns.
    own: [Option<Origin>; COMMON.len()],
    /// What the call at hand may not take over: all, or what its own parameters need.
    fixed: Option<Vec<String>>,
    warnings: Vec<String>,
}

/// Stands for the slot of a common column's own member until the number of columns is known.
const OWN: usize = usize::MAX - COMMON.len();

impl Draft<'_> {
    /// The slot for a column; none if it is taken.
    fn take(&mut self, name: &str, ty: ColumnType, origin: &Origin) -> Option<usize> {
        if let Some(at) = COMMON.iter().position(|c| *c == name) {
            let own = self.own.get_mut(at)?;
            if own.is_some() {
                return None;
            }
            *own = Some(origin.clone());
            return Some(OWN + at);
        }
        let free = |fixed: &Vec<String>| !fixed.iter().any(|f| f == name);
        let refines = self.fixed.as_ref().is_some_and(free);
        if let Some(slot) = self.columns.iter().position(|c| c.name == name) {
            if refines && let Some(column) = self.columns.get_mut(slot).filter(|c| c.ty == ty) {
                column.origin = origin.clone();
                return Some(slot);
            }
            if self.fixed.is_some() {
                return None;
            }
            self.warnings.push(format!(
                "{}: `{name}` is given by more than one call; the first counts",
                self.table.id
            ));
            return None;
        }
        self.columns.push(Column {
            name: name.to_owned(),
            ty,
            origin: origin.clone(),
        });
        Some(self.columns.len() - 1)
    }

    fn form(&self, name: &str, form: Form, secret: bool) -> Form {
        if secret {
            return form;
        }
        let declared = self.table.types.get(name);
        if self.table.json.iter().any(|j| j == name) {
            return Form::Document;
        }
        match (declared, form) {
            (Some(ty), Form::Text | Form::Parsed(_)) => Form::Parsed(*ty),
            (_, form) => form,
        }
    }
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

    fn secrets_of(&mut self, table: &Table) {
        let mut found = vec![false; table.redact.len()];
        for call in calls(table) {
            let Some((model, name)) = self.operation(table, call.call) else {
                continue;
            };
            let Some(output) = model.operation(&name).and_then(|o| o.output.as_ref()) else {
                continue;
            };
            let secrets = self.secrets.entry(call.call.to_owned()).or_insert_with(|| {
                // The shapes that the model itself calls sensitive.
                Secrets::marked(&model, output)
            });
            let Some(taken) = taken(&model, output, &call) else {
                continue;
            };
            let path = Path::parse(call.path.unwrap_or_default());
            let steps: Vec<String> = path.steps.iter().map(|s| snake_case(s)).collect();
            for (redact, found) in table.redact.iter().zip(&mut found) {
                let names: Vec<&str> = redact.split('.').collect();
                let Some(names) = inside(&model, taken, &call, &names, table) else {
                    continue;
                };
                *found = true;
                let result = secrets.at(&steps).path(&model, taken, &names);
                if let Err(e) = result {
                    self.errors
                        .push(table.error(redact, format!("redact: `{redact}`: {e}")));
                }
            }
        }
        for (redact, _) in table.redact.iter().zip(found).filter(|(_, found)| !found) {
            self.errors
                .push(table.error(redact, format!("redact: `{redact}` is no column")));
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

    fn check_declared(&mut self, draft: &Draft<'_>) {
        let table = draft.table;
        for name in table.json.iter().chain(table.types.keys()) {
            let own = COMMON
                .iter()
                .zip(&draft.own)
                .any(|(c, own)| c == name && own.is_some());
            if !own && !draft.columns.iter().any(|c| c.name == *name) {
                self.errors
                    .push(table.error(name, format!("`{name}` is no column")));
            }
        }
    }

    fn check_holes(&mut self, draft: &Draft<'_>, steps: &[Step], parent: Option<&Recipe>) {
        const SCOPE: [&str; 3] = ["partition", "account_id", "region"];
        let table = draft.table;
        let known = |name: &str| {
            SCOPE.contains(&name)
                || COMMON
                    .iter()
                    .zip(&draft.own)
                    .any(|(c, own)| *c == name && own.is_some())
                || draft
                    .columns
                    .iter()
                    .any(|c| c.name == name && !COMMON.contains(&name))
        };
        let mut faults = Vec::new();
        for step in steps {
            for name in &step.needs {
                let fine = if step.name.is_empty() {
                    SCOPE.contains(&name.as_str()) || parent.is_some_and(|p| p.slot(name).is_some())
                } else {
                    known(name) || ["arn", "name"].contains(&name.as_str())
                };
                if !fine {
                    let of = if step.name.is_empty() {
                        "the parent"
                    } else {
                        "the table"
                    };
                    faults.push((
                        name.clone(),
                        format!("{}: `{{{name}}}` is no column of {of}", step.operation),
                    ));
                }
            }
        }
        let templates = [
            ("arn", Some(&table.arn)),
            ("name", table.name.as_ref()),
            ("region", table.region.as_ref()),
        ];
        for (what, template) in templates {
            for name in template.into_iter().flat_map(|t| t.columns()) {
                if !known(name) {
                    faults.push((
                        name.to_owned(),
                        format!("{what}: `{{{name}}}` is no column of the table"),
                    ));
                }
            }
        }
        for (name, fault) in faults {
            self.errors.push(table.error(&format!("{{{name}}}"), fault));
        }
    }
}

/// The shape that a call's columns are taken from.
fn taken<'m>(model: &'m Model, output: &'m Ref, call: &CallOf<'_>) -> Option<&'m Ref> {
    let end = Path::parse(call.path.unwrap_or_default())
        .shape(model, output)
        .ok()?;
    match model.kind(end) {
        Kind::List { member, .. } if call.name.is_empty() => Some(member),
        _ => Some(end),
    }
}

/// A path from a column as a path from the shape that the call takes; none where the call does not give the column.
fn inside<'p>(
    model: &Model,
    taken: &Ref,
    call: &CallOf<'_>,
    names: &[&'p str],
    table: &Table,
) -> Option<Vec<&'p str>> {
    let (first, rest) = names.split_first()?;
    if let Some(column) = call.column {
        return (column == *first).then(|| rest.to_vec());
    }
    let bare = first.strip_prefix(call.prefix)?;
    let gives = match model.kind(taken) {
        Kind::Structure(structure) => structure.members.keys().any(|m| snake_case(m) == bare),
        Kind::Map { .. } => table.types.contains_key(*first),
        _ => false,
    };
    gives.then(|| std::iter::once(bare).chain(rest.iter().copied()).collect())
}

/// The columns of a shape.
fn columns(
    draft: &mut Draft<'_>,
    model: &Model,
    operation: &Operation,
    end: &Ref,
    call: &CallOf<'_>,
    origin: &Origin,
    secrets: Option<&Secrets>,
) -> Result<Take, String> {
    if let Some(name) = call.column {
        let form = draft.form(
            name,
            Form::of(model, end, secrets),
            secrets.is_some_and(|s| s.here),
        );
        let slot = draft.take(name, form.ty(), origin);
        return slot
            .map(|slot| Take::One(slot, form))
            .ok_or_else(|| format!("the column `{name}` is there already"));
    }
    match model.kind(end) {
        Kind::Structure(structure) => {
            let tokens = tokens(model, operation);
            let mut members = Vec::new();
            for (api, member) in &structure.members {
                // The whole answer carries the page's token too.
                if call.path.is_none() && tokens.iter().any(|t| **t == **api) {
                    continue;
                }
                let bare = snake_case(api);
                let below = secrets.and_then(|s| s.below(&bare));
                let name = format!("{}{bare}", call.prefix);
                let secret = below.is_some_and(|s| s.here);
                let form = draft.form(&name, Form::of(model, &member.target, below), secret);
                if let Some(slot) = draft.take(&name, form.ty(), origin) {
                    members.push((api.clone(), slot, form));
                }
            }
            Ok(Take::Members(members))
        }
        Kind::Map { key, value, .. } => {
            let known = match model.kind(key) {
                Kind::String { values } => values.iter().map(|v| snake_case(v)).collect(),
                _ => Vec::new(),
            };
            let mut keys = BTreeMap::new();
            for bare in &known {
                // `All` is a question, never an answer.
                if bare == "all" {
                    continue;
                }
                let below = secrets.and_then(|s| s.below(bare));
                let name = format!("{}{bare}", call.prefix);
                let form = draft.form(
                    &name,
                    Form::of(model, value, below),
                    below.is_some_and(|s| s.here),
                );
                if let Some(slot) = draft.take(&name, form.ty(), origin) {
                    keys.insert(bare.clone(), (slot, form));
                }
            }
            if let Take::Keys(more) = declared(draft, origin) {
                for (name, entry) in more {
                    let bare = name.strip_prefix(call.prefix).unwrap_or(&name);
                    keys.entry(bare.to_owned()).or_insert(entry);
                }
            }
            if keys.is_empty() {
                return Err("a map without known keys: declare its columns in `types`".to_owned());
            }
            Ok(Take::Keys(keys))
        }
        other => Err(format!(
            "a {} has no members: name the column with `as`",
            other.word()
        )),
    }
}

/// The columns that `types` declares and no call has given yet.
fn declared(draft: &mut Draft<'_>, origin: &Origin) -> Take {
    let table = draft.table;
    let mut keys = BTreeMap::new();
    for (name, ty) in &table.types {
        if draft
            .columns
            .iter()
            .any(|c| c.name == *name && !COMMON.contains(&c.name.as_str()))
        {
            continue;
        }
        let form = draft.form(name, Form::Parsed(*ty), false);
        let form = if *ty == TextType::Text && form == Form::Parsed(TextType::Text) {
            Form::Text
        } else {
            form
        };
        if let Some(slot) = draft.take(name, form.ty(), origin) {
            keys.insert(name.clone(), (slot, form));
        }
    }
    Take::Keys(keys)
}

/// The members of an answer that belong to its paging.
fn tokens<'m>(model: &'m Model, operation: &Operation) -> Vec<&'m str> {
    model
        .paginators
        .get(&operation.name)
        .map_or_else(Vec::new, |pager| {
            let tokens = pager.output_token.iter().chain(&pager.input_token);
            tokens
                .chain(&pager.more_results)
                .chain(&pager.limit_key)
                .map(String::as_str)
                .collect()
        })
}

/// Says where the common columns come from.
fn finish(draft: Draft<'_>) -> TableSchema {
    let Draft {
        table,
        mut columns,
        own,
        ..
    } = draft;
    let own_of = |name: &str| {
        COMMON
            .iter()
            .zip(&own)
            .find(|(c, _)| **c == name)
            .and_then(|(_, own)| own.clone())
    };
    let origin = |template: &palisade_core::template::Template| {
        let names: Vec<&str> = template.columns().collect();
        if let ([name], Some(own)) = (names.as_slice(), names.first().and_then(|n| own_of(n)))
            && template.source() == format!("{{{name}}}")
        {
            return own;
        }
        let mut needs: Vec<String> = Vec::new();
        for name in names {
            match own_of(name) {
                // A column of the same fill stands for the member, which is no column itself.
                Some(Origin::Fill(fill)) => {
                    let same = Origin::Fill(fill);
                    needs.extend(
                        columns
                            .iter()
                            .find(|c| c.origin == same)
                            .map(|c| c.name.clone()),
                    );
                }
                Some(_) => {}
                None if COMMON.contains(&name) || name == "partition" => {}
                None => needs.push(name.to_owned()),
            }
        }
        Origin::Template(needs)
    };
    let arn = origin(&table.arn);
    let name = match &table.name {
        Some(template) => origin(template),
        None => own_of("name").unwrap_or(Origin::Template(Vec::new())),
    };
    let region = table.region.as_ref().map_or(Origin::Scope, origin);
    for (column, origin) in columns.iter_mut().skip(1).zip([region, arn, name]) {
        column.origin = origin;
    }
    TableSchema {
        table: table.id.clone(),
        columns,
    }
}

fn settle(take: &mut Take, columns: usize) {
    match take {
        Take::One(slot, _) => *slot = settled(*slot, columns),
        Take::Members(members) => members
            .iter_mut()
            .for_each(|(_, slot, _)| *slot = settled(*slot, columns)),
        Take::Keys(keys) => keys
            .values_mut()
            .for_each(|(slot, _)| *slot = settled(*slot, columns)),
    }
}

fn settled(slot: usize, columns: usize) -> usize {
    if slot >= OWN {
        columns + (slot - OWN)
    } else {
        slot
    }
}

/// A fill that can never run, because its parameters wait for itself.
fn circle(recipe: &Recipe) -> Option<String> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let ready: Vec<&str> = recipe
            .fills
            .iter()
            .filter(|f| !done.contains(f.name.as_str()))
            .filter(|f| {
                let mut needs = f.needs.iter().flat_map(|c| recipe.behind(c));
                needs.all(|n| done.contains(n.as_str()))
            })
            .map(|f| f.name.as_str())
            .collect();
        if ready.is_empty() {
            return recipe
                .fills
                .iter()
                .find(|f| !done.contains(f.name.as_str()))
                .map(|f| f.name.clone());
        }
        done.extend(ready);
    }
}
