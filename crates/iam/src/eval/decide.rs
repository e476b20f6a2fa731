//! All layers together.

use std::borrow::Cow;

use super::{
    Decision,
    grants::{acl_grant, blocked_as_public, kms_grants},
    principal::{Named, named},
    services::{
        always_allowed, needs_no_permission, needs_resource_policy, never_allowed, rcps_restrict,
        root_keeps_bucket_policy,
    },
    statement,
    truth::{Formula, Truth},
};
use crate::{
    explain,
    model::{Effect, Layers, NamedPolicy, Policy, PrincipalKind, Request, Statement},
};

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Something allows it and nothing denies it.
    Allowed,
    /// Nothing denies it, but an allow is missing.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
}

impl Verdict {
    /// `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::ImplicitlyDenied => "ImplicitlyDenied",
            Self::ExplicitlyDenied => "ExplicitlyDenied",
        }
    }
}

/// What one layer says.
#[derive(Debug, Clone)]
pub(crate) struct Outcome<T> {
    pub(crate) allow: T,
    pub(crate) deny: T,
}

/// What the resource's policy says, by how it names the principal.
#[derive(Debug, Clone)]
pub(crate) struct Grants<T> {
    pub(crate) direct: T,
    pub(crate) role: T,
    pub(crate) account: T,
    pub(crate) deny: T,
}

/// What every layer says. A layer that is not there, or does not bind this principal, allows.
#[derive(Debug, Clone)]
pub(crate) struct Judgement<T> {
    pub(crate) identity: Outcome<T>,
    pub(crate) boundary: Outcome<T>,
    pub(crate) session: Outcome<T>,
    pub(crate) resource: Grants<T>,
    pub(crate) scp: Outcome<T>,
    pub(crate) rcp: Outcome<T>,
    pub(crate) endpoint: Outcome<T>,
    /// Identity policies, within boundary and session.
    pub(crate) by_identity: T,
    /// The resource's policy or grants alone suffice (within one account, or for principals without account).
    pub(crate) by_resource: T,
    pub(crate) allowed: T,
    pub(crate) denied: T,
}

/// Decides and explains.
#[must_use]
pub fn decide(request: &Request, layers: &Layers) -> Decision {
    let request = prepared(request, layers);
    let judgement: Judgement<bool> = Judgement::of(&request, layers);
    let verdict = verdict_of(&judgement, &request);
    let residual = if is_settled(&request) || !has_open_keys(&request, layers) {
        None
    } else {
        let open: Judgement<Formula> = Judgement::of(&request, layers);
        match open.allowed {
            Formula::Yes | Formula::No => None,
            condition => Some(condition),
        }
    };
    let mut notes = explain::notes(&request, layers);
    if let Some(condition) = &residual {
        notes.extend(explain::path_note(&request, condition));
    }
    Decision {
        verdict,
        decided_by: explain::reasons(&request, layers, &judgement, verdict),
        // Where every key that is not told is absent, nothing is left to be told.
        residual: residual.filter(|_| !request.context.is_complete()),
        notes,
    }
}

/// Decides and nothing else: no allocation for reasons.
#[must_use]
pub fn verdict(request: &Request, layers: &Layers) -> Verdict {
    let request = prepared(request, layers);
    verdict_of(&Judgement::of(&request, layers), &request)
}

fn verdict_of(judgement: &Judgement<bool>, request: &Request) -> Verdict {
    if always_allowed(request) {
        Verdict::Allowed
    } else if judgement.denied {
        Verdict::ExplicitlyDenied
    } else if judgement.allowed && never_allowed(request).is_none() {
        Verdict::Allowed
    } else {
        Verdict::ImplicitlyDenied
    }
}

fn is_settled(request: &Request) -> bool {
    always_allowed(request) || never_allowed(request).is_some()
}

/// Without the bucket's ABAC switch, its tags are not in the request ("Enabling ABAC in general purpose buckets").
pub(crate) fn prepared<'a>(request: &'a Request, layers: &Layers) -> Cow<'a, Request> {
    if layers.facts.s3.abac == Some(false) && request.service() == "s3" {
        let mut request = request.clone();
        request.context.withhold("aws:resourcetag/");
        Cow::Owned(request)
    } else {
        Cow::Borrowed(request)
    }
}

