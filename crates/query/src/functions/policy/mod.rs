//! Functions over the text of a policy, which the access engine reads.

mod everything;
mod judge;
mod known;
mod openness;

pub(super) use everything::PolicyAllowsEverything;
pub(super) use openness::PolicyOpenness;
