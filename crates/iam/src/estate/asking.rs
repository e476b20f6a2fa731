//! Questions to all principals of an estate, each asked once for all who would get the same answer.

use super::{
    Access, Estate, Resource, Seen, Subject,
    person::Question,
    questions::{access, unseen},
};
use crate::{
    analyse::Reach,
    escalation::{role_of, without_path},
    model::{Context, Facts, Level, NamedPolicy, Principal, PrincipalEntry, Template},
    shared::{Answer, Asked, Caller, Questions},
};
use std::collections::{BTreeMap, BTreeSet};

/// What all requests of each principal tell.
#[derive(Debug)]
pub(super) struct Told {
    principals: Vec<Option<Principal>>,
    contexts: Vec<(Context, BTreeMap<String, Template>)>,
    /// By account.
    facts: BTreeMap<String, Facts>,
}

impl Told {
    pub(super) fn of(estate: &Estate) -> Self {
        let subjects = &estate.subjects;
        let organization = estate.organization.as_ref();
        let facts = |account: &str| Facts {
            management_account: organization.and_then(|found| found.management_account.clone()),
            canonical_user: (estate.accounts.get(account))
                .and_then(|found| found.canonical_user.clone()),
            ..Facts::default()
        };
        Self {
            principals: subjects
                .iter()
                .map(|subject| Principal::parse(&subject.arn).ok())
                .collect(),
            contexts: subjects
                .iter()
                .map(|subject| estate.requests_of(subject, None))
                .collect(),
            facts: subjects
                .iter()
                .map(|subject| subject.account.as_str())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .map(|account| (account.to_owned(), facts(account)))
                .collect(),
        }
    }
}

/// What of a resource reads who asks, but for the statements of its policy.
#[derive(Debug)]
pub(super) struct Side<'a> {
    resource: &'a Resource,
    /// Roles whose sessions the policy names: each of them is asked too.
    sessions: BTreeSet<String>,
    /// Whom grants name, a session as its role.
    grantees: BTreeSet<String>,
    /// Answers that all of a class get, by class and question; `None`: what the resource says tells members apart.
    of_class: Option<BTreeMap<(usize, &'static str), Answer>>,
}

impl<'a> Side<'a> {
    pub(super) fn of(resource: &'a Resource) -> Self {
        let policy = match &resource.policy {
            Seen::Told(policy) => policy.as_ref(),
            Seen::Unseen(_) => None,
        };
        let statements = policy.into_iter().flat_map(|p| &p.policy.statements);
        let clauses = statements.filter_map(|statement| statement.principal.as_ref());
        let sessions = clauses
            .flat_map(|clause| &clause.entries)
            .filter_map(|entry| match entry {
                PrincipalEntry::Arn(arn) if arn.contains(":assumed-role/") => Some(role_of(arn)),
                _ => None,
            });
        let grants = resource.facts.kms_grants.iter();
        let grantees =
            grants.flat_map(|grant| std::iter::once(&grant.grantee).chain(&grant.retiring));
        Self {
            resource,
            sessions: sessions.collect(),
            grantees: grantees.map(|named| role_of(named)).collect(),
            of_class: None,
        }
    }

    /// What tells principals apart besides the policy.
    fn facts(&self, arn: &str) -> String {
        let facts = &self.resource.facts;
        let mut text = String::new();
        if facts.aws_managed_key {
            text.push_str("aws");
        }
        if !facts.kms_grants.is_empty() {
            text.push_str(&self.resource.arn);
            if self.grantees.contains(&without_path(arn)) {
                text.push_str(arn);
            }
        }
        text
    }
}

/// The principals of an estate, ready to be asked.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    estate: &'a Estate,
    questions: Questions<'a>,
    /// By place; what is not known whole is asked by itself.
    callers: Vec<Option<usize>>,
}

/// What is asked of all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operations<'q> {
    /// Their name among all questions.
    pub(super) name: &'static str,
    /// Literal, lower case.
    pub(super) actions: &'q [Template],
}

impl<'a> Asking<'a> {
    /// `actions`: of all questions.
    pub(super) fn of(estate: &'a Estate, told: &'a Told, actions: Vec<Template>) -> Self {
        let levels = estate.accounts.values().flat_map(|account| &account.rcps);
        let around = levels.flat_map(|level| &level.policies);
        let mut questions = Questions::over(actions, around);
        let mut next = 0;
        let subjects = estate.subjects.iter().zip(&told.principals);
        let callers = subjects
            .zip(&told.contexts)
            .map(|((subject, principal), (context, domains))| {
                let principal = principal.as_ref().filter(|_| subject.unseen.is_none())?;
                let caller = Caller {
                    principal,
                    identity: &subject.identity,
                    boundaries: &subject.boundaries,
                    scps: (estate.accounts.get(&subject.account))
                        .map_or(&[], |account| account.scps.as_slice()),
                    facts: told.facts.get(&subject.account)?,
                    context,
                    domains,
                };
                questions.add(caller, &[]);
                next += 1;
                Some(next - 1)
            })
            .collect();
        Self {
            estate,
            questions,
            callers,
        }
    }