impl<T: Truth> Judgement<T> {
    pub(crate) fn of(request: &Request, layers: &Layers) -> Self {
        let identity: Outcome<T> = identity(request, layers);
        let boundary: Outcome<T> = boundary(request, layers);
        let session: Outcome<T> = session(request, layers);
        let resource: Grants<T> = resource(request, layers);
        let scp: Outcome<T> = scps(request, layers);
        let rcp: Outcome<T> = rcps(request, layers);
        let endpoint: Outcome<T> = endpoint(request, layers);

        let limits = boundary.allow.clone().and(session.allow.clone());
        let by_identity = identity.allow.clone().and(limits.clone());
        let named = resource.direct.clone().or(resource.role.clone());
        let (by_resource, granted) = if !request.principal.has_account() {
            (resource.direct.clone(), resource.direct.clone())
        } else if request.same_account() {
            let alone = resource
                .direct
                .clone()
                .or(resource.role.clone().and(limits));
            let together = if needs_resource_policy(request) {
                resource.account.clone().and(by_identity.clone())
            } else {
                by_identity.clone()
            };
            (alone.clone(), alone.or(together))
        } else {
            (
                T::of(false),
                named.or(resource.account.clone()).and(by_identity.clone()),
            )
        };
        let granted = granted.or(T::of(needs_no_permission(request)));
        let denied = [
            &identity.deny,
            &boundary.deny,
            &session.deny,
            &resource.deny,
            &scp.deny,
            &rcp.deny,
            &endpoint.deny,
        ]
        .into_iter()
        .fold(T::of(false), |denied, layer| denied.or(layer.clone()));
        let allowed = granted
            .and(scp.allow.clone())
            .and(rcp.allow.clone())
            .and(endpoint.allow.clone())
            .and(denied.clone().negate());
        Self {
            identity,
            boundary,
            session,
            resource,
            scp,
            rcp,
            endpoint,
            by_identity,
            by_resource,
            allowed,
            denied,
        }
    }
}

impl<T: Truth> Outcome<T> {
    fn silent(allow: bool) -> Self {
        Self {
            allow: T::of(allow),
            deny: T::of(false),
        }
    }

    fn add(&mut self, effect: Effect, holds: T) {
        let side = match effect {
            Effect::Allow => &mut self.allow,
            Effect::Deny => &mut self.deny,
        };
        *side = side.clone().or(holds);
    }

    /// Both have to allow; either denies.
    fn with(self, other: Self) -> Self {
        Self {
            allow: self.allow.and(other.allow),
            deny: self.deny.or(other.deny),
        }
    }
}

/// Policies that apply to whom they are attached.
fn attached<'a, T: Truth>(
    policies: impl IntoIterator<Item = &'a NamedPolicy>,
    request: &Request,
) -> Outcome<T> {
    let mut outcome = Outcome::silent(false);
    for policy in policies {
        for statement in &policy.policy.statements {
            outcome.add(statement.effect, statement::matches(statement, request));
        }
    }
    outcome
}

/// Policies bind users, roles and sessions; the root user has every permission of its account
/// ("AWS account root user": permissions boundaries and identity policies do not apply to it).
fn is_bound(request: &Request) -> bool {
    request.principal.has_account() && request.principal.kind != PrincipalKind::Root
}

fn identity<T: Truth>(request: &Request, layers: &Layers) -> Outcome<T> {
    if is_bound(request) {
        attached(&layers.identity, request)
    } else {
        Outcome::silent(request.principal.kind == PrincipalKind::Root)
    }
}

fn boundary<T: Truth>(request: &Request, layers: &Layers) -> Outcome<T> {
    if !is_bound(request) {
        return Outcome::silent(true);
    }
    layers
        .boundaries
        .iter()
        .map(|policy| attached([policy], request))
        .fold(Outcome::silent(true), Outcome::with)
}

fn session<T: Truth>(request: &Request, layers: &Layers) -> Outcome<T> {
    match &layers.session {
        Some(policy) if is_bound(request) => attached([policy], request),
        // "If you do not pass a policy, the resulting federated user session has no permissions",
        // except what resource policies grant (STS API Reference, GetFederationToken).
        None if request.principal.kind == PrincipalKind::FederatedUser => Outcome::silent(false),
        _ => Outcome::silent(true),
    }
}

fn resource<T: Truth>(request: &Request, layers: &Layers) -> Grants<T> {
    let mut grants = Grants {
        direct: T::of(false),
        role: T::of(false),
        account: T::of(false),
        deny: T::of(false),
    };
    if let Some(policy) = &layers.resource {
        let blocked = blocked_as_public(request, policy, &layers.facts);
        let spared = root_keeps_bucket_policy(request);
        for statement in &policy.policy.statements {
            let named: Named<T> = named(
                statement,
                request,
                &layers.facts,
                !layers.boundaries.is_empty(),
            );
            let anyhow = named.anyhow();
            let unheard = match statement.effect {
                Effect::Deny => spared,
                Effect::Allow => blocked,
            };
            if unheard || anyhow.is_no() {
                continue;
            }
            let matches: T = statement::matches(statement, request);
            match statement.effect {
                Effect::Deny => grants.deny = grants.deny.or(anyhow.and(matches)),
                Effect::Allow => grants.add(named, &matches),
            }
        }
    }
    let mut unwritten = Named::nobody();
    for (_, form, holds) in kms_grants(request, &layers.facts) {
        unwritten.add(form, holds);
    }
    if let Some((_, form)) = acl_grant(request, &layers.facts) {
        unwritten.add(form, T::of(true));
    }
    grants.add(unwritten, &T::of(true));
    grants
}

