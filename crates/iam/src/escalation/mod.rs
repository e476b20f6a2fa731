//! Which principal can get the permissions of another, or all of them, and how.
//!
//! Each step is one of the known [`paths`] whose needs are all allowed by every layer over the principal, with a
//! request for each as witness; what resources, conditions, boundaries and guardrails say is taken into account by
//! the search over all requests. Steps join to ways: what one role cannot do, the role that it can assume may.

mod paths;
mod steps;
mod trust;

pub(crate) use trust::{role_of, without_path};

pub use paths::{Gain, Need, On, Path, paths};

use crate::analyse::Found;
use crate::model::{Context, Layers, NamedPolicy, Template};
use std::collections::{BTreeMap, VecDeque};

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
#[derive(Debug, Clone)]
pub struct Step {
    /// The path.
    pub path: &'static Path,
    /// From this node.
    pub from: usize,
    /// To there.
    pub to: To,
    /// The ARN of the user, role, group or policy that is used.
    pub by: Option<String>,
    /// A request for each need, which all layers allow.
    pub witnesses: Vec<Found>,
    /// What has to exist besides, which was not looked at: `something that runs with the role`.
    pub supposed: Option<&'static str>,
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

/// The steps of all principals.
#[derive(Debug, Clone, Default)]
pub struct Escalation {
    /// The steps, by node and path.
    pub steps: Vec<Step>,
    /// What is open.
    pub open: Vec<Open>,
}

/// Looks for every step of every principal that is not administrator already.
#[must_use]
pub fn escalation(field: &Field) -> Escalation {
    steps::find(field)
}

impl Escalation {
    /// The shortest way of each node to administrator, as indexes of steps; steps that suppose nothing are preferred.
    /// A way ends at a step to everything, or at a node that is administrator.
    #[must_use]
    pub fn ways(&self, field: &Field) -> BTreeMap<usize, Vec<usize>> {
        let certain = self.search(field, false);
        let mut ways = self.search(field, true);
        ways.extend(certain);
        ways
    }

    /// Backwards from what is administrator: the first step found from a node is on a shortest way.
    fn search(&self, field: &Field, supposing: bool) -> BTreeMap<usize, Vec<usize>> {
        let mut into: BTreeMap<To, Vec<usize>> = BTreeMap::new();
        for (at, step) in self.steps.iter().enumerate() {
            if supposing || step.supposed.is_none() {
                into.entry(step.to).or_default().push(at);
            }
        }
        let mut next: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open: VecDeque<To> = VecDeque::from([To::Administrator]);
        open.extend(
            field
                .nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.administrator == Ok(true))
                .map(|(at, _)| To::Node(at)),
        );
        let is_administrator = |at: usize| {
            field
                .nodes
                .get(at)
                .is_some_and(|node| node.administrator == Ok(true))
        };
        while let Some(to) = open.pop_front() {
            for at in into.get(&to).into_iter().flatten() {
                let Some(step) = self.steps.get(*at) else {
                    continue;
                };
                if !next.contains_key(&step.from) && !is_administrator(step.from) {
                    next.insert(step.from, *at);
                    open.push_back(To::Node(step.from));
                }
            }
        }
        next.keys()
            .map(|start| (*start, self.follow(*start, &next)))
            .collect()
    }

    fn follow(&self, start: usize, next: &BTreeMap<usize, usize>) -> Vec<usize> {
        let mut way = Vec::new();
        let mut here = start;
        while let Some(at) = next.get(&here) {
            way.push(*at);
            match self.steps.get(*at).map(|step| step.to) {
                Some(To::Node(node)) => here = node,
                Some(To::Administrator) | None => break,
            }
        }
        way
    }
}