    /// Whether the principal's own policies allow any of it on anything.
    pub(super) fn is_able(&mut self, at: usize, what: Operations<'_>) -> bool {
        let Some(subject) = self.estate.subjects.get(at) else {
            return false;
        };
        let estate = self.estate;
        let find = || by_own_policies(estate, subject, what.actions);
        let asked = Asked {
            name: what.name,
            actions: what.actions,
            resource: None,
            account: &subject.account,
            told: "",
            policy: None,
            rcps: &[],
            facts: "",
        };
        match self.callers.get(at).copied().flatten() {
            Some(caller) => self.questions.answer(caller, &asked, find) != Answer::No,
            None => find() != Answer::No,
        }
    }

    /// What of a resource reads who asks: where nothing does, its answers are kept by class.
    pub(super) fn side(&mut self, resource: &'a Resource) -> Side<'a> {
        let mut side = Side::of(resource);
        let policy = match &resource.policy {
            Seen::Told(policy) => policy.as_ref(),
            Seen::Unseen(_) => None,
        };
        let alike = resource.facts.kms_grants.is_empty()
            && !self.questions.is_tied()
            && policy.is_some_and(|policy| self.questions.is_impersonal(policy));
        side.of_class = alike.then(BTreeMap::new);
        side
    }

    /// Whether the principal can do any of it with the resource.
    pub(super) fn can(&mut self, at: usize, side: &mut Side<'a>, what: Operations<'_>) -> Answer {
        let caller = self.callers.get(at).copied().flatten();
        let class = caller
            .filter(|_| side.of_class.is_some() && side.resource.unseen.is_none())
            .filter(|caller| !self.questions.is_personal(*caller, what.name, what.actions))
            .and_then(|caller| self.questions.class(caller));
        let key = class.map(|class| (class, what.name));
        if let Some(known) = key.and_then(|key| side.of_class.as_ref()?.get(&key)) {
            return known.clone();
        }
        let answer = self.asked(at, side, what);
        if let (Some(key), Some(kept)) = (key, &mut side.of_class) {
            kept.insert(key, answer.clone());
        }
        answer
    }

    fn asked(&mut self, at: usize, side: &Side<'a>, what: Operations<'_>) -> Answer {
        let estate = self.estate;
        let Some(subject) = estate.subjects.get(at) else {
            return Answer::No;
        };
        let resource = side.resource;
        let find = || {
            let resources = [Template::new(&resource.arn, false, false)];
            let question = Question {
                actions: what.actions,
                resources: &resources,
                resource_account: Some(&resource.account),
            };
            answer(access(estate, subject, Some(resource), &question))
        };
        let apart = unseen(subject, Some(resource)).is_some()
            || !side.sessions.is_empty() && side.sessions.contains(&without_path(&subject.arn));
        let caller = self.callers.get(at).copied().flatten();
        let (Some(caller), Seen::Told(policy), false) = (caller, &resource.policy, apart) else {
            return find();
        };
        let rcps: &[Level] =
            (estate.accounts.get(&resource.account)).map_or(&[], |account| account.rcps.as_slice());
        let facts = side.facts(&subject.arn);
        let asked = Asked {
            name: what.name,
            actions: what.actions,
            resource: Some(&resource.arn),
            account: &resource.account,
            told: "",
            policy: policy.as_ref(),
            rcps,
            facts: &facts,
        };
        self.questions.answer(caller, &asked, find)
    }
}

/// Whether the subject's own policies allow any of the actions on anything. Not seen, they could; and what needs the
/// resource's word too is asked as if that were given.
pub(super) fn by_own_policies(estate: &Estate, subject: &Subject, actions: &[Template]) -> Answer {
    if subject.unseen.is_some() {
        return Answer::Yes;
    }
    let mut layers = estate.layers(subject, None);
    let own = PrincipalEntry::Account(subject.account.clone());
    layers.resource = Some(NamedPolicy::everything("given", Some(own)));
    let question = Question {
        actions,
        resources: &[Template::new("*", true, false)],
        resource_account: None,
    };
    match estate.can_under(subject, &layers, &question) {
        Reach::Can(_) => Answer::Yes,
        Reach::Cannot => Answer::No,
        Reach::Unknown(why) => Answer::Open(why.to_string()),
    }
}

fn answer(access: Option<Access>) -> Answer {
    match access {
        None => Answer::No,
        Some(Access::Can(_)) => Answer::Yes,
        Some(Access::Unknown(why)) => Answer::Open(why),
    }
}
