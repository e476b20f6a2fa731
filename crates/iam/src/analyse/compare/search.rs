//! The exact comparison of few statements: every combination of cells is looked at.

use super::{
    Grammar, Witness, allows,
    cells::{Space, fixed},
};
use crate::{
    analyse::{
        Unknown, fits,
        points::{Assignment, PRINCIPAL_KEYS, is_exact, names_by_id},
        space::{Matches, Wanted, combine},
        steps::{SEARCH, Steps},
        typed::Typed,
    },
    authorization::Authorization,
    model::{Effect, Policy, Request, Statement},
};

/// Two policies.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) old: &'a Policy,
    pub(super) new: &'a Policy,
    pub(super) grammar: Grammar,
    /// What is known of actions: those that it knows are asked on their own resources only.
    pub(super) authorization: Option<&'a Authorization>,
    pub(super) steps: &'a Steps,
}

enum Search {
    Nothing,
    Found(Box<Witness>),
    /// Only requests that the evaluator does not confirm.
    Contradicted,
}

impl Pair<'_> {
    /// A request that the new policy allows and the old one does not.
    pub(super) fn find(self) -> Result<Option<Witness>, Unknown> {
        let found = self.find_named()?;
        // Whoever has an id that is named is none of those who were asked.
        let (new, old) = (self.new.statements.iter(), self.old.statements.iter());
        let mut bringing = (new.filter(|found| found.effect == Effect::Allow))
            .chain(old.filter(|found| found.effect == Effect::Deny));
        if found.is_none() && bringing.any(names_by_id) {
            return Err(Unknown::Id);
        }
        Ok(found)
    }

    /// The same of those whom names tell.
    fn find_named(self) -> Result<Option<Witness>, Unknown> {
        // First every key by itself, which covers more requests than there are: nothing found there is nothing at all.
        // What is found may give the principal keys that it cannot have: then they are tied to it.
        for tied in [false, true] {
            let mut answer = self.search(tied, None)?;
            if let (Search::Found(witness), Some(authorization)) = (&answer, self.authorization)
                && !fits(
                    authorization,
                    &witness.request.action,
                    &witness.request.resource,
                )
            {
                let typed = Typed::of(&[self.new, self.old], authorization);
                answer = self.search(tied, Some(typed))?;
            }
            match answer {
                Search::Found(witness) => return Ok(Some(*witness)),
                Search::Nothing if !tied || is_exact(&[self.new, self.old]) => return Ok(None),
                Search::Contradicted if !tied => {}
                Search::Nothing | Search::Contradicted => break,
            }
        }
        Err(Unknown::Principal)
    }

    fn search(self, tied: bool, typed: Option<Typed>) -> Result<Search, Unknown> {
        self.steps.take(SEARCH)?;
        let policies = [self.new, self.old];
        let space = Space::of(&policies, self.grammar, tied, typed, self.steps)?;
        let news = self.new.statements.len();
        let statements: Vec<&Statement> = self
            .new
            .statements
            .iter()
            .chain(&self.old.statements)
            .collect();
        let classes = space.classes();
        let flags = |of_class: bool, wanted: &dyn Fn(usize, &Statement) -> bool| {
            let statements = statements.iter().enumerate();
            let statements = statements.map(|(at, statement)| wanted(at, statement));
            Matches::new(statements.chain((0..classes).map(|_| of_class)))
        };
        let pick = |is_new: bool, effect: Effect| {
            flags(false, &|at, statement| {
                (at < news) == is_new && statement.effect == effect
            })
        };
        let (granting, denying) = (pick(true, Effect::Allow), pick(true, Effect::Deny));
        let (old_granting, old_denying) = (pick(false, Effect::Allow), pick(false, Effect::Deny));
        let all = flags(true, &|_, _| true);
        let any_class = flags(true, &|_, _| false);
        let wanted = Wanted {
            good: flags(true, &|at, statement| {
                (at < news) == (statement.effect == Effect::Allow)
            }),
            needed: Some(granting.clone()),
        };
        let dimensions = space.dimensions(&statements, self.steps)?;
        let mut contradicted = false;
        for (matches, chosen) in combine(all, &wanted, &dimensions, self.steps)? {
            let allowed = |granting: &Matches, denying: &Matches| {
                matches.meets(granting) && !matches.meets(denying)
            };
            if !allowed(&granting, &denying)
                || allowed(&old_granting, &old_denying)
                || classes > 0 && !matches.meets(&any_class)
            {
                continue;
            }
            let Some((request, context)) = space.request(&chosen) else {
                continue;
            };
            if contradicts(&request, &context, self.grammar) || !self.confirms(&request) {
                contradicted = true;
                continue;
            }
            let by_new = matches.both(&granting);
            return Ok(Search::Found(Box::new(Witness {
                request,
                context,
                statements: (0..news).filter(|at| by_new.has(*at)).collect(),
            })));
        }
        Ok(if contradicted {
            Search::Contradicted
        } else {
            Search::Nothing
        })
    }

    fn confirms(&self, request: &Request) -> bool {
        allows(self.new, request, self.grammar) && !allows(self.old, request, self.grammar)
    }
}

/// Whether keys that the principal fixes are told otherwise.
pub(super) fn contradicts(request: &Request, context: &Assignment, grammar: Grammar) -> bool {
    if grammar == Grammar::Identity {
        return false;
    }
    let fixed = fixed(&request.principal);
    context.iter().any(|(key, value)| {
        PRINCIPAL_KEYS.contains(&key.as_str())
            && fixed
                .iter()
                .any(|(known, own)| known == key && own != value)
    })
}
