//! Whether one principal may do what a path needs.

use super::{Field, Gain, Need, Node, On, Path, paths};
use crate::{
    analyse::{Ask, Found, Reach, reach},
    model::{Context, ContextValue, Layers, NamedPolicy, Principal, PrincipalEntry, Template},
    shared::{Answer, Asked, Caller, Questions},
};
use std::collections::BTreeMap;

/// The policy that one would attach.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
/// The action that a role's trust policy decides.
pub(super) const ASSUME: &str = "sts:AssumeRole";

/// What a path is tried with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    /// The node that needs are about, or whose policies are.
    pub(super) node: Option<usize>,
    /// The ARN that needs on the target are about.
    pub(super) arn: Option<&'a str>,
    /// The policy that is rewritten.
    pub(super) policy: Option<&'a str>,
}

/// Asks what paths need, of each node.
#[derive(Debug)]
pub(super) struct Needs<'a> {
    field: &'a Field,
    pub(super) questions: Questions<'a>,
    /// By node; administrators are not asked.
    callers: Vec<Option<usize>>,
    actions: BTreeMap<&'static str, Template>,
    /// Whether an answer serves all who would get the same.
    together: bool,
}

impl<'a> Needs<'a> {
    pub(super) fn of(
        field: &'a Field,
        principals: &'a [Option<Principal>],
        together: bool,
    ) -> Self {
        let needs = paths().iter().flat_map(|path| &path.needs);
        let actions: BTreeMap<&'static str, Template> = needs
            .map(|need| (need.action, pattern(need.action)))
            .collect();
        let around = field.rcps.values().flatten();
        let mut questions = Questions::over(
            actions.values().cloned().collect(),
            around.flat_map(|level| &level.policies),
        );
        let mut next = 0;
        let nodes = field.nodes.iter().zip(principals);
        let callers = nodes
            .map(|(node, principal)| {
                let principal = principal.as_ref()?;
                if node.administrator == Ok(true) {
                    return None;
                }
                let caller = Caller::under(&node.layers, principal, &node.context, &node.domains);
                let mut more = vec![u8::from(node.bounded == Ok(false))];
                if !together {
                    more.extend(node.arn.bytes());
                }
                questions.add(caller, &more);
                next += 1;
                Some(next - 1)
            })
            .collect();
        Self {
            field,
            questions,
            callers,
            actions,
            together,
        }
    }

    /// The nodes of each class, both in order.
    pub(super) fn classes(&self) -> Vec<Vec<usize>> {
        let mut classes = vec![Vec::new(); self.questions.classes()];
        for (node, caller) in self.callers.iter().enumerate() {
            let class = caller.and_then(|at| self.questions.class(at));
            if let Some(members) = class.and_then(|class| classes.get_mut(class)) {
                members.push(node);
            }
        }
        classes
    }

    /// Whether the node's own policies may allow the action on anything.
    pub(super) fn by_itself(&mut self, node: usize, action: &'static str) -> bool {
        self.may_grant(node, action)
            && self.answer(node, None, need_of(action), Target::any()) != Answer::No
    }

    /// Whether a statement of the node's own policies grants the action on anything.
    pub(super) fn may_grant(&mut self, node: usize, action: &'static str) -> bool {
        self.with(node, action, Questions::may_grant)
            .unwrap_or_default()
    }

    /// Whether the node's class may get different answers.
    pub(super) fn is_personal(&mut self, node: usize, action: &'static str) -> bool {
        self.with(node, action, Questions::is_personal)
            .unwrap_or(true)
    }

    /// The last names of what the node's own policies may grant the action on, where they tell.
    pub(super) fn names(
        &mut self,
        node: usize,
        action: &'static str,
    ) -> Option<std::collections::BTreeSet<String>> {
        self.with(node, action, Questions::names).flatten()
    }

    fn with<T>(
        &mut self,
        node: usize,
        action: &'static str,
        ask: impl FnOnce(&mut Questions<'a>, usize, &'static str, &[Template]) -> T,
    ) -> Option<T> {
        let caller = *self.callers.get(node)?.as_ref()?;
        let actions = std::slice::from_ref(self.actions.get(action)?);
        Some(ask(&mut self.questions, caller, action, actions))
    }

