//! The shortest ways to administrator, over all steps.

use super::{
    Escalation, Step, To,
    found::{Way, step},
};
use std::collections::{BTreeMap, VecDeque};

/// A step of a part.
type Place = (usize, usize);

impl Escalation<'_> {
    /// The shortest way of each node to administrator; steps that suppose nothing are preferred. A way ends at a step to
    /// everything, or at a node that is administrator.
    #[must_use]
    pub fn ways(&self) -> BTreeMap<usize, Vec<Step>> {
        let certain = self.search(false);
        let mut ways = self.search(true);
        ways.extend(certain);
        ways
    }

    /// Backwards from what is administrator: the first step found from a node is on a shortest way.
    fn search(&self, supposing: bool) -> BTreeMap<usize, Vec<Step>> {
        let mut into: BTreeMap<To, Vec<(usize, Place)>> = BTreeMap::new();
        for (part, (_, found)) in self.parts.iter().enumerate() {
            for (at, way) in found.ways.iter().enumerate() {
                if supposing || way.path.supposed().is_none() {
                    into.entry(way.to())
                        .or_default()
                        .push((way.order, (part, at)));
                }
            }
        }
        let is_administrator = |at: usize| {
            let node = self.field.nodes.get(at);
            node.is_some_and(|node| node.administrator == Ok(true))
        };
        let mut next: BTreeMap<usize, Place> = BTreeMap::new();
        // The nodes of each part that have no way yet.
        let mut left: Vec<Vec<usize>> = self
            .parts
            .iter()
            .map(|(nodes, _)| {
                nodes
                    .iter()
                    .copied()
                    .filter(|at| !is_administrator(*at))
                    .collect()
            })
            .collect();
        let mut open: VecDeque<To> = VecDeque::from([To::Administrator]);
        let nodes = 0..self.field.nodes.len();
        open.extend(nodes.filter(|at| is_administrator(*at)).map(To::Node));
        while let Some(to) = open.pop_front() {
            let Some(mut steps) = into.remove(&to) else {
                continue;
            };
            steps.sort_unstable();
            for (_, place) in steps {
                let (Some(way), Some(nodes)) = (self.way(place), left.get_mut(place.0)) else {
                    continue;
                };
                nodes.retain(|from| {
                    if way.target.node == Some(*from) {
                        return true;
                    }
                    if !next.contains_key(from) {
                        next.insert(*from, place);
                        open.push_back(To::Node(*from));
                    }
                    false
                });
            }
        }
        next.keys()
            .map(|start| (*start, self.follow(*start, &next)))
            .collect()
    }

    fn way(&self, (part, at): Place) -> Option<&Way<'_>> {
        self.parts.get(part)?.1.ways.get(at)
    }

    fn follow(&self, start: usize, next: &BTreeMap<usize, Place>) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut here = start;
        while let Some(way) = next.get(&here).and_then(|place| self.way(*place)) {
            steps.push(step(here, way));
            match way.to() {
                To::Node(node) => here = node,
                To::Administrator => break,
            }
        }
        steps
    }
}
