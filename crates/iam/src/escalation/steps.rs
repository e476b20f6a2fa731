//! The steps of one principal: for each path, who could be its target, and whether all needs are met.

use super::trust::Trusted;
use super::{Escalation, Field, Gain, Node, On, Open, Path, Step, To, paths};
use crate::analyse::{Ask, Found, Reach, may_grant, reach};
use crate::model::{Context, ContextValue, Layers, Principal, Template};
use std::collections::{BTreeMap, BTreeSet};

/// The policy that one would attach.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

pub(super) fn find(field: &Field) -> Escalation {
    let trusting = trusting(field);
    let trusted = Trusted::of(field);
    let mut accounts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, node) in field.nodes.iter().enumerate() {
        accounts.entry(&node.account).or_default().push(at);
    }
    let mut all = Escalation::default();
    for (from, node) in field.nodes.iter().enumerate() {
        match &node.administrator {
            Ok(true) => continue,
            Ok(false) => {}
            Err(reason) => all.open.push(Open {
                from,
                path: "administrator",
                reason: reason.clone(),
            }),
        }
        if let Err(reason) = &node.bounded {
            all.open.push(Open {
                from,
                path: "boundary",
                reason: reason.clone(),
            });
        }
        let Ok(principal) = Principal::parse(&node.arn) else {
            continue;
        };
        let mut seeker = Seeker {
            field,
            trusting: &trusting,
            trusted: &trusted,
            near: accounts
                .get(node.account.as_str())
                .map_or(&[], Vec::as_slice),
            from,
            node,
            principal,
            anywhere: BTreeMap::new(),
            by_itself: BTreeMap::new(),
            all: &mut all,
        };
        for path in paths() {
            seeker.path(path);
        }
    }
    all
}

/// The nodes that let a service in.
type Trusting = BTreeMap<&'static str, BTreeSet<usize>>;

/// For each service that a path speaks of, the roles that let it in.
fn trusting(field: &Field) -> Trusting {
    let services: BTreeSet<&'static str> = paths()
        .iter()
        .filter_map(|path| match path.gain {
            Gain::Passed(service) | Gain::Runs(service) => Some(service),
            _ => None,
        })
        .collect();
    let mut trusting = Trusting::new();
    for (at, node) in field.nodes.iter().enumerate() {
        let Some(trust) = &node.trust else { continue };
        let layers = Layers {
            resource: Some(trust.clone()),
            ..Layers::default()
        };
        for service in &services {
            let asked = reach(&Ask {
                barred: &[],
                layers: &layers,
                principal: &Principal::service(service),
                actions: &[pattern("sts:assumerole")],
                resources: &[literal(&node.arn)],
                resource_account: Some(&node.account),
                context: &Context::new(),
                domains: &BTreeMap::new(),
                anybody: false,
            });
            // Where it is not decided, the path's own needs decide what is told.
            if !matches!(asked, Reach::Cannot) {
                trusting.entry(service).or_default().insert(at);
            }
        }
    }
    trusting
}

fn pattern(text: &str) -> Template {
    Template::new(&text.to_lowercase(), true, false)
}

fn literal(text: &str) -> Template {
    Template::new(text, false, false)
}

/// Steps by one path from one principal: who can pass any role of a large account can pass thousands, and each step has
/// its witness.
const MOST_STEPS: usize = 25;

/// What a need came to.
enum Met {
    Yes(Box<Found>),
    No,
    Open(String),
}

struct Seeker<'a> {
    field: &'a Field,
    trusting: &'a Trusting,
    trusted: &'a Trusted,
    /// The nodes of its account, in order.
    near: &'a [usize],
    from: usize,
    node: &'a Node,
    principal: Principal,
    /// Whether an action is allowed on anything at all, each asked once.
    anywhere: BTreeMap<&'static str, bool>,
    /// Whether its own policies allow an action on anything.
    by_itself: BTreeMap<&'static str, bool>,
    all: &'a mut Escalation,
}

/// What a path is tried with.
#[derive(Clone, Copy)]
struct Target<'a> {
    to: To,
    /// The ARN that needs on the target are about.
    arn: Option<&'a str>,
    node: Option<&'a Node>,
    /// The policy that is rewritten.
    policy: Option<&'a str>,
}

