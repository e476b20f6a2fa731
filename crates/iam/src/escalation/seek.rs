//! The steps of all principals: for each path, who could be its target, and whether all needs are met.
//!
//! What principals of a class have in common is sought once, by the first of them. What is about oneself, or hangs on
//! who one is, is sought for each.

use super::{
    Escalation, Field, Gain, Node, On, Path,
    found::{Opening, Part, Rest, Way},
    lists::{List, Lists, Speaking},
    needs::{ASSUME, Needs, Target},
    paths,
};
use crate::{model::Principal, shared::Answer};
use std::{collections::BTreeSet, rc::Rc};

/// Steps by one path from one principal: who can pass any role of a large account can pass thousands.
pub(super) const MOST_STEPS: usize = 25;

pub(super) fn find(field: &Field) -> Escalation<'_> {
    sought(field, true)
}

/// `together`: what nodes have in common is sought once.
fn sought(field: &Field, together: bool) -> Escalation<'_> {
    let principals: Vec<Option<Principal>> = field
        .nodes
        .iter()
        .map(|node| Principal::parse(&node.arn).ok())
        .collect();
    let needs = Needs::of(field, &principals, together);
    let classes = needs.classes();
    let mut seeker = Seeker {
        field,
        lists: Lists::of(field),
        needs,
    };
    let mut found = Escalation::new(field);
    for members in classes {
        let Some((first, node)) = members
            .first()
            .and_then(|at| Some((*at, field.nodes.get(*at)?)))
        else {
            continue;
        };
        let mut part = Part::default();
        let mut own: Vec<(usize, &'static Path, Whose)> = Vec::new();
        for (order, path) in paths().iter().enumerate() {
            let whose = seeker.whose(first, node, path);
            if whose == Whose::All {
                seeker.common(first, node, order, path, &mut part);
            }
            if whose == Whose::Each || (whose == Whose::All && assumes(path)) {
                own.push((order, path, whose));
            }
        }
        for at in &members {
            let Some(node) = field.nodes.get(*at) else {
                continue;
            };
            let mut alone = Part::default();
            alone.open.extend(untold(node));
            for (order, path, whose) in &own {
                seeker.alone(*at, node, *order, path, *whose, &mut alone);
            }
            found.add(vec![*at], alone);
        }
        found.add(members, part);
    }
    found
}

/// What is not known of the node itself.
fn untold(node: &Node) -> Vec<Opening> {
    let one = |path: &'static str, reason: Option<&String>| {
        reason.map(|reason| Opening {
            path,
            reason: reason.clone(),
            target: None,
        })
    };
    [
        one("administrator", node.administrator.as_ref().err()),
        one("boundary", node.bounded.as_ref().err()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whose steps by a path are found together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Nobody of the class has any.
    Nobody,
    /// All of the class have the same.
    All,
    /// Each has its own.
    Each,
}

struct Seeker<'a: 'n, 'n> {
    field: &'a Field,
    lists: Lists<'a>,
    needs: Needs<'n>,
}

