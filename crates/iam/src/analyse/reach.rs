//! Is there any request of a principal that all layers together allow?
//!
//! What a verdict hangs on in a request is which statements match it. More matching Allow statements never turn an
//! allowed request into a denied one, and more matching Deny statements never the other way round. So it is enough to
//! try one request for each best combination of matching statements ([`super::space`]), and the evaluator decides it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Unknown, before,
    classes::Classes,
    matched::{self, dimensions},
    narrow::{Leaning, Narrowing, speaks_of},
    points::{self, Assignment},
    space::{Matches, Wanted, combine, combine_for},
    spell::spelled,
    steps::{SEARCH, Steps},
    tried::tried,
};
use crate::{
    authorization::Authorization,
    eval::{self, Verdict},
    model::{
        Actions, Context, ContextValue, Effect, Facts, Layers, NamedPolicy, Policy, Position,
        Principal, PrincipalKind, Request, RequestInput, Statement, Template, Version,
    },
};

/// A question about all requests of one principal.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Everything that has a say.
    pub layers: &'a Layers,
    /// Who asks.
    pub principal: &'a Principal,
    /// Patterns of actions, lower case; one has to match.
    pub actions: &'a [Template],
    /// Patterns of resources; one has to match.
    pub resources: &'a [Template],
    /// The owner of the resources.
    pub resource_account: Option<&'a str>,
    /// What is told of every request: its keys are fixed, all others are free.
    pub context: &'a Context,
    /// What values of free keys look like, where that is known: keys lower case.
    pub domains: &'a BTreeMap<String, Template>,
    /// What values of free keys never look like: keys lower case.
    pub barred: &'a [(String, Template)],
    /// Free keys that tell the caller's whereabouts take no value that a policy names, as if anybody asked
    /// ("The meaning of public", S3 User Guide).
    pub anybody: bool,
}

/// The answer.
#[derive(Debug, Clone)]
pub enum Reach {
    /// This request is allowed, by the evaluator's word.
    Can(Box<Found>),
    /// No request is.
    Cannot,
    /// Not decided, and why.
    Unknown(Unknown),
}

/// A request that is allowed.
#[derive(Debug, Clone)]
pub struct Found {
    /// The request.
    pub request: Request,
    /// The free keys that it tells; `None`: absent.
    pub chosen: Vec<(String, Option<ContextValue>)>,
}

/// Finds a request that is allowed, or that there is none.
#[must_use]
pub fn reach(ask: &Ask<'_>) -> Reach {
    found(ask, None, &Steps::new())
}

/// As [`reach`], with what is left of the work of a larger question.
pub(crate) fn reach_within(ask: &Ask<'_>, steps: &Steps) -> Reach {
    found(ask, None, steps)
}

/// Finds a request that is allowed and that the old layers do not allow, or that there is none.
#[must_use]
pub fn beyond(ask: &Ask<'_>, old: &Layers) -> Reach {
    found(ask, Some(old), &Steps::new())
}

impl Reach {
    /// The answer with a real action in the request that shows it, where there is one.
    #[must_use]
    pub fn spelled(
        self,
        ask: &Ask<'_>,
        old: Option<&Layers>,
        authorization: Option<&Authorization>,
    ) -> Self {
        let (Self::Can(found), Some(authorization)) = (&self, authorization) else {
            return self;
        };
        let none = Context::new();
        let is_asked = |action: &str| {
            let mut actions = ask.actions.iter();
            actions.any(|asked| asked.matches(action, &none) == Some(true))
        };
        let holds = |request: &Request| {
            eval::verdict(request, ask.layers) == Verdict::Allowed
                && old.is_none_or(|old| eval::verdict(request, old) != Verdict::Allowed)
        };
        Self::Can(Box::new(spelled(
            (**found).clone(),
            authorization,
            &is_asked,
            &holds,
        )))
    }
}

fn found(ask: &Ask<'_>, old: Option<&Layers>, steps: &Steps) -> Reach {
    let contexts = contexts(ask);
    let mut reason = None;
    for context in &contexts {
        match within(ask, old, context, steps) {
            Reach::Can(found) => return Reach::Can(found),
            Reach::Cannot => {}
            Reach::Unknown(unknown) => reason = Some(unknown),
        }
    }
    reason.map_or(Reach::Cannot, Reach::Unknown)
}