impl<'a> Seeker<'a> {
    fn path(&mut self, path: &'static Path) {
        let is_user = self.node.arn.contains(":user/");
        let by_self = |on: On| path.needs.iter().any(|need| need.on == on);
        // What one is not, one cannot change of oneself.
        if (by_self(On::SelfUser) && !is_user) || (by_self(On::SelfRole) && is_user) {
            return;
        }
        // Most principals can do nothing of most paths.
        for need in &path.needs {
            if !self.anywhere(need.action) {
                return;
            }
        }
        let mut targets = self.targets(path);
        if targets.len() > MOST_STEPS {
            // A way to everything is what matters most.
            targets.sort_by_key(|target| {
                let node = target.node;
                node.is_none_or(|node| node.administrator != Ok(true))
            });
        }
        let before = self.all.steps.len();
        for (at, target) in targets.iter().enumerate() {
            if self.all.steps.len() - before >= MOST_STEPS {
                let more = targets.len() - at;
                self.all.open.push(Open {
                    from: self.from,
                    path: path.id,
                    reason: format!("{more} more that it may be about were not asked"),
                });
                break;
            }
            // What is in another account takes the caller's own policies too ("Cross-account policy evaluation logic").
            let far = target
                .node
                .is_some_and(|node| node.account != self.node.account);
            if far && !path.needs.iter().all(|need| self.by_itself(need.action)) {
                continue;
            }
            self.attempt(path, *target);
        }
    }

    /// Everything that the path could be about.
    fn targets(&mut self, path: &'static Path) -> Vec<Target<'a>> {
        let field = self.field;
        let others = |wanted: &'static str| {
            let from = self.from;
            // IAM's own calls and passing roles stay in the account.
            self.near
                .iter()
                .filter_map(|at| Some((*at, field.nodes.get(*at)?)))
                .filter(move |(at, node)| *at != from && node.arn.contains(wanted))
                .map(|(at, node)| Target {
                    to: To::Node(at),
                    arn: Some(&node.arn),
                    node: Some(node),
                    policy: None,
                })
        };
        let on = |wanted: On| path.needs.iter().any(|need| need.on == wanted);
        match path.gain {
            Gain::Passed(service) | Gain::Runs(service) => others(":role/")
                .filter(|target| {
                    let roles = self.trusting.get(service);
                    matches!(target.to, To::Node(at) if roles.is_some_and(|all| all.contains(&at)))
                })
                .collect(),
            // Only where the trust policy speaks of the caller, or was not seen.
            Gain::Role if on_role(path) => self
                .speaking_of(path)
                .into_iter()
                .filter_map(|at| Some((at, field.nodes.get(at)?)))
                .filter(|(at, _)| *at != self.from)
                .map(|(at, node)| Target {
                    to: To::Node(at),
                    arn: Some(&node.arn),
                    node: Some(node),
                    policy: None,
                })
                .collect(),
            Gain::Role => others(":role/").collect(),
            Gain::User => others(":user/").collect(),
            Gain::Group => self.groups(),
            Gain::Administrator if on(On::Target) => {
                let users = path
                    .needs
                    .iter()
                    .any(|need| need.action == "iam:CreateAccessKey");
                let kind = if users { ":user/" } else { ":role/" };
                let targets = others(kind)
                    .filter(|target| target.node.is_some_and(|node| node.bounded == Ok(false)))
                    .map(|target| Target {
                        to: To::Administrator,
                        ..target
                    });
                if on(On::ItsPolicy) {
                    return targets.flat_map(of_policies).collect();
                }
                targets.collect()
            }
            Gain::Administrator if self.node.bounded != Ok(false) => Vec::new(),
            Gain::Administrator => self.own(on(On::OwnGroup), on(On::OwnPolicy)),
        }
    }

    /// The roles whose trust policies may speak of the node.
    fn speaking_of(&mut self, path: &'static Path) -> BTreeSet<usize> {
        let (roles, more) = self.trusted.by(self.node, self.field);
        if more > 0 && path.needs.iter().all(|need| self.by_itself(need.action)) {
            self.all.open.push(Open {
                from: self.from,
                path: path.id,
                reason: format!(
                    "{more} more roles of other accounts trust anybody, and were not asked"
                ),
            });
        }
        roles
    }

