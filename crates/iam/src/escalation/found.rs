//! What was found, kept once for all whom it is about.

use super::{
    Field, Open, Path, Step, To, lists::List, needs::Target, needs::witness, seek::MOST_STEPS,
};
use crate::{analyse::Found, escalation::Gain};
use std::{collections::BTreeSet, rc::Rc};

/// A step, of whoever it is of.
#[derive(Debug)]
pub(super) struct Way<'f> {
    pub(super) path: &'static Path,
    /// The path's place among all.
    pub(super) order: usize,
    pub(super) target: Target<'f>,
}

impl Way<'_> {
    /// Where it leads.
    pub(super) fn to(&self) -> To {
        match (self.path.gain, self.target.node) {
            (Gain::Administrator | Gain::Group, _) | (_, None) => To::Administrator,
            (_, Some(node)) => To::Node(node),
        }
    }
}

/// Something that could not be decided.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) path: &'static str,
    pub(super) reason: String,
    /// The node that it is about: for itself it is not open.
    pub(super) target: Option<usize>,
}

/// What a search left out.
#[derive(Debug)]
pub(super) struct Rest<'f> {
    pub(super) path: &'static str,
    pub(super) order: usize,
    pub(super) list: Rc<List<'f>>,
    /// The places of the list that were to be asked; `None`: all.
    pub(super) places: Option<Vec<usize>>,
    /// How many of them were.
    pub(super) asked: usize,
}

impl Rest<'_> {
    /// How many targets were left out, the node itself aside.
    fn left(&self, field: &Field, node: usize) -> usize {
        let all = self
            .places
            .as_ref()
            .map_or(self.list.targets.len(), Vec::len);
        let own = self
            .list
            .place(field, node)
            .and_then(|place| match &self.places {
                Some(places) => places.binary_search(&place).ok(),
                None => Some(place),
            });
        let itself = usize::from(own.is_some_and(|place| place >= self.asked));
        all.saturating_sub(self.asked).saturating_sub(itself)
    }
}

/// What was found for some nodes together.
#[derive(Debug, Default)]
pub(super) struct Part<'f> {
    pub(super) ways: Vec<Way<'f>>,
    pub(super) open: Vec<Opening>,
    pub(super) rest: Vec<Rest<'f>>,
}

impl Part<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.ways.is_empty() && self.open.is_empty() && self.rest.is_empty()
    }
}

/// The steps of all principals.
#[derive(Debug)]
pub struct Escalation<'f> {
    pub(super) field: &'f Field,
    /// What was found, and for which nodes.
    pub(super) parts: Vec<(Vec<usize>, Part<'f>)>,
    /// The parts of each node.
    of: Vec<Vec<usize>>,
}

impl<'f> Escalation<'f> {
    pub(super) fn new(field: &'f Field) -> Self {
        Self {
            field,
            parts: Vec::new(),
            of: vec![Vec::new(); field.nodes.len()],
        }
    }

    pub(super) fn add(&mut self, nodes: Vec<usize>, part: Part<'f>) {
        if part.is_empty() {
            return;
        }
        for node in &nodes {
            if let Some(parts) = self.of.get_mut(*node) {
                parts.push(self.parts.len());
            }
        }
        self.parts.push((nodes, part));
    }

    fn parts_of(&self, node: usize) -> impl Iterator<Item = &Part<'f>> {
        let parts = self.of.get(node).into_iter().flatten();
        parts.filter_map(|at| self.parts.get(*at).map(|(_, part)| part))
    }

    /// The steps of a node, by path: of one path and one kind of target 25 at most.
    #[must_use]
    pub fn steps(&self, node: usize) -> Vec<Step> {
        let mut all: Vec<(usize, Step)> = Vec::new();
        for part in self.parts_of(node) {
            let others = part.ways.iter().filter(|way| way.target.node != Some(node));
            let mut path = None;
            let mut nth = 0;
            for way in others {
                nth = if path == Some(way.order) { nth + 1 } else { 1 };
                path = Some(way.order);
                if nth <= MOST_STEPS {
                    all.push((way.order, step(node, way)));
                }
            }
        }
        all.sort_by_key(|(order, _)| *order);
        all.into_iter().map(|(_, step)| step).collect()
    }

    /// The other nodes whose permissions a node gets in one step.
    #[must_use]
    pub fn becomes(&self, node: usize) -> BTreeSet<usize> {
        let ways = self.parts_of(node).flat_map(|part| &part.ways);
        ways.filter_map(|way| match way.to() {
            To::Node(to) if to != node => Some(to),
            To::Node(_) | To::Administrator => None,
        })
        .collect()
    }

    /// What could not be decided of a node.
    #[must_use]
    pub fn open(&self, node: usize) -> Vec<Open> {
        let mut all = Vec::new();
        for part in self.parts_of(node) {
            let openings = part.open.iter().filter(|open| open.target != Some(node));
            all.extend(openings.map(|open| Open {
                from: node,
                path: open.path,
                reason: open.reason.clone(),
            }));
            for rest in &part.rest {
                let ways = part.ways.iter().filter(|way| way.order == rest.order);
                let told = ways.filter(|way| way.target.node != Some(node)).count();
                let more = rest.left(self.field, node) + told.saturating_sub(MOST_STEPS);
                if more > 0 {
                    all.push(Open {
                        from: node,
                        path: rest.path,
                        reason: format!("{more} more that it may be about were not asked"),
                    });
                }
            }
        }
        all
    }

    /// A request for each need of a step, which all layers allow.
    #[must_use]
    pub fn witnesses(&self, step: &Step) -> Vec<Found> {
        let target = Target {
            node: step.target,
            arn: step.arn.as_deref(),
            policy: step.policy.as_deref(),
        };
        let needs = step.path.needs.iter();
        needs
            .filter_map(|need| witness(self.field, step.from, step.path, *need, target))
            .collect()
    }
}

pub(super) fn step(from: usize, way: &Way<'_>) -> Step {
    Step {
        path: way.path,
        from,
        to: way.to(),
        target: way.target.node,
        arn: way.target.arn.map(str::to_owned),
        policy: way.target.policy.map(str::to_owned),
    }
}