/// What is told, and what is told with the encryption context that a KMS grant wants and no policy need read.
fn contexts(ask: &Ask<'_>) -> Vec<Context> {
    let mut contexts = vec![ask.context.clone()];
    for grant in &ask.layers.facts.kms_grants {
        let pairs = grant
            .context_equals
            .iter()
            .flatten()
            .chain(&grant.context_subset);
        let mut context = ask.context.clone();
        for (name, value) in pairs.clone() {
            let key = format!("kms:EncryptionContext:{name}");
            context.set(&key, ContextValue::One(value.clone()));
        }
        if pairs.count() > 0 {
            contexts.push(context);
        }
    }
    contexts
}

/// Work of narrowing a statement to the question.
const NARROWED: usize = 20;

/// More keys than this are not given up one by one.
const VAGUE: usize = 8;

fn within(ask: &Ask<'_>, old: Option<&Layers>, told: &Context, steps: &Steps) -> Reach {
    let mut vague = BTreeSet::new();
    let first = match search(ask, old, told, None, &vague, steps) {
        Ok(Some(found)) => return Reach::Can(found),
        Ok(None) => return Reach::Cannot,
        Err(unknown) => unknown,
    };
    // What cannot be divided into cells is left out where it allows and taken to match where it denies: what is found
    // then is a request nevertheless. And the other way round: what is not found then does not exist.
    let mut reason = first.clone();
    while vague.len() < VAGUE {
        if let Some(key) = reason.key() {
            vague.insert(key.to_lowercase());
        }
        let under = search(ask, old, told, Some(Leaning::Under), &vague, steps);
        let over = match &under {
            Ok(Some(_)) | Err(_) => None,
            Ok(None) => Some(search(ask, old, told, Some(Leaning::Over), &vague, steps)),
        };
        match (under, over) {
            (Ok(Some(found)), _) => return Reach::Can(found),
            (_, Some(Ok(None))) => return Reach::Cannot,
            (Err(unknown), _) | (_, Some(Err(unknown))) => {
                let told_before = unknown
                    .key()
                    .is_none_or(|key| vague.contains(&key.to_lowercase()));
                if told_before {
                    break;
                }
                reason = unknown;
            }
            _ => break,
        }
    }
    Reach::Unknown(first)
}

