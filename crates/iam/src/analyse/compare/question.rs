//! What of two policies has to be looked at, and in which order, so that large ones are compared too.
//!
//! A request that the new policy allows meets one of its Allow statements and none of its Deny statements. So what an
//! Allow statement of the old policy obviously takes in brings nothing, a Deny statement of the old policy that the new
//! one takes in says nothing, and each Allow statement has to be compared with those statements only that may meet it.

use std::collections::BTreeMap;

use super::{Grammar, Witness, matches, names_action, search::Pair};
use crate::{
    analyse::{Found, Unknown, fits, index::Index, spell::spelled, steps::Steps},
    authorization::Authorization,
    model::{Effect, Policy, Request, Statement, Version},
};

/// Statements with their places in their policy.
pub(super) type Placed<'a> = Vec<(usize, &'a Statement)>;

/// Two policies, looked through.
pub(crate) struct Question<'a> {
    pub(super) grammar: Grammar,
    pub(super) authorization: Option<&'a Authorization>,
    pub(super) steps: &'a Steps,
    /// For real actions in requests that show an answer.
    spelling: Steps,
    /// The new policy's Allow statements that nothing obvious takes in.
    news: Placed<'a>,
    denies: Index<'a>,
    old_allows: Index<'a>,
    old_denies: Index<'a>,
    /// Those that no Deny statement of the new policy obviously takes in.
    open_denies: Index<'a>,
}

/// Up to so many statements are compared together; of more, each Allow statement by itself.
const TOGETHER: usize = 64;

impl<'a> Question<'a> {
    pub(crate) fn new(
        old: &'a Policy,
        new: &'a Policy,
        grammar: Grammar,
        authorization: Option<&'a Authorization>,
        steps: &'a Steps,
    ) -> Result<Self, Unknown> {
        let of = |policy: &'a Policy, effect: Effect| -> Placed<'a> {
            let all = policy.statements.iter().enumerate();
            all.filter(|(_, found)| found.effect == effect).collect()
        };
        let denies = Index::new(of(new, Effect::Deny));
        let old_allows = Index::new(of(old, Effect::Allow));
        let old_denies = of(old, Effect::Deny);
        let mut open = Vec::new();
        for (at, statement) in &old_denies {
            if !denies.covers(statement, steps)? {
                open.push((*at, *statement));
            }
        }
        let open_denies = Index::new(open);
        let mut news = Vec::new();
        for (at, statement) in of(new, Effect::Allow) {
            let is_old = old_allows.covers(statement, steps)?
                && open_denies.meeting(statement, steps)?.is_empty();
            if !is_old {
                news.push((at, statement));
            }
        }
        Ok(Self {
            grammar,
            authorization,
            steps,
            spelling: Steps::few(),
            news,
            denies,
            old_allows,
            old_denies: Index::new(old_denies),
            open_denies,
        })
    }

    /// A request that the new policy allows and the old one does not.
    pub(crate) fn any(&self) -> Result<Option<Witness>, Unknown> {
        match self.together() {
            Some(decided) if decided.is_ok() || self.news.len() < 2 => return decided,
            _ => {}
        }
        let mut reason = None;
        for (at, _) in &self.news {
            match self.by(*at) {
                Ok(Some(witness)) => return Ok(Some(witness)),
                Ok(None) => {}
                Err(unknown) => reason = Some(unknown),
            }
        }
        reason.map_or(Ok(None), Err)
    }

    /// The same of all statements at once, where they are few.
    pub(crate) fn together(&self) -> Option<Result<Option<Witness>, Unknown>> {
        let old = self.old_allows.all().len() + self.open_denies.all().len();
        let is_small = self.news.len() + self.denies.all().len() + old <= TOGETHER;
        is_small.then(|| self.ask(&self.news))
    }

    /// The Allow statements that may bring something, by their places.
    pub(crate) fn statements(&self) -> impl Iterator<Item = usize> {
        self.news.iter().map(|(at, _)| *at)
    }

