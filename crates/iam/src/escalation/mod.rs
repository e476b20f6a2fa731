//! Which principal can get the permissions of another, or all of them, and how.
//!
//! Each step is one of the known [`paths`] whose needs are all allowed by every layer over the principal, with a
//! request for each as witness; what resources, conditions, boundaries and guardrails say is taken into account by
//! the search over all requests. Steps join to ways: what one role cannot do, the role that it can assume may.

mod found;
mod lists;
mod needs;
mod paths;
mod seek;
mod trust;
mod ways;

pub use found::Escalation;
pub(crate) use trust::{role_of, without_path};

pub use paths::{Gain, Need, On, Path, paths};

use crate::model::{Context, Layers, Level, NamedPolicy, Template};
use std::collections::BTreeMap;

/// A user or role, and what bears on escalation.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// Identity policies, boundary and service control policies.
    pub layers: Layers,
    /// A role's trust policy.
    pub trust: Option<NamedPolicy>,
    /// The groups that a user is in.
    pub groups: Vec<String>,
    /// The ARNs of the managed policies attached to it.
    pub attached: Vec<String>,
    /// Whether it is administrator in effect; an error says why that is not known.
    pub administrator: Result<bool, String>,
    /// Whether its boundary leaves it less than everything, whatever policies it gives itself; an error says why that
    /// is not known.
    pub bounded: Result<bool, String>,
    /// What every request of it tells.
    pub context: Context,
    /// What values of free keys look like, where that is known.
    pub domains: BTreeMap<String, Template>,
}

/// A group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// Whether its members are administrators by it.
    pub administrator: Result<bool, String>,
}

/// All principals that are looked at.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// Users and roles.
    pub nodes: Vec<Node>,
    /// Groups.
    pub groups: Vec<Group>,
    /// The resource control policies over each account.
    pub rcps: BTreeMap<String, Vec<Level>>,
}

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    /// To everything.
    Administrator,
    /// To the permissions of this node.
    Node(usize),
}

/// One step: a path whose needs are met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The path.
    pub path: &'static Path,
    /// From this node.
    pub from: usize,
    /// To there.
    pub to: To,
    /// The node that needs are about, or whose policies are.
    pub target: Option<usize>,
    /// The ARN of the user, role or group that is used.
    pub arn: Option<String>,
    /// The ARN of the policy that is rewritten.
    pub policy: Option<String>,
}

impl Step {
    /// The ARN of the policy, user, role or group that is used.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        self.policy.as_deref().or(self.arn.as_deref())
    }
}

/// What could not be decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The node.
    pub from: usize,
    /// The path.
    pub path: &'static str,
    /// Why.
    pub reason: String,
}

/// Looks for every step of every principal that is not administrator already.
#[must_use]
pub fn escalation(field: &Field) -> Escalation<'_> {
    seek::find(field)
}
