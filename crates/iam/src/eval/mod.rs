//! The verb: what all layers together say of one request.
//!
//! Order and meaning follow "Policy evaluation logic" (IAM User Guide): an explicit deny anywhere decides; then every
//! guardrail (SCP level, RCP level, endpoint policy) has to let the request through; then the resource's policy and the
//! identity's policies grant it, within one account either of them, across accounts both.

mod condition;
mod decide;
mod grants;
mod principal;
mod services;
mod statement;
mod truth;

pub use decide::{Verdict, decide, verdict};
pub use truth::{Atom, Formula};

pub(crate) use condition::met;
pub(crate) use decide::{Judgement, bound_by_scps};
pub(crate) use grants::{
    NARROWING, acl_grant, asks_object_acl, blocked_as_public, is_fixed, kms_grant, unwritten,
};
pub(crate) use principal::form;
pub(crate) use services::{
    always_allowed, needs_no_permission, needs_resource_policy, never_allowed, rcp_service,
};

use crate::explain::Reason;

/// Everything that is said of a request.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The verdict when keys not told are absent.
    pub verdict: Verdict,
    /// What decided: denying statements, granting statements, or for each layer that failed, what failed in it.
    pub decided_by: Vec<Reason>,
    /// The exact condition on keys not told under which the request is allowed; `None` when none has a say.
    pub residual: Option<Formula>,
    /// What the verdict takes for granted.
    pub notes: Vec<String>,
}

pub(crate) use statement::{action, matches, resource};

/// Whether a statement's action, resource and conditions match, and where not, which element fails first.
pub(crate) fn failing_element(
    statement: &crate::model::Statement,
    request: &crate::model::Request,
) -> Option<String> {
    let not = |negated: bool, name: &str| {
        if negated {
            format!("Not{name}")
        } else {
            name.to_owned()
        }
    };
    if !action(&statement.actions, request) {
        return Some(not(statement.actions.negated, "Action"));
    }
    if !resource::<bool>(statement.resources.as_ref(), request) {
        let negated = statement
            .resources
            .as_ref()
            .is_some_and(|resources| resources.negated);
        return Some(not(negated, "Resource"));
    }
    statement
        .conditions
        .iter()
        .find(|condition| !met::<bool>(condition, &request.context))
        .map(|condition| {
            format!(
                "Condition {} {}",
                condition.operator_text, condition.key_text
            )
        })
}
