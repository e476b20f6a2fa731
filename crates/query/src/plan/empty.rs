//! Plans that give no row, seen before they are made ready to run.

use datafusion::common::JoinType;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};

/// Whether a plan gives no row because tables that it can't do without have none. When in doubt, no.
pub(crate) fn gives_nothing(plan: &LogicalPlan, is_empty: &impl Fn(&str) -> bool) -> bool {
    let nothing = |plan: &LogicalPlan| gives_nothing(plan, is_empty);
    match plan {
        LogicalPlan::TableScan(scan) => is_empty(scan.table_name.table()),
        LogicalPlan::EmptyRelation(relation) => !relation.produce_one_row,
        LogicalPlan::Projection(projection) => nothing(&projection.input),
        LogicalPlan::Filter(filter) => nothing(&filter.input),
        LogicalPlan::Sort(sort) => nothing(&sort.input),
        LogicalPlan::Limit(limit) => nothing(&limit.input),
        LogicalPlan::SubqueryAlias(alias) => nothing(&alias.input),
        LogicalPlan::Distinct(Distinct::All(input)) => nothing(input),
        LogicalPlan::Distinct(Distinct::On(on)) => nothing(&on.input),
        LogicalPlan::Window(window) => nothing(&window.input),
        LogicalPlan::Unnest(unnest) => nothing(&unnest.input),
        // Without groups, and with sets of them, an aggregate over nothing is a row.
        LogicalPlan::Aggregate(aggregate) => {
            let is_set = |e: &Expr| matches!(e, Expr::GroupingSet(_));
            !aggregate.group_expr.is_empty()
                && !aggregate.group_expr.iter().any(is_set)
                && nothing(&aggregate.input)
        }
        LogicalPlan::Union(union) => union.inputs.iter().all(|input| nothing(input)),
        LogicalPlan::Join(join) => {
            let (left, right) = (|| nothing(&join.left), || nothing(&join.right));
            match join.join_type {
                JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => left() || right(),
                JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark => left(),
                JoinType::Right | JoinType::RightAnti | JoinType::RightMark => right(),
                JoinType::Full => left() && right(),
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, RecordBatch};
    use datafusion::prelude::SessionContext;
    use std::sync::Arc;

    async fn says(sql: &str) -> bool {
        let context = SessionContext::new();
        for (name, values) in [("blank", vec![]), ("vacant", vec![]), ("two", vec![1, 2])] {
            let column: Arc<Int64Array> = Arc::new(values.into());
            let rows = RecordBatch::try_from_iter([("x", column as _)]).unwrap();
            context.register_batch(name, rows).unwrap();
        }
        let frame = context.sql(sql).await.unwrap();
        let plan = context.state().optimize(frame.logical_plan()).unwrap();
        let nothing = gives_nothing(&plan, &|table| table == "blank" || table == "vacant");
        let rows = frame.count().await.unwrap();
        assert!(!nothing || rows == 0, "{sql} gives {rows} rows");
        nothing
    }

    #[tokio::test]
    async fn what_needs_a_row_of_an_empty_table_gives_none() {
        for sql in [
            "select x + 1 from blank where x > 1 order by 1 limit 3",
            "select distinct x from blank",
            "select x, count(*) from blank group by x",
            "select a.x from two a join blank b on a.x = b.x",
            "select a.x from blank a left join two b on a.x = b.x",
            "select a.x from two a right join blank b on a.x = b.x",
            "select a.x from blank a full join vacant b on a.x = b.x",
            "select x from two where x in (select x from blank)",
            "select x from blank where not exists (select 1 from two where two.x = blank.x)",
            "select x from blank union all select x from vacant",
            "select x, row_number() over (order by x) from blank",
            "select a.x, (select max(x) from two b where b.x = a.x) from blank a",
        ] {
            assert!(says(sql).await, "{sql}");
        }
    }

    #[tokio::test]
    async fn what_may_give_a_row_is_asked() {
        for sql in [
            "select count(*) from blank",
            "select x, count(*) from blank group by grouping sets ((x), ())",
            "select a.x from two a left join blank b on a.x = b.x",
            "select a.x from blank a full join two b on a.x = b.x",
            "select x from two where x not in (select x from blank)",
            "select x from two where not exists (select 1 from blank where two.x = blank.x)",
            "select x from blank union all select x from two",
            "select a.x, (select count(*) from blank b where b.x = a.x) from two a",
        ] {
            assert!(!says(sql).await, "{sql}");
        }
    }
}
