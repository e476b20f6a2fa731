//! The types of an expression's parts brought together, each part looked at once.

use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRewriter};
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ExprSchemable as _};
use datafusion::optimizer::analyzer::type_coercion::TypeCoercionRewriter;

/// The expression with the casts that its operators and functions need.
///
/// The engine asks each part for its type, a part asks its own parts, and each writes out its name, which holds the names
/// of all below: the work grows with the cube of the depth. Here a part that is done is put aside, and what is above sees
/// a column of its type in its place.
pub(super) fn coerced(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    let mut aside = Aside {
        schema,
        parts: Vec::new(),
    };
    let top = expr.rewrite(&mut aside)?.data;
    aside.whole(top)
}

/// Parts that are done.
struct Aside<'s> {
    schema: &'s DFSchema,
    parts: Vec<Expr>,
}

impl TreeNodeRewriter for Aside<'_> {
    type Node = Expr;

    fn f_up(&mut self, expr: Expr) -> Result<Transformed<Expr>> {
        let done = TypeCoercionRewriter::new(self.schema).f_up(expr)?.data;
        if is_looked_into(&done) {
            return Ok(Transformed::yes(done));
        }
        let (_, field) = done.to_field(self.schema)?;
        let place = Column::from_name(self.parts.len().to_string());
        self.parts.push(done);
        Ok(Transformed::yes(Expr::OuterReferenceColumn(field, place)))
    }
}

/// Whether what is above looks at more of the part than its type: values, and what is no value by itself.
fn is_looked_into(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Column(_)
            | Expr::Literal(..)
            | Expr::OuterReferenceColumn(..)
            | Expr::Lambda(_)
            | Expr::LambdaVariable(_)
            | Expr::Placeholder(_)
    )
}

impl Aside<'_> {
    /// Puts the parts back where they were.
    fn whole(&self, top: Expr) -> Result<Expr> {
        let whole = top.transform_down(|expr| {
            Ok(match &expr {
                Expr::OuterReferenceColumn(_, place) => match self.part(place) {
                    Some(part) => Transformed::yes(part),
                    None => Transformed::no(expr),
                },
                _ => Transformed::no(expr),
            })
        })?;
        Ok(whole.data)
    }

    fn part(&self, place: &Column) -> Option<Expr> {
        let at: usize = place.name.parse().ok()?;
        self.parts.get(at).cloned()
    }
}