fn search(
    ask: &Ask<'_>,
    old: Option<&Layers>,
    told: &Context,
    leaning: Option<Leaning>,
    vague: &BTreeSet<String>,
    steps: &Steps,
) -> Result<Option<Box<Found>>, Unknown> {
    let statements = ask.layers.policies().map(|p| p.policy.statements.len());
    steps.take(SEARCH.saturating_add(statements.sum::<usize>().saturating_mul(NARROWED)))?;
    let needed = needs_statement(ask);
    let needless = needless(ask);
    if needed && needless.is_empty() && !may_grant(ask.layers, ask.actions) {
        return Ok(None);
    }
    let base = base(ask, told);
    let narrowed = |ask: &Ask<'_>, leaning: Option<Leaning>| {
        Narrowing {
            ask,
            base: &base,
            leaning,
            vague,
        }
        .layers()
    };
    let layers = narrowed(ask, leaning)?;
    // What the old layers must not allow leans the other way.
    let old_layers = old
        .map(|old| {
            narrowed(
                &Ask {
                    layers: old,
                    ..*ask
                },
                leaning.map(Leaning::other),
            )
        })
        .transpose()?;
    let old_policies = match (old, &old_layers) {
        (Some(old), Some(narrow)) => before::telling(old, ask.layers, narrow, &layers),
        _ => Vec::new(),
    };
    let unwritten = unwritten(&ask.layers.facts);
    let old_unwritten = old.map(|old| self::unwritten(&old.facts));
    let news: usize = layers
        .policies()
        .map(|p| p.policy.statements.len())
        .chain([unwritten.statements.len()])
        .sum();
    let policies: Vec<&Policy> = layers
        .policies()
        .map(|policy| &*policy.policy)
        .chain([&unwritten])
        .chain(&old_policies)
        .chain(&old_unwritten)
        .filter(|policy| !policy.statements.is_empty())
        .collect();
    let statements: Vec<&Statement> = policies
        .iter()
        .flat_map(|policy| &policy.statements)
        .collect();
    let is_new = |at: usize| at < news;
    let allowing = || {
        let all = statements.iter().enumerate();
        all.map(|(at, found)| is_new(at) && found.effect == Effect::Allow)
    };
    let helping = || {
        let all = statements.iter().enumerate();
        all.map(|(at, found)| is_new(at) == (found.effect == Effect::Allow))
    };
    // Something grants what is allowed: an Allow statement of the identity's policies or of the resource's.
    let count = |policies: &[NamedPolicy]| -> usize {
        let policies = policies.iter();
        policies.map(|policy| policy.policy.statements.len()).sum()
    };
    let by_identity = count(&layers.identity);
    let granting = by_identity + count(layers.resource.as_slice());
    if needed && needless.is_empty() && !allowing().take(granting).any(|allows| allows) {
        return Ok(None);
    }
    let is_new_access = |request: &Request| {
        eval::verdict(request, ask.layers) == Verdict::Allowed
            && old.is_none_or(|old| eval::verdict(request, old) != Verdict::Allowed)
    };
    if leaning.is_none()
        && !ask.anybody
        && let Some(found) = tried(ask, told, statements.get(..news).unwrap_or_default())
        && is_new_access(&found.request)
    {
        return Ok(Some(found));
    }
    let actions = texts(ask.actions, || {
        points::actions_within(&policies, ask.actions, steps)
    })?;
    let resources = texts(ask.resources, || {
        points::resources_within(&policies, ask.resources, steps)
    })?;
    let mut free = points::contexts(&policies, ask.domains, steps)?;
    for points in &mut free {
        points::retain_unbarred(points, ask.barred);
    }
    if ask.anybody {
        for points in &mut free {
            points::retain_anybody(points, &statements);
        }
    }
    let dimensions = dimensions(&statements, &actions, &resources, &free, &base, steps)?;
    let good = Matches::new(helping().chain((0..Classes::COUNT).map(|_| true)));
    let all = Matches::new((0..statements.len() + Classes::COUNT).map(|_| true));
    let shown = |chosen: &[usize], actions: &[String]| -> Option<Box<Found>> {
        let found = request(ask, told, chosen, actions, &resources, &free)?;
        let allowed_before = |old: &Layers| eval::verdict(&found.request, old) == Verdict::Allowed;
        let allowed = eval::verdict(&found.request, &layers) == Verdict::Allowed
            && !old_layers.as_ref().is_some_and(allowed_before);
        // Where the layers were narrowed beyond what is exact in favour of the request, it is only a hint.
        (allowed && (leaning == Some(Leaning::Over) || is_new_access(&found.request)))
            .then_some(found)
    };
    let whole = |actions: &[String], dimensions: &[Vec<Matches>]| -> Result<_, Unknown> {
        let wanted = Wanted {
            good: good.clone(),
            needed: None,
        };
        let combinations = combine(all.clone(), &wanted, dimensions, steps)?;
        let mut chosen = combinations.iter().map(|(_, chosen)| chosen);
        Ok(chosen.find_map(|chosen| shown(chosen, actions)))
    };
    if !needed {
        return whole(&actions, &dimensions);
    }
    // One by one the granting statements are a smaller question than together.
    let mut unknown = None;
    for statement in 0..granting {
        if !allowing().nth(statement).unwrap_or_default() {
            continue;
        }
        steps.take(statements.len())?;
        let is_alike = |at: usize| (at < by_identity) == (statement < by_identity) && at < granting;
        let alike = allowing()
            .enumerate()
            .map(|(at, allows)| allows && is_alike(at));
        let alike = Matches::new(alike.chain((0..Classes::COUNT).map(|_| false)));
        match combine_for(statement, &alike, &good, &all, &dimensions, steps) {
            Ok(combinations) => {
                let mut chosen = combinations.iter().map(|(_, chosen)| chosen);
                if let Some(found) = chosen.find_map(|chosen| shown(chosen, &actions)) {
                    return Ok(Some(found));
                }
            }
            Err(reason) => unknown = Some(reason),
        }
    }
    if !needless.is_empty() {
        let dimensions =
            matched::dimensions(&statements, &needless, &resources, &free, &base, steps)?;
        // Mostly any request of them is allowed.
        if let Some(found) = shown(&vec![0; dimensions.len()], &needless) {
            return Ok(Some(found));
        }
        if let Some(found) = whole(&needless, &dimensions)? {
            return Ok(Some(found));
        }
    }
    unknown.map_or(Ok(None), Err)
}

