//! Why: the statements that decided, and what failed in the layers that did not let a request through.

use crate::{
    eval::{
        Formula, Judgement, Verdict, acl_grant, action, always_allowed, failing_element, form,
        kms_grant, needs_no_permission, needs_resource_policy, never_allowed,
    },
    model::{Effect, Layers, NamedPolicy, Position, PrincipalKind, Request, Statement},
};

/// No more failures than this are told for one layer.
const FAILURES: usize = 50;

/// A reason of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The layer: `identity`, `boundary`, `session`, `resource`, `scp`, `rcp`, `endpoint`, `service`.
    pub layer: &'static str,
    /// What is said.
    pub cause: Cause,
}

/// What a layer contributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A statement matched.
    Statement(Place, Effect),
    /// A rule or grant that is no policy statement.
    Rule(String),
    /// Nothing in the layer allows the request.
    NoAllow {
        /// In words.
        why: String,
        /// Allow statements and the element that fails in each, up to a bound.
        failed: Vec<(Place, String)>,
    },
}

/// A statement's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The policy's name.
    pub policy: String,
    /// The statement's index, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Where it stands in the document.
    pub at: Position,
}

/// Whether a layer's statements name principals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Nobody,
    Principals,
    /// As in an RCP, where a missing principal is everyone.
    PrincipalsOrAll,
}

struct Layer<'a> {
    name: &'static str,
    names: Names,
    policies: Vec<&'a NamedPolicy>,
}

/// The reasons for a verdict, in the order in which layers are evaluated.
pub(crate) fn reasons(
    request: &Request,
    layers: &Layers,
    judgement: &Judgement<bool>,
    verdict: Verdict,
) -> Vec<Reason> {
    let teller = Teller { request, layers };
    if always_allowed(request) {
        return vec![rule(
            "service",
            "this operation needs no permission and cannot be denied",
        )];
    }
    match verdict {
        Verdict::ExplicitlyDenied => teller.denials(judgement),
        Verdict::Allowed => teller.grants(judgement),
        Verdict::ImplicitlyDenied => match never_allowed(request) {
            Some(why) => vec![rule("service", why)],
            None => teller.gaps(judgement),
        },
    }
}

/// What a verdict takes for granted.
pub(crate) fn notes(request: &Request, layers: &Layers) -> Vec<String> {
    let mut notes = Vec::new();
    if !request.resource_account_known
        && request.principal.account.is_some()
        && request.resource != "*"
    {
        notes.push("the resource's account was not told; taken to be the principal's".to_owned());
    }
    let not_principal = layers
        .resource
        .iter()
        .flat_map(|policy| &policy.policy.statements)
        .any(|statement| {
            statement.effect == Effect::Deny
                && statement
                    .principal
                    .as_ref()
                    .is_some_and(|clause| clause.negated)
        });
    if not_principal && request.principal.kind == PrincipalKind::RoleSession {
        notes.push(
            "Deny with NotPrincipal spares this session by what is listed; some services want role, session and account listed".to_owned(),
        );
    }
    if !layers.scps.is_empty()
        && layers.facts.management_account.is_none()
        && request.principal.has_account()
    {
        notes.push(
            "the management account was not told; SCPs and RCPs are taken to apply".to_owned(),
        );
    }
    notes.extend(unresolved(request, layers));
    notes
}

