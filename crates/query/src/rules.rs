//! The planner's rules: those that small plans over one partition need.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::datasource::memory::{DataSourceExec, MemorySourceConfig};
use datafusion::error::Result;
use datafusion::optimizer::OptimizerRule;
use datafusion::optimizer::common_subexpr_eliminate::CommonSubexprEliminate;
use datafusion::optimizer::decorrelate_lateral_join::DecorrelateLateralJoin;
use datafusion::optimizer::decorrelate_predicate_subquery::DecorrelatePredicateSubquery;
use datafusion::optimizer::eliminate_cross_join::EliminateCrossJoin;
use datafusion::optimizer::extract_equijoin_predicate::ExtractEquijoinPredicate;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::push_down_limit::PushDownLimit;
use datafusion::optimizer::replace_distinct_aggregate::ReplaceDistinctWithAggregate;
use datafusion::optimizer::rewrite_set_comparison::RewriteSetComparison;
use datafusion::optimizer::scalar_subquery_to_join::ScalarSubqueryToJoin;
use datafusion::optimizer::simplify_expressions::SimplifyExpressions;
use datafusion::optimizer::single_distinct_to_groupby::SingleDistinctToGroupBy;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::combine_partial_final_agg::CombinePartialFinalAggregate;
use datafusion::physical_optimizer::ensure_coop::EnsureCooperative;
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_optimizer::join_selection::JoinSelection;
use datafusion::physical_optimizer::limit_pushdown::LimitPushdown;
use datafusion::physical_optimizer::projection_pushdown::ProjectionPushdown;
use datafusion::physical_optimizer::sanity_checker::{SanityCheckPlan, check_plan_sanity};
use datafusion::physical_plan::ExecutionPlan;
use std::sync::Arc;

/// The rules without which a plan can't run, and those that read less: hundreds of small plans are made, and most of
/// DataFusion's rules look for what they never hold. The order is DataFusion's.
pub(crate) fn logical() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    vec![
        Arc::new(RewriteSetComparison::new()),
        Arc::new(SimplifyExpressions::new()),
        Arc::new(ReplaceDistinctWithAggregate::new()),
        Arc::new(DecorrelatePredicateSubquery::new()),
        Arc::new(ScalarSubqueryToJoin::new()),
        Arc::new(DecorrelateLateralJoin::new()),
        Arc::new(ExtractEquijoinPredicate::new()),
        Arc::new(EliminateCrossJoin::new()),
        Arc::new(PushDownLimit::new()),
        Arc::new(PushDownFilter::new()),
        Arc::new(SingleDistinctToGroupBy::new()),
        Arc::new(CommonSubexprEliminate::new()),
        Arc::new(OptimizeProjections::new()),
    ]
}

/// Those that a plan of one partition needs.
pub(crate) fn physical() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        Arc::new(OfMany(JoinSelection::new())),
        Arc::new(Requirements),
        Arc::new(OfMany(CombinePartialFinalAggregate::new())),
        Arc::new(OfMany(ProjectionPushdown::new())),
        Arc::new(LimitPushdown::new()),
        // Without it a join that never ends can't be stopped.
        Arc::new(EnsureCooperative::new()),
        Arc::new(SanityCheckPlan::new()),
    ]
}

/// A plan over fewer rows runs in less time than a rule takes to make it faster: a batch of the engine.
const MANY_ROWS: usize = 8192;

/// A rule that makes a plan faster, and nothing else: for plans that read many rows, or do not know how many.
#[derive(Debug)]
struct OfMany<R>(R);

impl<R: PhysicalOptimizerRule> PhysicalOptimizerRule for OfMany<R> {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if reads_many(&plan)? {
            self.0.optimize(plan, config)
        } else {
            Ok(plan)
        }
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}

fn reads_many(plan: &Arc<dyn ExecutionPlan>) -> Result<bool> {
    let mut rows = Some(0);
    plan.apply(|node| {
        if let Some(source) = node.downcast_ref::<DataSourceExec>() {
            let memory = source.data_source().downcast_ref::<MemorySourceConfig>();
            let batches = memory.map(|m| m.partitions().iter().flatten());
            let held = batches.map(|b| b.map(|batch| batch.num_rows()).sum::<usize>());
            rows = rows.zip(held).map(|(all, more)| all + more);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(rows.is_none_or(|rows| rows > MANY_ROWS))
}

/// Gives each part of a plan the order and the partitions that it needs. Most plans of one partition have them from the
/// beginning, which is soon seen; the rule itself makes such a plan anew several times.
#[derive(Debug)]
struct Requirements;

impl PhysicalOptimizerRule for Requirements {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut are_met = true;
        plan.apply(|node| {
            are_met = check_plan_sanity(node, &config.optimizer).is_ok();
            Ok(if are_met {
                TreeNodeRecursion::Continue
            } else {
                TreeNodeRecursion::Stop
            })
        })?;
        if are_met {
            Ok(plan)
        } else {
            EnsureRequirements::new().optimize(plan, config)
        }
    }

    fn name(&self) -> &'static str {
        "Requirements"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
