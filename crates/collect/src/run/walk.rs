//! From a table's plan to its rows: list pages, rows, fills. The same way is gone twice: once with AWS, for the calls,
//! and once with the journal, in order, for the rows.

use super::calls::{Answer, Calls, Question};
use super::row::{Row, RowCall};
use crate::plan::{Plan, TablePlan, Waves};
use crate::recipe::Step;
use futures::future::join_all;
use futures::stream::{self, BoxStream, StreamExt as _};
use palisade_core::Outcome;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often a call before a list is repeated.
const MOST_WAITS: u32 = 30;

/// The way through a plan.
pub(crate) struct Walk {
    pub(crate) calls: Arc<dyn Calls>,
    pub(crate) plan: Arc<Plan>,
    /// Rows worked on at a time; 1 keeps them in order.
    pub(crate) width: usize,
    /// Between the repetitions of a call that waits for something.
    pub(crate) pause: Duration,
    pub(crate) max_pages: u32,
    /// Rows left out, by table and region.
    pub(crate) left_out: Mutex<BTreeMap<String, BTreeMap<String, u64>>>,
}

/// Where a call is made.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Place of the account in the scope.
    pub(crate) account: usize,
    pub(crate) region: String,
}

/// The rows of a table in one place, with the fills of the waves.
pub(crate) fn rows(
    walk: Arc<Walk>,
    table: Arc<TablePlan>,
    waves: Arc<Waves>,
    place: Place,
) -> BoxStream<'static, Row> {
    let width = walk.width;
    let listed = listed(Arc::clone(&walk), Arc::clone(&table), place);
    let filled = listed.map(move |row| {
        fill(
            Arc::clone(&walk),
            Arc::clone(&table),
            Arc::clone(&waves),
            row,
        )
    });
    if width <= 1 {
        filled.buffered(1).boxed()
    } else {
        filled.buffer_unordered(width).boxed()
    }
}

/// The rows as the list call gives them: of a table with a parent, once per row of the parent.
fn listed(walk: Arc<Walk>, table: Arc<TablePlan>, place: Place) -> BoxStream<'static, Row> {
    let Some(parent) = &table.parent else {
        return list(walk, table, place, None);
    };
    let parents = rows(
        Arc::clone(&walk),
        Arc::clone(&parent.table),
        Arc::clone(&parent.waves),
        place.clone(),
    );
    let width = walk.width;
    let children = parents.map(move |row| {
        let place = Place {
            account: place.account,
            region: row.region.clone(),
        };
        list(Arc::clone(&walk), Arc::clone(&table), place, Some(row))
    });
    if width <= 1 {
        children.flatten().boxed()
    } else {
        children.flatten_unordered(width).boxed()
    }
}

fn list(
    walk: Arc<Walk>,
    table: Arc<TablePlan>,
    place: Place,
    parent: Option<Row>,
) -> BoxStream<'static, Row> {
    let recipe = &table.recipe;
    let scope = walk.plan.scope();
    let of = |name: &str| match &parent {
        Some(row) => row.value(table.recipe.parent.as_deref(), scope, name),
        None => Row::place_value(scope, &place, name),
    };
    // A parent without the value has no children.
    let Some(input) = recipe.list.with.fill(&of) else {
        return stream::empty().boxed();
    };
    let paged = recipe.list.paged || table.recipe.csv;
    let parent = parent.map(Arc::new);
    let ready = wait(Arc::clone(&walk), Arc::clone(&table), place.clone());
    stream::once(ready)
        .flat_map(move |()| {
            let walk = Arc::clone(&walk);
            let table = Arc::clone(&table);
            let parent = parent.clone();
            let place = place.clone();
            let operation = table.recipe.list.operation.clone();
            pages(
                Arc::clone(&walk),
                place.clone(),
                operation,
                input.clone(),
                paged,
            )
            .flat_map(move |answer| {
                stream::iter(page_rows(&walk, &table, &place, parent.as_deref(), &answer))
            })
        })
        .boxed()
}

/// Makes the call that prepares a list, until it says that it is done. The list is asked for whatever comes of it:
/// an older report may be there.
async fn wait(walk: Arc<Walk>, table: Arc<TablePlan>, place: Place) {
    let Some(before) = &table.recipe.before else {
        return;
    };
    let of = |name: &str| Row::place_value(walk.plan.scope(), &place, name);
    let Some(input) = before.with.fill(&of) else {
        return;
    };
    for time in 0..MOST_WAITS {
        let answer = walk
            .calls
            .ask(Question {
                account: place.account,
                region: place.region.clone(),
                operation: before.operation.clone(),
                input: input.clone(),
                time,
                refused: None,
            })
            .await;
        if answer.outcome != Outcome::Ok || before.is_done(answer.value.clone()) {
            return;
        }
        if !walk.pause.is_zero() {
            tokio::time::sleep(walk.pause).await;
        }
    }
}