impl<T: Truth> Grants<T> {
    fn add(&mut self, named: Named<T>, holds: &T) {
        for (side, named) in [
            (&mut self.direct, named.direct),
            (&mut self.role, named.role),
            (&mut self.account, named.account),
        ] {
            *side = side.clone().or(named.and(holds.clone()));
        }
    }
}

/// Every level has to allow. SCPs do not bind service-linked roles, the management account, services, nor those
/// outside any account ("Service control policies", Organizations User Guide).
fn scps<T: Truth>(request: &Request, layers: &Layers) -> Outcome<T> {
    if !bound_by_scps(request, layers) {
        return Outcome::silent(true);
    }
    layers
        .scps
        .iter()
        .map(|level| attached(&level.policies, request))
        .fold(Outcome::silent(true), Outcome::with)
}

pub(crate) fn bound_by_scps(request: &Request, layers: &Layers) -> bool {
    let managing = layers.facts.management_account.is_some()
        && layers.facts.management_account == request.principal.account;
    request.principal.has_account() && !request.principal.is_service_linked_role() && !managing
}

/// `RCPFullAWSAccess` is attached everywhere and cannot be detached, so RCPs only ever deny
/// ("Resource control policies", Organizations User Guide).
fn rcps<T: Truth>(request: &Request, layers: &Layers) -> Outcome<T> {
    let mut outcome = Outcome::silent(true);
    if layers.rcps.is_empty() || !bound_by_rcps(request, layers) {
        return outcome;
    }
    for policy in layers.rcps.iter().flat_map(|level| &level.policies) {
        denials(&policy.policy, request, layers, &mut outcome);
    }
    outcome
}

fn denials<T: Truth>(
    policy: &Policy,
    request: &Request,
    layers: &Layers,
    outcome: &mut Outcome<T>,
) {
    for statement in &policy.statements {
        if statement.effect == Effect::Allow {
            continue;
        }
        let binds = match &statement.principal {
            None => T::of(true),
            Some(_) => binds(statement, request, layers),
        };
        if !binds.is_no() {
            outcome.add(
                Effect::Deny,
                binds.and(statement::matches(statement, request)),
            );
        }
    }
}

/// RCPs bind resources of services that support them, whoever asks; they spare service-linked roles, the management
/// account's resources and AWS managed KMS keys.
pub(crate) fn bound_by_rcps(request: &Request, layers: &Layers) -> bool {
    let facts = &layers.facts;
    let managing =
        facts.management_account.is_some() && facts.management_account == request.resource_account;
    let aws_key = facts.aws_managed_key && request.service() == "kms";
    rcps_restrict(request) && !request.principal.is_service_linked_role() && !managing && !aws_key
}

/// The endpoint's policy has to allow what goes through the endpoint ("Control access to VPC endpoints", AWS PrivateLink).
fn endpoint<T: Truth>(request: &Request, layers: &Layers) -> Outcome<T> {
    if layers.endpoint.is_empty() {
        return Outcome::silent(true);
    }
    let mut outcome = Outcome::silent(false);
    for statement in layers
        .endpoint
        .iter()
        .flat_map(|policy| &policy.policy.statements)
    {
        let binds: T = binds(statement, request, layers);
        if !binds.is_no() {
            outcome.add(
                statement.effect,
                binds.and(statement::matches(statement, request)),
            );
        }
    }
    outcome
}

/// Whether the statement names the principal in any way.
fn binds<T: Truth>(statement: &Statement, request: &Request, layers: &Layers) -> T {
    let bounded = !layers.boundaries.is_empty();
    named(statement, request, &layers.facts, bounded).anyhow()
}

/// Whether some condition, variable or grant of some layer reads a key that the request does not tell.
fn has_open_keys(request: &Request, layers: &Layers) -> bool {
    let by_grant = layers.facts.kms_grants.iter().any(|grant| {
        request.service() == "kms"
            && (grant.context_equals.is_some() || !grant.context_subset.is_empty())
    });
    by_grant
        || layers
            .policies()
            .any(|policy| policy.policy.reads_unknown_keys(&request.context))
}