    /// Groups to join: only one that gives everything is worth a step.
    fn groups(&self) -> Vec<Target<'a>> {
        if !self.node.arn.contains(":user/") || self.node.bounded != Ok(false) {
            return Vec::new();
        }
        self.field
            .groups
            .iter()
            .filter(|group| group.account == self.node.account && group.administrator == Ok(true))
            .map(|group| Target {
                to: To::Administrator,
                arn: Some(&group.arn),
                node: None,
                policy: None,
            })
            .collect()
    }

    /// Oneself, one's groups, or one's policies.
    fn own(&self, groups: bool, policies: bool) -> Vec<Target<'a>> {
        let node = self.node;
        let own = |arn: &'a str, policy: Option<&'a str>| Target {
            to: To::Administrator,
            arn: Some(arn),
            node: None,
            policy,
        };
        if groups {
            return node.groups.iter().map(|arn| own(arn, None)).collect();
        }
        if policies {
            return customer_managed(node)
                .map(|arn| own(arn, Some(arn)))
                .collect();
        }
        vec![own(&node.arn, None)]
    }

    fn attempt(&mut self, path: &'static Path, target: Target<'a>) {
        let mut witnesses = Vec::new();
        let mut reasons = Vec::new();
        for need in &path.needs {
            let resource = match need.on {
                On::Any => None,
                On::Target | On::OwnGroup => target.arn,
                On::SelfRole | On::SelfUser => Some(self.node.arn.as_str()),
                On::OwnPolicy | On::ItsPolicy => target.policy,
            };
            match self.met(path, need.action, resource, target.node) {
                Met::Yes(found) => witnesses.push(*found),
                Met::No => return,
                Met::Open(reason) => reasons.push(reason),
            }
        }
        if let Some(reason) = reasons.into_iter().next() {
            self.all.open.push(Open {
                from: self.from,
                path: path.id,
                reason,
            });
            return;
        }
        let supposed = match path.gain {
            Gain::Runs(_) => Some("something that can be changed runs with the role"),
            _ => None,
        };
        self.all.steps.push(Step {
            path,
            from: self.from,
            to: target.to,
            by: target.policy.or(target.arn).map(str::to_owned),
            witnesses,
            supposed,
        });
    }

    /// Whether the action is allowed on anything, whatever else is told.
    fn anywhere(&mut self, action: &'static str) -> bool {
        if let Some(known) = self.anywhere.get(action) {
            return *known;
        }
        // The target's own policy may grant what no identity policy does.
        let known = action == "sts:AssumeRole" || self.by_itself(action);
        self.anywhere.insert(action, known);
        known
    }

    /// Whether the node's own policies allow the action on anything.
    fn by_itself(&mut self, action: &'static str) -> bool {
        if let Some(known) = self.by_itself.get(action) {
            return *known;
        }
        let anything = Template::new("*", true, false);
        let known = may_grant(&self.node.layers, &[pattern(action)])
            && !matches!(self.met_on(action, &anything, None, None), Met::No);
        self.by_itself.insert(action, known);
        known
    }

    fn met(
        &self,
        path: &'static Path,
        action: &'static str,
        resource: Option<&str>,
        target: Option<&Node>,
    ) -> Met {
        let resource = resource.map_or_else(|| Template::new("*", true, false), literal);
        self.met_on(action, &resource, Some(path), target)
    }

    fn met_on(
        &self,
        action: &'static str,
        resource: &Template,
        path: Option<&'static Path>,
        target: Option<&Node>,
    ) -> Met {
        let mut context = self.node.context.clone();
        let one = |text: &str| ContextValue::One(text.to_owned());
        // "Granting a user permissions to pass a role to an AWS service"; "IAM and AWS STS condition context keys".
        if let (
            Some(Path {
                gain: Gain::Passed(service),
                ..
            }),
            "iam:PassRole",
        ) = (path, action)
        {
            context.set("iam:PassedToService", one(service));
        }
        if path.is_some() && action.starts_with("iam:Attach") {
            context.set("iam:PolicyARN", one(ADMINISTRATOR));
        }
        let mut layers = self.node.layers.clone();
        if action == "sts:AssumeRole" {
            layers.resource = target.and_then(|node| node.trust.clone());
            if let (None, Some(target)) = (&layers.resource, target) {
                return Met::Open(format!("the trust policy of {} was not seen", target.arn));
            }
        }
        let account = target.map_or(&self.node.account, |node| &node.account);
        let answer = reach(&Ask {
            barred: &[],
            layers: &layers,
            principal: &self.principal,
            actions: &[pattern(action)],
            resources: std::slice::from_ref(resource),
            resource_account: Some(account),
            context: &context,
            domains: &self.node.domains,
            anybody: false,
        });
        match answer {
            Reach::Can(mut found) => {
                if found.request.action.eq_ignore_ascii_case(action) {
                    action.clone_into(&mut found.request.action_text);
                }
                Met::Yes(found)
            }
            Reach::Cannot => Met::No,
            Reach::Unknown(unknown) => Met::Open(unknown.to_string()),
        }
    }
}

/// Whether the path assumes the role: across accounts too.
fn on_role(path: &Path) -> bool {
    path.needs
        .iter()
        .all(|need| need.action == "sts:AssumeRole")
}

/// The target, once for each policy of it that can be rewritten.
fn of_policies(target: Target<'_>) -> Vec<Target<'_>> {
    let Some(node) = target.node else {
        return Vec::new();
    };
    customer_managed(node)
        .map(|policy| Target {
            policy: Some(policy),
            ..target
        })
        .collect()
}

/// AWS's own policies cannot be rewritten.
fn customer_managed(node: &Node) -> impl Iterator<Item = &str> {
    node.attached
        .iter()
        .map(String::as_str)
        .filter(|arn| !arn.contains("::aws:policy/"))
}