    /// Whether one need is met: each question is asked once for all that are alike.
    pub(super) fn answer(
        &mut self,
        node: usize,
        path: Option<&'static Path>,
        need: Need,
        target: Target<'_>,
    ) -> Answer {
        let field = self.field;
        let (Some(caller), Some(own), Some(action)) = (
            self.callers.get(node).copied().flatten(),
            field.nodes.get(node),
            self.actions.get(need.action),
        ) else {
            return Answer::No;
        };
        let other = target.node.and_then(|at| field.nodes.get(at));
        let account = other.map_or(&own.account, |other| &other.account);
        let assumes = need.action == ASSUME;
        let policy = match (assumes, other) {
            (true, Some(other)) if other.trust.is_none() => {
                return Answer::Open(format!("the trust policy of {} was not seen", other.arn));
            }
            (true, Some(other)) => other.trust.as_ref(),
            _ => None,
        };
        let asked = Asked {
            name: need.action,
            actions: std::slice::from_ref(action),
            resource: resource(own, need.on, target),
            account,
            told: told(path, need.action).map_or("", |(_, value)| value),
            policy,
            rcps: rcps(field, assumes, account),
            facts: "",
        };
        let find = || match ask(field, own, path, need, target, action) {
            Reach::Can(_) => Answer::Yes,
            Reach::Cannot => Answer::No,
            Reach::Unknown(unknown) => Answer::Open(unknown.to_string()),
        };
        if self.together {
            self.questions.answer(caller, &asked, find)
        } else {
            find()
        }
    }
}

impl Target<'_> {
    fn any() -> Self {
        Self {
            node: None,
            arn: None,
            policy: None,
        }
    }
}

fn need_of(action: &'static str) -> Need {
    Need {
        action,
        on: On::Any,
    }
}

/// A request that shows that the need is met.
pub(super) fn witness(
    field: &Field,
    node: usize,
    path: &'static Path,
    need: Need,
    target: Target<'_>,
) -> Option<Found> {
    let own = field.nodes.get(node)?;
    match ask(field, own, Some(path), need, target, &pattern(need.action)) {
        Reach::Can(mut found) => {
            if found.request.action.eq_ignore_ascii_case(need.action) {
                need.action.clone_into(&mut found.request.action_text);
            }
            // What the request tells besides is what shows it.
            if let Some((key, value)) = told(Some(path), need.action) {
                let value = ContextValue::One(value.to_owned());
                found.chosen.push((key.to_lowercase(), Some(value)));
            }
            Some(*found)
        }
        Reach::Cannot | Reach::Unknown(_) => None,
    }
}

fn ask(
    field: &Field,
    own: &Node,
    path: Option<&'static Path>,
    need: Need,
    target: Target<'_>,
    action: &Template,
) -> Reach {
    let Ok(principal) = Principal::parse(&own.arn) else {
        return Reach::Cannot;
    };
    let mut context: Context = own.context.clone();
    if let Some((key, value)) = told(path, need.action) {
        context.set(key, ContextValue::One(value.to_owned()));
    }
    let mut layers: Layers = own.layers.clone();
    let other = target.node.and_then(|at| field.nodes.get(at));
    let account = other.map_or(&own.account, |other| &other.account);
    let assumes = need.action == ASSUME;
    if assumes {
        // Of any role it is asked as if the role left it to the account's policies.
        let given = || PrincipalEntry::Account(own.account.clone());
        layers.resource = other.map_or_else(
            || Some(NamedPolicy::everything("given", Some(given()))),
            |other| other.trust.clone(),
        );
        layers.rcps = rcps(field, assumes, account).to_vec();
    }
    let resource = resource(own, need.on, target).map_or_else(
        || Template::new("*", true, false),
        |arn| Template::new(arn, false, false),
    );
    reach(&Ask {
        barred: &[],
        layers: &layers,
        principal: &principal,
        actions: std::slice::from_ref(action),
        resources: std::slice::from_ref(&resource),
        resource_account: Some(account),
        context: &context,
        domains: &own.domains,
        anybody: false,
    })
}

/// What the request tells besides ("Granting a user permissions to pass a role to an AWS service"; "IAM and AWS STS
/// condition context keys").
fn told(path: Option<&'static Path>, action: &str) -> Option<(&'static str, &'static str)> {
    let path = path?;
    match path.gain {
        Gain::Passed(service) if action == "iam:PassRole" => Some(("iam:PassedToService", service)),
        _ if action.starts_with("iam:Attach") => Some(("iam:PolicyARN", ADMINISTRATOR)),
        _ => None,
    }
}

/// What a need is on; `None`: anything.
fn resource<'q>(own: &'q Node, on: On, target: Target<'q>) -> Option<&'q str> {
    match on {
        On::Any => None,
        On::Target | On::OwnGroup => target.arn,
        On::SelfRole | On::SelfUser => Some(&own.arn),
        On::OwnPolicy | On::ItsPolicy => target.policy,
    }
}

/// The resource control policies over a role to be assumed.
fn rcps<'a>(field: &'a Field, assumes: bool, account: &str) -> &'a [crate::model::Level] {
    let found = field.rcps.get(account).filter(|_| assumes);
    found.map_or(&[], Vec::as_slice)
}

pub(super) fn pattern(action: &str) -> Template {
    Template::new(&action.to_lowercase(), true, false)
}