/// KMS grants and ACLs as statements that tell apart the actions that they cover; the evaluator reads the grants.
fn unwritten(facts: &Facts) -> Policy {
    let mut covered = eval::unwritten(facts);
    covered.sort();
    covered.dedup();
    let statement = |actions: Vec<String>| Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        actions: Actions {
            negated: false,
            patterns: actions
                .iter()
                .map(|action| Template::new(action, false, false))
                .collect(),
        },
        resources: None,
        conditions: Vec::new(),
        at: Position::default(),
    };
    Policy {
        version: Version::V2012,
        id: None,
        statements: covered.into_iter().map(statement).collect(),
    }
}

/// Whether a statement that grants speaks of one of the actions at all: mostly none does, and that is seen at once.
fn may_grant(layers: &Layers, actions: &[Template]) -> bool {
    let granting = layers.identity.iter().chain(&layers.resource);
    let mut statements = granting.flat_map(|policy| &policy.policy.statements);
    statements.any(|found| found.effect == Effect::Allow && speaks_of(found, actions))
}

/// A request at the first of everything, to see which keys follow from what is fixed.
fn base(ask: &Ask<'_>, told: &Context) -> Request {
    let first = |templates: &[Template], otherwise: &str| {
        templates
            .first()
            .map_or(otherwise, |template| template.text())
            .to_owned()
    };
    Request::new(RequestInput {
        principal: ask.principal.clone(),
        action: first(ask.actions, "a:a"),
        resource: first(ask.resources, "*"),
        resource_account: ask.resource_account.map(str::to_owned),
        context: told.clone(),
    })
}

/// The texts that are asked for one by one, or one of every cell of the patterns.
fn texts(
    asked: &[Template],
    cells: impl FnOnce() -> Result<Vec<String>, Unknown>,
) -> Result<Vec<String>, Unknown> {
    let literal: Option<Vec<String>> = asked
        .iter()
        .map(|template| template.literal().map(str::to_owned))
        .collect();
    literal.map_or_else(cells, Ok)
}

/// Without a statement, only the root user and holders of grants are allowed, and operations that need no permission.
fn needs_statement(ask: &Ask<'_>) -> bool {
    ask.principal.kind != PrincipalKind::Root
        && ask.layers.facts.kms_grants.is_empty()
        && ask.layers.facts.s3.acl.is_empty()
}

/// Of the operations that need no permission ([`eval::needs_no_permission`]), those that are asked for by name: that they
/// are allowed says nothing of a pattern that takes them in.
fn needless(ask: &Ask<'_>) -> Vec<String> {
    ["sts:getcalleridentity", "sts:getsessiontoken"]
        .into_iter()
        .filter(|action| {
            let mut asked = ask.actions.iter();
            ask.principal.has_account() && asked.any(|asked| asked.literal() == Some(*action))
        })
        .map(str::to_owned)
        .collect()
}

fn request(
    ask: &Ask<'_>,
    told: &Context,
    chosen: &[usize],
    actions: &[String],
    resources: &[String],
    free: &[Vec<Assignment>],
) -> Option<Box<Found>> {
    let mut at = chosen.iter().copied();
    let action = actions.get(at.next()?)?;
    let resource = resources.get(at.next()?)?;
    let mut context = told.clone();
    let mut assignment = Assignment::new();
    for points in free {
        assignment.extend(points.get(at.next()?)?.iter().cloned());
    }
    for (key, value) in &assignment {
        match value {
            Some(value) => context.set(key, value.clone()),
            None => context.set_absent(key),
        }
    }
    let request = Request::new(RequestInput {
        principal: ask.principal.clone(),
        action: action.clone(),
        resource: resource.clone(),
        resource_account: ask.resource_account.map(str::to_owned),
        context,
    });
    assignment.retain(|(_, value)| value.is_some());
    Some(Box::new(Found {
        request,
        chosen: assignment,
    }))
}