/// "If AWS cannot resolve a variable this might cause the entire statement to be invalid" ("IAM policy elements:
/// Variables and tags", IAM User Guide): where the resource is none of those named, the statement then says more than
/// its author meant.
fn unresolved(request: &Request, layers: &Layers) -> Vec<String> {
    let mut notes = Vec::new();
    for policy in layers.policies() {
        for (at, statement) in policy.policy.statements.iter().enumerate() {
            let without = statement.resources.iter().any(|resources| {
                let mut patterns = resources.patterns.iter();
                resources.negated && patterns.any(|pattern| pattern.is_unresolved(&request.context))
            });
            if without && action(&statement.actions, request) {
                let note = format!(
                    "NotResource in statement {at} of `{}` has a policy variable without a value, taken to name no resource; AWS may take the whole statement as invalid",
                    policy.name
                );
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
    }
    notes
}

/// What is taken for granted where the condition under which the request is allowed hangs on the path of a session's role.
pub(crate) fn path_note(request: &Request, condition: &Formula) -> Option<String> {
    let key = "aws:principalarn";
    let arn = request.context.single(key)?;
    (request.context.is_pathless(key) && condition.tests(key)).then(|| {
        format!(
            "a session's ARN does not tell its role's path; aws:PrincipalArn is taken to be {arn}: tell it in the context"
        )
    })
}

fn rule(layer: &'static str, why: impl Into<String>) -> Reason {
    Reason {
        layer,
        cause: Cause::Rule(why.into()),
    }
}

struct Teller<'a> {
    request: &'a Request,
    layers: &'a Layers,
}

impl<'a> Teller<'a> {
    fn layer(&self, name: &'static str) -> Layer<'a> {
        let layers = self.layers;
        let (names, policies): (Names, Vec<&NamedPolicy>) = match name {
            "identity" => (Names::Nobody, layers.identity.iter().collect()),
            "boundary" => (Names::Nobody, layers.boundaries.iter().collect()),
            "session" => (Names::Nobody, layers.session.iter().collect()),
            "resource" => (Names::Principals, layers.resource.iter().collect()),
            "scp" => (
                Names::Nobody,
                layers
                    .scps
                    .iter()
                    .flat_map(|level| &level.policies)
                    .collect(),
            ),
            "rcp" => (
                Names::PrincipalsOrAll,
                layers
                    .rcps
                    .iter()
                    .flat_map(|level| &level.policies)
                    .collect(),
            ),
            _ => (Names::Principals, layers.endpoint.iter().collect()),
        };
        Layer {
            name,
            names,
            policies,
        }
    }

    fn failure(&self, statement: &Statement, names: Names) -> Option<String> {
        let named = names == Names::Nobody
            || names == Names::PrincipalsOrAll && statement.principal.is_none()
            || form(
                statement,
                self.request,
                &self.layers.facts,
                !self.layers.boundaries.is_empty(),
            )
            .is_some();
        if named {
            return failing_element(statement, self.request);
        }
        let negated = statement
            .principal
            .as_ref()
            .is_some_and(|clause| clause.negated);
        Some(if negated { "NotPrincipal" } else { "Principal" }.to_owned())
    }

    fn matching(&self, name: &'static str, effect: Effect) -> Vec<Reason> {
        let layer = self.layer(name);
        statements(&layer)
            .filter(|(_, statement)| {
                statement.effect == effect && self.failure(statement, layer.names).is_none()
            })
            .map(|(place, _)| Reason {
                layer: layer.name,
                cause: Cause::Statement(place, effect),
            })
            .collect()
    }

    fn denials(&self, judgement: &Judgement<bool>) -> Vec<Reason> {
        [
            ("scp", judgement.scp.deny),
            ("rcp", judgement.rcp.deny),
            ("endpoint", judgement.endpoint.deny),
            ("resource", judgement.resource.deny),
            ("identity", judgement.identity.deny),
            ("boundary", judgement.boundary.deny),
            ("session", judgement.session.deny),
        ]
        .into_iter()
        .filter(|(_, deny)| *deny)
        .flat_map(|(name, _)| self.matching(name, Effect::Deny))
        .collect()
    }

    fn grants(&self, judgement: &Judgement<bool>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if needs_no_permission(self.request) {
            reasons.push(rule("service", "this operation needs no permission"));
        }
        let cross = self.request.principal.has_account() && !self.request.same_account();
        if judgement.by_resource || cross || needs_resource_policy(self.request) {
            if let Some(grant) = kms_grant(self.request, &self.layers.facts) {
                reasons.push(rule("resource", format!("KMS grant `{}`", grant.name)));
            }
            if let Some((acl, _)) = acl_grant(self.request, &self.layers.facts) {
                reasons.push(rule(
                    "resource",
                    format!("ACL grant of {} to `{}`", acl.permission, acl.grantee),
                ));
            }
            reasons.extend(self.matching("resource", Effect::Allow));
        }
        if judgement.by_identity && (!judgement.by_resource || cross) {
            if self.request.principal.kind == PrincipalKind::Root {
                reasons.push(rule(
                    "identity",
                    "the root user has every permission of its account",
                ));
            } else {
                for name in ["identity", "boundary", "session"] {
                    reasons.extend(self.matching(name, Effect::Allow));
                }
            }
        }
        reasons
    }

    fn gaps(&self, judgement: &Judgement<bool>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !judgement.scp.allow {
            for level in &self.layers.scps {
                let layer = Layer {
                    name: "scp",
                    names: Names::Nobody,
                    policies: level.policies.iter().collect(),
                };
                let allows = statements(&layer).any(|(_, statement)| {
                    statement.effect == Effect::Allow
                        && self.failure(statement, layer.names).is_none()
                });
                if !allows {
                    reasons.push(self.gap(
                        &layer,
                        format!("no SCP at level `{}` allows it", level.name),
                    ));
                }
            }
        }
        if !judgement.endpoint.allow {
            reasons.push(self.gap(
                &self.layer("endpoint"),
                "no endpoint policy allows it".to_owned(),
            ));
        }
        let request = self.request;
        let has_account = request.principal.has_account();
        let granted =
            judgement.resource.direct || judgement.resource.role || judgement.resource.account;
        let resource_needed =
            !has_account || !request.same_account() || needs_resource_policy(request);
        if resource_needed && !granted {
            let why = match (&self.layers.resource, has_account, request.same_account()) {
                (None, ..) => "there is no resource policy, and without one it is not allowed",
                (_, false, _) => "the resource policy does not allow it",
                (_, true, true) => {
                    "the resource's own policy has to allow the principal or its account, and does not"
                }
                (_, true, false) => {
                    "across accounts the resource policy has to allow it, and does not"
                }
            };
            reasons.push(self.gap(&self.layer("resource"), why.to_owned()));
        }
        if has_account && !judgement.by_resource {
            for (name, allow, why) in [
                (
                    "identity",
                    judgement.identity.allow,
                    "no identity policy allows it",
                ),
                (
                    "boundary",
                    judgement.boundary.allow,
                    "the permissions boundary does not allow it",
                ),
                (
                    "session",
                    judgement.session.allow,
                    "the session policy does not allow it",
                ),
            ] {
                if !allow {
                    reasons.push(self.gap(&self.layer(name), why.to_owned()));
                }
            }
        }
        reasons
    }

    fn gap(&self, layer: &Layer<'_>, why: String) -> Reason {
        let failed = statements(layer)
            .filter(|(_, statement)| statement.effect == Effect::Allow)
            .filter_map(|(place, statement)| Some((place, self.failure(statement, layer.names)?)))
            .take(FAILURES)
            .collect();
        Reason {
            layer: layer.name,
            cause: Cause::NoAllow { why, failed },
        }
    }
}

fn statements<'a>(layer: &Layer<'a>) -> impl Iterator<Item = (Place, &'a Statement)> {
    layer.policies.clone().into_iter().flat_map(|policy| {
        policy
            .policy
            .statements
            .iter()
            .enumerate()
            .map(|(statement, found)| {
                (
                    Place {
                        policy: policy.name.clone(),
                        statement,
                        sid: found.sid.clone(),
                        at: found.at,
                    },
                    found,
                )
            })
    })
}