    /// A request that this Allow statement of the new policy lets through and the old policy does not allow.
    pub(crate) fn by(&self, at: usize) -> Result<Option<Witness>, Unknown> {
        let mut news = self.news.iter();
        match news.find(|(own, _)| *own == at) {
            Some(found) => self.ask(std::slice::from_ref(found)),
            None => Ok(None),
        }
    }

    /// The request with a real action, if the statement lets one through.
    pub(crate) fn spelled(&self, at: usize, found: Found) -> Found {
        let own = self.news.iter().find(|(own, _)| *own == at);
        let (Some(authorization), Some(own)) = (self.authorization, own) else {
            return found;
        };
        // What many statements let through is told as it was found.
        if self.spelling.take(SEARCHED).is_err() {
            return found;
        }
        let is_asked = |action: &str| names_action(own.1, action);
        let own = std::slice::from_ref(own);
        spelled(found, authorization, &is_asked, &|request| {
            self.spelling.take(SPELLED).is_ok() && self.confirms(own, request)
        })
    }

    fn ask(&self, news: &[(usize, &'a Statement)]) -> Result<Option<Witness>, Unknown> {
        let mut denies = BTreeMap::new();
        let mut old_allows = BTreeMap::new();
        let mut old_denies = BTreeMap::new();
        for (_, statement) in news {
            denies.extend(self.denies.meeting(statement, self.steps)?);
            old_allows.extend(self.old_allows.meeting(statement, self.steps)?);
            old_denies.extend(self.open_denies.meeting(statement, self.steps)?);
        }
        let policy = |statements: Vec<&Statement>| Policy {
            version: Version::V2012,
            id: None,
            statements: statements.into_iter().cloned().collect(),
        };
        let allows = news.iter().map(|(_, statement)| *statement);
        let new = policy(allows.chain(denies.into_values()).collect());
        let old = policy(
            old_allows
                .into_values()
                .chain(old_denies.into_values())
                .collect(),
        );
        let pair = Pair {
            old: &old,
            new: &new,
            grammar: self.grammar,
            authorization: self.authorization,
            steps: self.steps,
        };
        let many = self.news.len() + new.statements.len() + old.statements.len() > TOGETHER;
        if many && let Some(witness) = self.tried(news, &old) {
            return Ok(Some(witness));
        }
        let reason = match pair.find() {
            Ok(answer) => return Ok(answer.map(|witness| self.placed(news, witness))),
            Err(unknown) => unknown,
        };
        if let Some(answer) = self.with_variables(news, pair) {
            return Ok(answer);
        }
        if !many && let Some(witness) = self.tried(news, &old) {
            return Ok(Some(witness));
        }
        Err(reason)
    }

    /// The witness with the places of its statements in their policy.
    pub(super) fn placed(&self, news: &[(usize, &'a Statement)], witness: Witness) -> Witness {
        let by = news
            .iter()
            .filter(|(_, statement)| matches(statement, &witness.request, self.grammar));
        Witness {
            statements: by.map(|(at, _)| *at).collect(),
            ..witness
        }
    }

    /// The evaluator's word: one of the new statements allows the request, none denies it, and the old policy does not
    /// allow it.
    pub(super) fn confirms(&self, news: &[(usize, &'a Statement)], request: &Request) -> bool {
        let says = |index: &Index<'_>| {
            let found = index.of_action(&request.action);
            let mut found = found.into_iter();
            found.any(|statement| matches(statement, request, self.grammar))
        };
        let mut allows = news.iter();
        allows.any(|(_, statement)| matches(statement, request, self.grammar))
            && !says(&self.denies)
            && (!says(&self.old_allows) || says(&self.old_denies))
            && self
                .authorization
                .is_none_or(|known| fits(known, &request.action, &request.resource))
    }
}

/// Work of looking for a real action.
const SEARCHED: usize = 20_000;
/// Work of trying one.
const SPELLED: usize = 1_000;