/// The pages of a call, the last of them perhaps a failure.
fn pages(
    walk: Arc<Walk>,
    place: Place,
    operation: String,
    input: Value,
    paged: bool,
) -> BoxStream<'static, Arc<Answer>> {
    struct State {
        question: Option<Question>,
        seen: BTreeSet<String>,
    }
    let first = Question {
        account: place.account,
        region: place.region,
        operation,
        input: input.clone(),
        time: 0,
        refused: None,
    };
    let state = State {
        question: Some(first),
        seen: BTreeSet::new(),
    };
    stream::unfold(state, move |mut state| {
        let calls = Arc::clone(&walk.calls);
        let most = walk.max_pages;
        let input = input.clone();
        async move {
            let question = state.question.take()?;
            let answer = calls.ask(question.clone()).await;
            if let Some(token) = answer
                .next
                .as_ref()
                .filter(|_| paged && answer.outcome == Outcome::Ok)
            {
                let mut next = question;
                next.input = laid_over(&input, token);
                if !state.seen.insert(token.to_string()) {
                    next.refused = Some("a page token came twice");
                } else if state.seen.len() >= most as usize {
                    next.refused = Some("the pages do not end");
                }
                state.question = Some(next);
            }
            Some((answer, state))
        }
    })
    .boxed()
}

fn laid_over(input: &Value, token: &Value) -> Value {
    let mut merged = input.clone();
    if merged.is_null() {
        merged = Value::Object(serde_json::Map::new());
    }
    if let (Value::Object(merged), Value::Object(token)) = (&mut merged, token) {
        for (name, value) in token {
            if value.is_null() {
                merged.shift_remove(name);
            } else {
                merged.insert(name.clone(), value.clone());
            }
        }
    }
    merged
}

fn page_rows(
    walk: &Walk,
    table: &TablePlan,
    place: &Place,
    parent: Option<&Row>,
    answer: &Answer,
) -> Vec<Row> {
    let recipe = &table.recipe;
    if answer.outcome != Outcome::Ok {
        return Vec::new();
    }
    let scope = walk.plan.scope();
    let mut rows = Vec::new();
    for value in recipe.list.rows(answer.value.clone(), recipe.csv) {
        let mut row = Row::new(recipe, place);
        let mut misfits = 0;
        recipe.list.take.read(value, &mut row.slots, &mut misfits);
        if let Some(parent) = parent {
            for (from, to) in &recipe.keep {
                if let (Some(value), Some(cell)) = (parent.slots.get(*from), row.slots.get_mut(*to))
                {
                    *cell = value.clone();
                }
            }
        }
        row.calls.push(RowCall::of("", answer, misfits));
        row.locate(recipe, scope);
        let regions = scope
            .accounts
            .get(place.account)
            .map(|a| a.regions.as_slice())
            .unwrap_or_default();
        if recipe.region.is_some() && !recipe.any_region && !regions.contains(&row.region) {
            let mut left_out = walk.left_out.lock().unwrap_or_else(PoisonError::into_inner);
            let table = left_out.entry(recipe.table.clone()).or_default();
            *table.entry(row.region).or_default() += 1;
            continue;
        }
        rows.push(row);
    }
    rows
}

/// Makes a row's fills, wave by wave.
async fn fill(walk: Arc<Walk>, table: Arc<TablePlan>, waves: Arc<Waves>, mut row: Row) -> Row {
    let recipe = &table.recipe;
    for wave in waves.iter() {
        let steps = wave.iter().filter_map(|at| recipe.fills.get(*at));
        let asked = steps.map(|step| {
            let input = step
                .with
                .fill(&|name| row.value(Some(recipe), walk.plan.scope(), name));
            let place = Place {
                account: row.account,
                region: row.region.clone(),
            };
            let walk = Arc::clone(&walk);
            async move {
                let Some(input) = input else {
                    return (step, None);
                };
                (step, Some(filled(walk, place, step, input).await))
            }
        });
        let answers = join_all(asked).await;
        for (step, filled) in answers {
            match filled {
                Some((answer, value)) => {
                    let mut misfits = 0;
                    step.take.read(value, &mut row.slots, &mut misfits);
                    row.calls.push(RowCall::of(&step.name, &answer, misfits));
                }
                // The parameter is null: there is nothing to ask for, or the call that would tell failed.
                None => {
                    if let Some(blame) = row.blame(recipe, step) {
                        row.calls.push(blame);
                    }
                }
            }
        }
    }
    row.finish(recipe, walk.plan.scope());
    row
}

/// What a fill's pages give: one value, or one list. A list with a failed page is no list.
async fn filled(walk: Arc<Walk>, place: Place, step: &Step, input: Value) -> (Arc<Answer>, Value) {
    let mut pages = pages(walk, place, step.operation.clone(), input, step.paged);
    let mut first: Option<Arc<Answer>> = None;
    let mut all = Value::Null;
    while let Some(answer) = pages.next().await {
        if answer.outcome != Outcome::Ok {
            return (answer, Value::Null);
        }
        let taken = step.taken(answer.value.clone()).unwrap_or(Value::Null);
        match (&mut all, taken) {
            (Value::Array(all), Value::Array(more)) => all.extend(more),
            (all @ Value::Null, taken) => *all = taken,
            _ => {}
        }
        first.get_or_insert(answer);
    }
    match first {
        Some(answer) => (answer, all),
        // A stream of pages has at least one.
        None => (
            Arc::new(Answer {
                id: String::new(),
                operation: step.operation.clone(),
                outcome: Outcome::Failed,
                code: None,
                value: Value::Null,
                next: None,
            }),
            Value::Null,
        ),
    }
}
