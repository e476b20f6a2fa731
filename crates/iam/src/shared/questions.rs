//! Answers that are kept for all who would get the same.

use super::{
    Caller, Callers, Contents,
    reads::{Reader, Reads, is_tied, text},
};
use crate::{
    analyse::speaks_of,
    model::{Effect, Level, NamedPolicy, Part, Resolved, Template, arn_part},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// An answer without the request that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Some request is allowed.
    Yes,
    /// None is.
    No,
    /// Not decided, and why.
    Open(String),
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a, 'q> {
    /// The actions' name among all questions.
    pub(crate) name: &'static str,
    /// The actions, literal and lower case.
    pub(crate) actions: &'q [Template],
    /// The resource; `None`: any.
    pub(crate) resource: Option<&'q str>,
    /// Its account.
    pub(crate) account: &'q str,
    /// What the request tells besides, the same for all who ask.
    pub(crate) told: &'q str,
    /// The resource's own policy.
    pub(crate) policy: Option<&'a NamedPolicy>,
    /// The resource control policies over it.
    pub(crate) rcps: &'a [Level],
    /// What else of the resource has a say, by name: empty where nothing has.
    pub(crate) facts: &'q str,
}

/// What the policies of a skeleton read that speak of the actions.
#[derive(Debug)]
struct Relevant<'a> {
    /// Whether an identity policy grants any of them on anything.
    grants: bool,
    /// Whether a grant names resources by variables or conditions of the principal.
    is_personal: bool,
    reads: Reads<'a>,
    /// The resources of the identity policies' grants; `None`: they may be any.
    granted: Option<Vec<&'a Template>>,
}

