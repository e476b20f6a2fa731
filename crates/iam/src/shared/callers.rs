//! Principals, sorted into classes: those that the policies over them do not tell apart.

use super::{
    Contents,
    reads::{Reader, Reads, is_personal, is_tied, text},
};
use crate::{
    analyse::speaks_of,
    eval,
    model::{
        Context, Facts, Layers, Level, NamedPolicy, Principal, Request, RequestInput, Statement,
        Template,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// A principal and what judges all its requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) principal: &'a Principal,
    /// Identity policies.
    pub(crate) identity: &'a [NamedPolicy],
    /// Its boundaries.
    pub(crate) boundaries: &'a [NamedPolicy],
    /// The service control policies over its account.
    pub(crate) scps: &'a [Level],
    /// What has a say and is no policy; of a resource it tells nothing.
    pub(crate) facts: &'a Facts,
    /// What all its requests tell.
    pub(crate) context: &'a Context,
    /// What values of free keys look like.
    pub(crate) domains: &'a BTreeMap<String, Template>,
}

impl<'a> Caller<'a> {
    /// The caller that these layers judge.
    pub(crate) fn under(
        layers: &'a Layers,
        principal: &'a Principal,
        context: &'a Context,
        domains: &'a BTreeMap<String, Template>,
    ) -> Self {
        Self {
            principal,
            identity: &layers.identity,
            boundaries: &layers.boundaries,
            scps: &layers.scps,
            facts: &layers.facts,
            context,
            domains,
        }
    }
}

/// What one principal is to the questions.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) base: Request,
    pub(super) class: usize,
    pub(super) skeleton: usize,
}

/// Statements that many principals are under.
#[derive(Debug)]
pub(super) struct Skeleton {
    /// By number: those of identity policies first.
    pub(super) statements: Vec<usize>,
    /// How many of them are of identity policies.
    pub(super) identity: usize,
}

/// All principals.
#[derive(Debug, Default)]
pub(crate) struct Callers<'a> {
    /// The actions of all questions: of others statements may speak as they like.
    pub(super) actions: Vec<Template>,
    pub(super) all: Vec<Known<'a>>,
    pub(super) skeletons: Vec<Skeleton>,
    numbers: BTreeMap<Vec<usize>, usize>,
    /// By the statement's number.
    reads: BTreeMap<usize, Rc<Reads<'a>>>,
    speaking: BTreeMap<usize, bool>,
    classes: BTreeMap<Vec<u8>, usize>,
    /// Statements that may have a say in any question.
    around: BTreeSet<usize>,
    /// Whether one of them may tell members of a class apart.
    pub(super) is_tied: bool,
}

/// Between the layers of a skeleton.
const NEXT: usize = usize::MAX;

impl<'a> Callers<'a> {
    /// Counts a statement among those that may have a say in any question.
    pub(super) fn surround(&mut self, contents: &Contents<'a>, id: usize) {
        let reads = self.reads(contents, id);
        self.is_tied |= !reads.tied.is_empty()
            || !reads.naming.is_empty()
            || reads.patterns.iter().any(|pattern| is_tied(pattern));
        self.around.insert(id);
    }

    /// Adds a caller; `more` is what else tells classes apart.
    pub(super) fn add(&mut self, contents: &mut Contents<'a>, caller: Caller<'a>, more: &[u8]) {
        let skeleton = self.skeleton(contents, &caller);
        let base = Request::new(RequestInput {
            principal: caller.principal.clone(),
            action: "a:a".to_owned(),
            resource: "*".to_owned(),
            resource_account: None,
            context: caller.context.clone(),
        });
        let mut key = self.key(contents, &caller, &base, skeleton);
        key.extend(more);
        let next = self.classes.len();
        let class = *self.classes.entry(key).or_insert(next);
        self.all.push(Known {
            caller,
            base,
            class,
            skeleton,
        });
    }

    fn skeleton(&mut self, contents: &mut Contents<'a>, caller: &Caller<'a>) -> usize {
        let mut number = Vec::new();
        let mut statements = Vec::new();
        let mut identity = 0;
        let levels = caller.scps.iter().map(|level| level.policies.as_slice());
        let bounds = caller.boundaries.iter().map(std::slice::from_ref);
        for layer in std::iter::once(caller.identity).chain(bounds).chain(levels) {
            for statement in layer.iter().flat_map(|policy| &policy.policy.statements) {
                let id = contents.id(statement);
                if self.speaks(statement, id) {
                    statements.push(id);
                    number.push(id);
                }
            }
            if !number.contains(&NEXT) {
                identity = statements.len();
            }
            number.push(NEXT);
        }
        // Boundaries and levels are each a layer: how many of them are boundaries is told too.
        number.push(caller.boundaries.len());
        let next = self.skeletons.len();
        let at = *self.numbers.entry(number).or_insert(next);
        if at == next {
            self.skeletons.push(Skeleton {
                statements,
                identity,
            });
        }
        at
    }

    fn speaks(&mut self, statement: &Statement, id: usize) -> bool {
        let actions = &self.actions;
        let speaks = || speaks_of(statement, actions);
        *self.speaking.entry(id).or_insert_with(speaks)
    }

    fn key(
        &mut self,
        contents: &Contents<'a>,
        caller: &Caller<'a>,
        base: &Request,
        skeleton: usize,
    ) -> Vec<u8> {
        let principal = &base.principal;
        let mut key = skeleton.to_le_bytes().to_vec();
        text(
            b'a',
            principal.account.as_deref().unwrap_or_default(),
            &mut key,
        );
        text(
            b'k',
            base.context.single("aws:principaltype").unwrap_or_default(),
            &mut key,
        );
        let facts = caller.facts;
        text(
            b'c',
            facts.canonical_user.as_deref().unwrap_or_default(),
            &mut key,
        );
        let spared = Layers {
            facts: Facts {
                management_account: facts.management_account.clone(),
                ..Facts::default()
            },
            ..Layers::default()
        };
        key.push(u8::from(eval::bound_by_scps(base, &spared)));
        key.push(u8::from(principal.is_service_linked_role()));
        caller.context.print(&|name| !is_personal(name), &mut key);
        for (name, domain) in caller.domains.iter().filter(|(name, _)| !is_personal(name)) {
            text(b'd', name, &mut key);
            text(b'=', domain.text(), &mut key);
        }
        let reader = Reader {
            base,
            domains: caller.domains,
        };
        let own = self.skeletons.get(skeleton).map(|found| &found.statements);
        let statements = own.into_iter().flatten().chain(&self.around);
        for id in statements.copied().collect::<Vec<_>>() {
            reader.settle(&self.reads(contents, id).settled, &mut key);
        }
        key
    }

    /// What a statement reads of principals.
    pub(super) fn reads(&mut self, contents: &Contents<'a>, id: usize) -> Rc<Reads<'a>> {
        let found = self
            .reads
            .entry(id)
            .or_insert_with(|| Rc::new(Reads::of(contents.statement(id))));
        Rc::clone(found)
    }

    /// How many classes there are.
    pub(crate) fn classes(&self) -> usize {
        self.classes.len()
    }
}