impl<'a: 'n, 'n> Seeker<'a, 'n> {
    fn whose(&mut self, at: usize, node: &Node, path: &'static Path) -> Whose {
        let is_user = node.arn.contains(":user/");
        let on = |on: On| path.needs.iter().any(|need| need.on == on);
        // What one is not, one cannot change of oneself; and what one is bounded by stays.
        let about_self = path.gain == Gain::Administrator && !on(On::Target);
        let not_itself = if is_user {
            on(On::SelfRole)
        } else {
            on(On::SelfUser) || path.gain == Gain::Group
        };
        let bounded = about_self || path.gain == Gain::Group;
        let vain = not_itself || (bounded && node.bounded != Ok(false));
        // Most principals can do nothing of most paths.
        let mut needs = path.needs.iter();
        if vain || !needs.all(|need| need.action == ASSUME || self.needs.may_grant(at, need.action))
        {
            return Whose::Nobody;
        }
        let mut needs = path.needs.iter();
        if about_self || needs.any(|need| self.needs.is_personal(at, need.action)) {
            return Whose::Each;
        }
        if self.is_possible(at, path) {
            Whose::All
        } else {
            Whose::Nobody
        }
    }

    /// Whether each need is met on anything at all; a trust policy may let in whom no identity policy does.
    fn is_possible(&mut self, at: usize, path: &'static Path) -> bool {
        let mut needs = path.needs.iter();
        needs.all(|need| need.action == ASSUME || self.needs.by_itself(at, need.action))
    }

    /// What all of the class have in common.
    fn common(
        &mut self,
        at: usize,
        node: &'a Node,
        order: usize,
        path: &'static Path,
        part: &mut Part<'a>,
    ) {
        let list = if assumes(path) {
            let speaking = self.speaking(node);
            if path.gain == Gain::Role && speaking.more > 0 && self.by_itself(at, path) {
                part.open.push(Opening {
                    path: path.id,
                    reason: format!(
                        "{} more roles of other accounts trust anybody, and were not asked",
                        speaking.more
                    ),
                    target: None,
                });
            }
            Rc::clone(&speaking.alike)
        } else {
            self.lists.targets(&node.account, path)
        };
        self.seek(at, node, order, path, &list, part);
    }

    /// What one of the class has for itself.
    fn alone(
        &mut self,
        at: usize,
        node: &'a Node,
        order: usize,
        path: &'static Path,
        whose: Whose,
        part: &mut Part<'a>,
    ) {
        let each = whose == Whose::Each;
        if each && !self.is_possible(at, path) {
            return;
        }
        if each && assumes(path) {
            self.common(at, node, order, path, part);
        }
        let list = if assumes(path) {
            let speaking = self.speaking(node);
            self.seek(at, node, order, path, &speaking.apart, part);
            let named: BTreeSet<usize> = self.lists.trusted.by_name(node).collect();
            let is_new = |at: &usize| speaking.apart.place(self.field, *at).is_none();
            self.lists.these(named.into_iter().filter(is_new))
        } else if path.gain == Gain::Administrator
            && !path.needs.iter().any(|need| need.on == On::Target)
        {
            Rc::new(List::with(about(node, path)))
        } else {
            self.lists.targets(&node.account, path)
        };
        self.seek(at, node, order, path, &list, part);
    }

    fn speaking(&mut self, node: &'a Node) -> Rc<Speaking<'a>> {
        let (field, needs) = (self.field, &mut self.needs);
        let guarded = needs.questions.is_tied();
        self.lists.speaking(&node.account, |at| {
            let trust = field.nodes.get(at).and_then(|role| role.trust.as_ref());
            !guarded && trust.is_none_or(|trust| needs.questions.is_impersonal(trust))
        })
    }

    fn by_itself(&mut self, at: usize, path: &'static Path) -> bool {
        let mut needs = path.needs.iter();
        needs.all(|need| self.needs.by_itself(at, need.action))
    }

    /// Tries the targets one after the other, up to a bound.
    fn seek(
        &mut self,
        at: usize,
        node: &'a Node,
        order: usize,
        path: &'static Path,
        list: &Rc<List<'a>>,
        part: &mut Part<'a>,
    ) {
        let places = self.narrowed(at, path, list);
        let count = places.as_ref().map_or(list.targets.len(), Vec::len);
        let rewrites = path.needs.iter().any(|need| need.on == On::ItsPolicy);
        let mut asked = 0;
        let mut found = 0;
        // One more than are told: oneself may be among them.
        while asked < count && found <= MOST_STEPS {
            let place = places
                .as_ref()
                .map_or(Some(asked), |all| all.get(asked).copied());
            asked += 1;
            let Some(target) = place.and_then(|place| list.targets.get(place)) else {
                continue;
            };
            let other = target.node.and_then(|at| self.field.nodes.get(at));
            if !self.is_worth(at, node, path, other) {
                continue;
            }
            let policies: Vec<Option<&'a str>> = match other {
                Some(other) if rewrites => customer_managed(other).map(Some).collect(),
                _ => vec![target.policy],
            };
            for policy in policies {
                let target = Target { policy, ..*target };
                match self.attempt(at, path, target) {
                    Answer::No => {}
                    Answer::Open(reason) => part.open.push(Opening {
                        path: path.id,
                        reason,
                        target: target.node,
                    }),
                    Answer::Yes => {
                        part.ways.push(Way {
                            path,
                            order,
                            target,
                        });
                        found += 1;
                    }
                }
            }
        }
        if found > MOST_STEPS {
            part.rest.push(Rest {
                path: path.id,
                order,
                list: Rc::clone(list),
                places,
                asked,
            });
        }
    }

    /// The places of the list that may be met, where the names in the caller's policies tell.
    fn narrowed(&mut self, at: usize, path: &'static Path, list: &List<'_>) -> Option<Vec<usize>> {
        let mut needs = path.needs.iter();
        needs.find_map(|need| {
            let is_named = need.on == On::Target && need.action != ASSUME;
            let names = is_named.then(|| self.needs.names(at, need.action))??;
            Some(list.named(&names))
        })
    }

    /// Whether the target is one that the path can be about.
    fn is_worth(
        &mut self,
        at: usize,
        node: &Node,
        path: &'static Path,
        other: Option<&Node>,
    ) -> bool {
        let Some(other) = other.filter(|_| assumes(path)) else {
            return true;
        };
        // What is gained is the target's, and a boundary of it would stay.
        if path.gain == Gain::Administrator {
            return other.account == node.account && other.bounded == Ok(false);
        }
        // What is in another account takes the caller's own policies too ("Cross-account policy evaluation logic").
        other.account == node.account || self.by_itself(at, path)
    }

    fn attempt(&mut self, at: usize, path: &'static Path, target: Target<'_>) -> Answer {
        let mut open = None;
        for need in &path.needs {
            match self.needs.answer(at, Some(path), *need, target) {
                Answer::Yes => {}
                Answer::No => return Answer::No,
                Answer::Open(reason) => open = open.or(Some(reason)),
            }
        }
        open.map_or(Answer::Yes, Answer::Open)
    }
}

/// Whether a role's trust policy has a say.
fn assumes(path: &Path) -> bool {
    path.needs.iter().any(|need| need.action == ASSUME)
}

/// Oneself, one's groups, or one's policies.
fn about<'a>(node: &'a Node, path: &Path) -> Vec<Target<'a>> {
    let on = |wanted: On| path.needs.iter().any(|need| need.on == wanted);
    let own = |arn: &'a str, policy: Option<&'a str>| Target {
        node: None,
        arn: Some(arn),
        policy,
    };
    if on(On::OwnGroup) {
        return node.groups.iter().map(|arn| own(arn, None)).collect();
    }
    if on(On::OwnPolicy) {
        let policies = customer_managed(node);
        return policies.map(|arn| own(arn, Some(arn))).collect();
    }
    vec![own(&node.arn, None)]
}

/// AWS's own policies cannot be rewritten.
fn customer_managed(node: &Node) -> impl Iterator<Item = &str> {
    let attached = node.attached.iter().map(String::as_str);
    attached.filter(|arn| !arn.contains("::aws:policy/"))
}

#[cfg(test)]
mod tests;
