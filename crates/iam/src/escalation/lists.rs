//! What the paths of one account could be about, each list made once.

use super::{Field, Gain, On, Path, needs::Target, needs::pattern, paths, trust::Trusted};
use crate::{
    analyse::{Ask, Reach, reach},
    model::{Context, Layers, Principal, Template},
    shared::Contents,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Targets, administrators first: a way to everything is what matters most.
#[derive(Debug, Default)]
pub(super) struct List<'a> {
    pub(super) targets: Vec<Target<'a>>,
    /// Places by the last name of the target's ARN.
    names: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> List<'a> {
    fn of(field: &'a Field, nodes: impl Iterator<Item = usize>) -> Self {
        let mut nodes: Vec<usize> = nodes.collect();
        nodes.sort_unstable_by_key(|at| (rank(field, *at), *at));
        let targets = nodes.into_iter().filter_map(|at| {
            let node = field.nodes.get(at)?;
            Some(Target {
                node: Some(at),
                arn: Some(&node.arn),
                policy: None,
            })
        });
        Self::with(targets.collect())
    }

    pub(super) fn with(targets: Vec<Target<'a>>) -> Self {
        let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, target) in targets.iter().enumerate() {
            let name = target.arn.and_then(|arn| arn.rsplit_once('/'));
            names
                .entry(name.map_or("", |(_, name)| name))
                .or_default()
                .push(place);
        }
        Self { targets, names }
    }

    /// The places of targets with one of the names, in order.
    pub(super) fn named(&self, names: &BTreeSet<String>) -> Vec<usize> {
        let places: BTreeSet<usize> = names
            .iter()
            .filter_map(|name| self.names.get(name.as_str()))
            .flatten()
            .copied()
            .collect();
        places.into_iter().collect()
    }

    /// The place of the node.
    pub(super) fn place(&self, field: &Field, node: usize) -> Option<usize> {
        let key = |at: usize| (rank(field, at), at);
        self.targets
            .binary_search_by_key(&key(node), |target| target.node.map_or((true, 0), key))
            .ok()
    }
}

/// Administrators come first.
fn rank(field: &Field, node: usize) -> bool {
    field
        .nodes
        .get(node)
        .is_none_or(|node| node.administrator != Ok(true))
}

/// Roles whose trust policies may speak of somebody.
#[derive(Debug)]
pub(super) struct Speaking<'a> {
    /// Those that speak of all who look alike.
    pub(super) alike: Rc<List<'a>>,
    /// Those that may tell them apart.
    pub(super) apart: Rc<List<'a>>,
    /// Roles of other accounts that trust anybody besides.
    pub(super) more: usize,
}

/// The lists.
#[derive(Debug)]
pub(super) struct Lists<'a> {
    field: &'a Field,
    pub(super) trusted: Trusted,
    near: BTreeMap<&'a str, Vec<usize>>,
    trusting: BTreeMap<&'static str, BTreeSet<usize>>,
    made: BTreeMap<(&'a str, Kind), Rc<List<'a>>>,
    speaking: BTreeMap<&'a str, Rc<Speaking<'a>>>,
}

/// A kind of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Trusting(&'static str),
    Roles,
    Users,
    FreeRoles,
    FreeUsers,
    Groups,
}