/// The questions of many principals.
#[derive(Debug, Default)]
pub(crate) struct Questions<'a> {
    contents: Contents<'a>,
    callers: Callers<'a>,
    relevant: BTreeMap<(usize, &'static str), Rc<Relevant<'a>>>,
    /// By class and action.
    answers: BTreeMap<(usize, &'static str), BTreeMap<Vec<u8>, Answer>>,
}

impl<'a> Questions<'a> {
    /// No questions yet, of these actions, under policies that may have a say in any of them: resource control policies.
    pub(crate) fn over(
        actions: Vec<Template>,
        around: impl Iterator<Item = &'a NamedPolicy>,
    ) -> Self {
        let mut questions = Self::default();
        questions.callers.actions = actions;
        for statement in around.flat_map(|policy| &policy.policy.statements) {
            let id = questions.contents.id(statement);
            questions.callers.surround(&questions.contents, id);
        }
        questions
    }

    /// Whether what surrounds the questions may tell members of a class apart.
    pub(crate) fn is_tied(&self) -> bool {
        self.callers.is_tied
    }

    /// The class of a caller.
    pub(crate) fn class(&self, at: usize) -> Option<usize> {
        self.callers.all.get(at).map(|known| known.class)
    }

    /// Adds a caller, which has the next number from 0; `more` is what else tells classes apart.
    pub(crate) fn add(&mut self, caller: Caller<'a>, more: &[u8]) {
        self.callers.add(&mut self.contents, caller, more);
    }

    /// How many classes there are.
    pub(crate) fn classes(&self) -> usize {
        self.callers.classes()
    }

    /// Whether all of a caller's class get the same answer by the policy of a resource.
    pub(crate) fn is_impersonal(&mut self, policy: &'a NamedPolicy) -> bool {
        policy.policy.statements.iter().all(|statement| {
            let id = self.contents.id(statement);
            self.callers.reads(&self.contents, id).is_impersonal()
        })
    }

    /// Whether an identity policy of the caller speaks of granting one of the actions, on anything.
    pub(crate) fn may_grant(
        &mut self,
        at: usize,
        name: &'static str,
        actions: &[Template],
    ) -> bool {
        self.relevant(at, name, actions)
            .is_some_and(|found| found.grants)
    }

    /// Whether members of the caller's class may get different answers by their own policies.
    pub(crate) fn is_personal(
        &mut self,
        at: usize,
        name: &'static str,
        actions: &[Template],
    ) -> bool {
        self.relevant(at, name, actions)
            .is_none_or(|found| found.is_personal)
    }

    /// The last names (`x` of `role/path/x`) of all resources on which the caller's own policies may grant the actions;
    /// `None`: that cannot be told by names.
    pub(crate) fn names(
        &mut self,
        at: usize,
        name: &'static str,
        actions: &[Template],
    ) -> Option<BTreeSet<String>> {
        let relevant = self.relevant(at, name, actions)?;
        let context = &self.callers.all.get(at)?.base.context;
        let mut names = BTreeSet::new();
        for pattern in relevant.granted.as_ref()? {
            match pattern.resolved(context) {
                Resolved::Closed(pattern) => {
                    let Some(Part::Literal(end)) = pattern.parts().last() else {
                        return None;
                    };
                    names.insert(end.rsplit_once('/')?.1.to_owned());
                }
                Resolved::Never => {}
                Resolved::Open => return None,
            }
        }
        Some(names)
    }

    /// The answer to the question, which is asked only if nobody had the same one.
    pub(crate) fn answer(
        &mut self,
        at: usize,
        asked: &Asked<'a, '_>,
        find: impl FnOnce() -> Answer,
    ) -> Answer {
        let Some(key) = self.key(at, asked) else {
            return find();
        };
        let class = self.callers.all.get(at).map_or(0, |known| known.class);
        let kept = self.answers.entry((class, asked.name)).or_default();
        if let Some(answer) = kept.get(&key) {
            return answer.clone();
        }
        let answer = find();
        kept.insert(key, answer.clone());
        answer
    }

    fn key(&mut self, at: usize, asked: &Asked<'a, '_>) -> Option<Vec<u8>> {
        let relevant = self.relevant(at, asked.name, asked.actions)?;
        let mut sides = Vec::new();
        let levels = asked.rcps.iter().flat_map(|level| &level.policies);
        let policies = asked.policy.into_iter().chain(levels);
        for statement in policies.flat_map(|policy| &policy.policy.statements) {
            let id = self.contents.id(statement);
            sides.push((id, self.callers.reads(&self.contents, id)));
        }
        let known = self.callers.all.get(at)?;
        let reader = Reader {
            base: &known.base,
            domains: known.caller.domains,
        };
        let bounded = !known.caller.boundaries.is_empty();
        let mut key = Vec::new();
        text(b'a', asked.account, &mut key);
        text(b't', asked.told, &mut key);
        text(b'f', asked.facts, &mut key);
        key.push(u8::from(asked.policy.is_some()));
        if let Some(resource) = asked.resource {
            shape(resource, &mut key);
        }
        for condition in &relevant.reads.tied {
            reader.tie(condition, &mut key);
        }
        on(&reader, &relevant.reads, asked.resource, &mut key);
        for (id, reads) in &sides {
            key.push(b'|');
            key.extend(id.to_le_bytes());
            reader.read(reads, known.caller.facts, bounded, &mut key);
            on(&reader, reads, asked.resource, &mut key);
        }
        Some(key)
    }

    fn relevant(
        &mut self,
        at: usize,
        name: &'static str,
        actions: &[Template],
    ) -> Option<Rc<Relevant<'a>>> {
        let number = self.callers.all.get(at)?.skeleton;
        if let Some(found) = self.relevant.get(&(number, name)) {
            return Some(Rc::clone(found));
        }
        let skeleton = self.callers.skeletons.get(number)?;
        let mut reads = Reads::default();
        let mut granted = Some(Vec::new());
        let mut grants = false;
        for (place, id) in skeleton.statements.iter().enumerate() {
            let statement = self.contents.statement(*id);
            let Some(statement) = statement.filter(|found| speaks_of(found, actions)) else {
                continue;
            };
            reads.add(statement);
            if place < skeleton.identity && statement.effect == Effect::Allow {
                grants = true;
                match (&statement.resources, &mut granted) {
                    (Some(resources), Some(all)) if !resources.negated => {
                        all.extend(&resources.patterns);
                    }
                    (_, granted) => *granted = None,
                }
            }
        }
        let found = Rc::new(Relevant {
            grants,
            is_personal: !reads.tied.is_empty()
                || reads.patterns.iter().any(|pattern| is_tied(pattern)),
            reads,
            granted,
        });
        self.relevant.insert((number, name), Rc::clone(&found));
        Some(found)
    }
}

/// Which of the resources' patterns match; asked of any, what stands in them.
fn on(reader: &Reader<'_>, reads: &Reads<'_>, resource: Option<&str>, key: &mut Vec<u8>) {
    for pattern in &reads.patterns {
        match resource {
            Some(resource) => key.push(reader.matches(pattern, resource)),
            None => reader.variables(pattern, key),
        }
    }
}

/// What rules that are no policy read of a resource: its service, region and type, and whether it is AWS's own.
pub(crate) fn shape(resource: &str, key: &mut Vec<u8>) {
    for part in 1..5 {
        text(b':', arn_part(resource, part).unwrap_or_default(), key);
    }
    let path = arn_part(resource, 5).unwrap_or_default();
    let reserved = ["role/aws-reserved/", "alias/aws/"];
    let reserved = reserved.iter().position(|start| path.starts_with(start));
    text(b'/', path.split('/').next().unwrap_or_default(), key);
    key.push(reserved.map_or(b'0', |at| if at == 0 { b'1' } else { b'2' }));
}
