//! What a query reads, and whether its tables are tied together by account and by region.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan, Operator};
use std::collections::{BTreeMap, BTreeSet};

/// Tables, and the columns of them that are read.
pub(crate) type Scans = BTreeMap<String, BTreeSet<String>>;

/// The scans of an optimised plan: only the columns that its result depends on.
pub(crate) fn scans(plan: &LogicalPlan) -> Result<Scans> {
    let mut scans = Scans::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let columns = scans.entry(scan.table_name.table().to_owned()).or_default();
            columns.extend(
                scan.projected_schema
                    .fields()
                    .iter()
                    .map(|f| f.name().clone()),
            );
            for filter in &scan.filters {
                columns.extend(filter.column_refs().into_iter().map(|c| c.name.clone()));
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(scans)
}

/// Whether the result's column `name` is the column of that name of a table, and all scanned tables that `counts`
/// are joined on it: then a row depends only on calls of its own account (or region). When in doubt, no.
pub(crate) fn tied(plan: &LogicalPlan, name: &str, counts: impl Fn(&str) -> bool) -> Result<bool> {
    let schema = plan.schema();
    let Some(output) = schema.columns().into_iter().find(|c| c.name == name) else {
        return Ok(false);
    };
    let Some((source, column)) = origin(plan, &output) else {
        return Ok(false);
    };
    if column != name || !counts(&source) {
        return Ok(false);
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut ties: Vec<(String, String)> = Vec::new();
    plan.apply_with_subqueries(|node| {
        match node {
            LogicalPlan::TableScan(scan) => {
                *times.entry(scan.table_name.table().to_owned()).or_default() += 1;
            }
            LogicalPlan::Filter(filter) => {
                for part in split_conjunction(&filter.predicate) {
                    ties.extend(tie(plan, node, part, name));
                }
            }
            LogicalPlan::Join(join) => {
                for (left, right) in &join.on {
                    if let (Some(a), Some(b)) =
                        (side(plan, node, left, name), side(plan, node, right, name))
                    {
                        ties.push((a, b));
                    }
                }
                for part in join.filter.iter().flat_map(split_conjunction) {
                    ties.extend(tie(plan, node, part, name));
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let counted: BTreeSet<&String> = times.keys().filter(|t| counts(t)).collect();
    if counted
        .iter()
        .any(|t| times.get(*t).is_some_and(|n| *n > 1))
        && counted.len() > 1
    {
        return Ok(false);
    }
    let mut reached: BTreeSet<&String> = BTreeSet::from([&source]);
    loop {
        let before = reached.len();
        for (a, b) in &ties {
            if reached.contains(a) {
                reached.insert(b);
            } else if reached.contains(b) {
                reached.insert(a);
            }
        }
        if reached.len() == before {
            break;
        }
    }
    Ok(counted.iter().all(|t| reached.contains(*t)))
}

fn tie(
    root: &LogicalPlan,
    node: &LogicalPlan,
    part: &Expr,
    name: &str,
) -> Option<(String, String)> {
    let Expr::BinaryExpr(binary) = part else {
        return None;
    };
    if binary.op != Operator::Eq {
        return None;
    }
    Some((
        side(root, node, &binary.left, name)?,
        side(root, node, &binary.right, name)?,
    ))
}

/// The table whose column `name` the expression is.
fn side(root: &LogicalPlan, node: &LogicalPlan, expr: &Expr, name: &str) -> Option<String> {
    let (table, column) = match expr {
        Expr::Column(column) => node
            .inputs()
            .into_iter()
            .find(|input| has(input.schema(), column))
            .and_then(|input| origin(input, column))?,
        Expr::OuterReferenceColumn(_, column) => outer(root, column)?,
        _ => return None,
    };
    (column == name).then_some(table)
}

/// A column of an enclosing query: looked for from the top.
fn outer(plan: &LogicalPlan, column: &Column) -> Option<(String, String)> {
    if has(plan.schema(), column)
        && let Some(found) = origin(plan, column)
    {
        return Some(found);
    }
    plan.inputs().into_iter().find_map(|p| outer(p, column))
}

fn has(schema: &DFSchema, column: &Column) -> bool {
    schema.maybe_index_of_column(column).is_some()
}

/// The table and column that a plan's column is, unchanged; `None` when it is computed.
fn origin(plan: &LogicalPlan, column: &Column) -> Option<(String, String)> {
    match plan {
        LogicalPlan::TableScan(scan) => has(plan.schema(), column)
            .then(|| (scan.table_name.table().to_owned(), column.name.clone())),
        LogicalPlan::SubqueryAlias(alias) => {
            let at = alias.schema.maybe_index_of_column(column)?;
            let inner = alias.input.schema().columns().into_iter().nth(at)?;
            origin(&alias.input, &inner)
        }
        LogicalPlan::Projection(projection) => {
            let at = projection.schema.maybe_index_of_column(column)?;
            origin_of_expr(&projection.input, projection.expr.get(at)?)
        }
        LogicalPlan::Aggregate(aggregate) => {
            let at = aggregate.schema.maybe_index_of_column(column)?;
            origin_of_expr(&aggregate.input, aggregate.group_expr.get(at)?)
        }
        LogicalPlan::Filter(filter) => origin(&filter.input, column),
        LogicalPlan::Sort(sort) => origin(&sort.input, column),
        LogicalPlan::Limit(limit) => origin(&limit.input, column),
        LogicalPlan::Distinct(Distinct::All(input)) => origin(input, column),
        LogicalPlan::Join(join) => [&join.left, &join.right]
            .into_iter()
            .find(|p| has(p.schema(), column))
            .and_then(|p| origin(p, column)),
        _ => None,
    }
}

fn origin_of_expr(input: &LogicalPlan, expr: &Expr) -> Option<(String, String)> {
    match expr {
        Expr::Column(column) => origin(input, column),
        Expr::Alias(alias) => origin_of_expr(input, &alias.expr),
        _ => None,
    }
}