impl<'a> Lists<'a> {
    pub(super) fn of(field: &'a Field) -> Self {
        let mut near: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, node) in field.nodes.iter().enumerate() {
            near.entry(&node.account).or_default().push(at);
        }
        Self {
            field,
            trusted: Trusted::of(field),
            near,
            trusting: trusting(field),
            made: BTreeMap::new(),
            speaking: BTreeMap::new(),
        }
    }

    /// Everything in the account that the path could be about. IAM's own calls and passing roles stay in the account.
    pub(super) fn targets(&mut self, account: &'a str, path: &'static Path) -> Rc<List<'a>> {
        let on = |wanted: On| path.needs.iter().any(|need| need.on == wanted);
        let kind = match path.gain {
            Gain::Passed(service) | Gain::Runs(service) => Kind::Trusting(service),
            Gain::Role => Kind::Roles,
            Gain::User => Kind::Users,
            Gain::Group => Kind::Groups,
            Gain::Administrator if on(On::Target) => {
                let mut needs = path.needs.iter();
                if needs.any(|need| need.action == "iam:CreateAccessKey") {
                    Kind::FreeUsers
                } else {
                    Kind::FreeRoles
                }
            }
            Gain::Administrator => return Rc::default(),
        };
        if let Some(list) = self.made.get(&(account, kind)) {
            return Rc::clone(list);
        }
        let list = Rc::new(self.make(account, kind));
        self.made.insert((account, kind), Rc::clone(&list));
        list
    }

    fn make(&self, account: &str, kind: Kind) -> List<'a> {
        let field = self.field;
        let is = |at: usize, part: &str, free: bool| {
            let node = field.nodes.get(at);
            node.is_some_and(|node| node.arn.contains(part) && (!free || node.bounded == Ok(false)))
        };
        let near = self.near.get(account).into_iter().flatten().copied();
        match kind {
            Kind::Trusting(service) => {
                let all = self.trusting.get(service);
                List::of(
                    field,
                    near.filter(|at| {
                        is(*at, ":role/", false) && all.is_some_and(|all| all.contains(at))
                    }),
                )
            }
            Kind::Roles => List::of(field, near.filter(|at| is(*at, ":role/", false))),
            Kind::Users => List::of(field, near.filter(|at| is(*at, ":user/", false))),
            Kind::FreeRoles => List::of(field, near.filter(|at| is(*at, ":role/", true))),
            Kind::FreeUsers => List::of(field, near.filter(|at| is(*at, ":user/", true))),
            // Only a group that gives everything is worth a step.
            Kind::Groups => {
                let groups = field.groups.iter();
                let worth = groups
                    .filter(|group| group.account == account && group.administrator == Ok(true));
                List::with(
                    worth
                        .map(|group| Target {
                            node: None,
                            arn: Some(&group.arn),
                            policy: None,
                        })
                        .collect(),
                )
            }
        }
    }

    /// The roles whose trust policies may speak of anybody in the account; `alike` tells whether one speaks of all who
    /// look alike.
    pub(super) fn speaking(
        &mut self,
        account: &'a str,
        mut alike: impl FnMut(usize) -> bool,
    ) -> Rc<Speaking<'a>> {
        if let Some(found) = self.speaking.get(account) {
            return Rc::clone(found);
        }
        let (roles, more) = self.trusted.by_account(account, self.field);
        let (same, apart): (Vec<usize>, Vec<usize>) = roles.into_iter().partition(|at| alike(*at));
        let found = Rc::new(Speaking {
            alike: Rc::new(List::of(self.field, same.into_iter())),
            apart: self.these(apart.into_iter()),
            more,
        });
        self.speaking.insert(account, Rc::clone(&found));
        found
    }

    /// These nodes as targets.
    pub(super) fn these(&self, nodes: impl Iterator<Item = usize>) -> Rc<List<'a>> {
        Rc::new(List::of(self.field, nodes))
    }
}

/// For each service that a path speaks of, the roles that let it in.
fn trusting(field: &Field) -> BTreeMap<&'static str, BTreeSet<usize>> {
    let services: BTreeSet<&'static str> = paths()
        .iter()
        .filter_map(|path| match path.gain {
            Gain::Passed(service) | Gain::Runs(service) => Some(service),
            _ => None,
        })
        .collect();
    let mut contents = Contents::default();
    // Copies of one trust policy answer the same in one account.
    let mut known: BTreeMap<(Vec<usize>, &str), Vec<&'static str>> = BTreeMap::new();
    let mut trusting: BTreeMap<&'static str, BTreeSet<usize>> = BTreeMap::new();
    for (at, node) in field.nodes.iter().enumerate() {
        let Some(trust) = &node.trust else { continue };
        let statements = trust.policy.statements.iter();
        let says = statements.map(|statement| contents.id(statement)).collect();
        let all = known
            .entry((says, node.account.as_str()))
            .or_insert_with(|| {
                let layers = Layers {
                    resource: Some(trust.clone()),
                    ..Layers::default()
                };
                let lets = |service: &&'static str| {
                    let asked = reach(&Ask {
                        barred: &[],
                        layers: &layers,
                        principal: &Principal::service(service),
                        actions: &[pattern("sts:assumerole")],
                        resources: &[Template::new(&node.arn, false, false)],
                        resource_account: Some(&node.account),
                        context: &Context::new(),
                        domains: &BTreeMap::new(),
                        anybody: false,
                    });
                    // Where it is not decided, the path's own needs decide what is told.
                    !matches!(asked, Reach::Cannot)
                };
                services.iter().copied().filter(lets).collect()
            });
        for service in all {
            trusting.entry(service).or_default().insert(at);
        }
    }
    trusting
}
