//! Patterns that nothing matches.

use super::{
    Context, Lookup, Template,
    template::{Token, arn_parts, glob},
};

impl Template {
    /// Whether a variable is known to have no value, so that nothing matches.
    pub(crate) fn is_never(&self, context: &Context) -> bool {
        self.variables
            && self
                .unresolved(context)
                .any(|variable| context.lookup(&variable.key) != Lookup::Unknown)
    }

    /// Whether it can match an ARN at all, once its variables are known.
    pub(crate) fn can_be_arn(&self, context: &Context) -> bool {
        if self.is_open(context) {
            return true;
        }
        self.tokens(context).is_some_and(|tokens| {
            let parts = arn_parts(&tokens);
            tokens == [Token::Many]
                || parts.len() == 6 && parts.first().is_some_and(|first| glob(first, "arn"))
        })
    }
}
