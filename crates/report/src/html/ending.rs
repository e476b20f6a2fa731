//! The ends of the accounts' pages, several of which are written at the same time.

use super::head;
use super::heads::Heads;
use super::pages::{Frame, One};
use super::tail::{Frameworks, Tail, frameworks};
use crate::unsent::Unsent;
use palisade_core::assess::{
    AccountScore, Collection, FrameworkScore, Planner, Standing, Summary, Tally,
};
use palisade_core::snapshot::AccountScope;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Bytes that are written at once.
const AT_ONCE: usize = 64 << 10;

/// What the ends of the pages are made of.
pub(super) struct Ending<'e> {
    frame: &'e Frame<'e>,
    summary: &'e Summary,
    heads: &'e Heads,
    unsent: &'e Unsent,
    frameworks: Frameworks<'e>,
    planner: Planner<'e>,
    standings: BTreeMap<&'e str, Vec<&'e Standing>>,
    scores: BTreeMap<&'e str, Vec<(&'e FrameworkScore, &'e AccountScore)>>,
}

impl<'e> Ending<'e> {
    pub(super) fn new(
        frame: &'e Frame<'e>,
        summary: &'e Summary,
        heads: &'e Heads,
        unsent: &'e Unsent,
    ) -> Self {
        let mut standings: BTreeMap<&str, Vec<&Standing>> = BTreeMap::new();
        for standing in &summary.standings {
            let own = standings.entry(&standing.account_id).or_default();
            own.push(standing);
        }
        let mut scores: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for score in &summary.scores {
            // Where nothing of it counts, there is no score.
            for account in score.accounts.iter().filter(|a| a.scored > 0) {
                let own = scores.entry(account.account_id.as_str()).or_default();
                own.push((score, account));
            }
        }
        Self {
            frame,
            summary,
            heads,
            unsent,
            frameworks: frameworks(frame.catalog),
            planner: Planner::new(frame.catalog),
            standings,
            scores,
        }
    }

    /// Ends the pages of all accounts; one that has no finding is begun first.
    pub(super) fn all(
        &self,
        pages: impl Iterator<Item = (AccountScope, Option<One>)> + Send,
    ) -> io::Result<()> {
        let pages = Mutex::new(pages);
        let work = || {
            loop {
                let next = pages.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((account, one)) = next else {
                    return Ok(());
                };
                let one = match one {
                    Some(one) => one,
                    None => self.frame.begun(&account.id)?,
                };
                self.page(&account, one)?;
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done: io::Result<()> = work();
            for other in others {
                let other = other.join();
                let stopped = |_| Err(io::Error::other("a page could not be ended"));
                done = done.and(other.unwrap_or_else(stopped));
            }
            done
        })
    }

    fn page(&self, account: &AccountScope, mut one: One) -> io::Result<()> {
        let own = self.of(account, &one);
        one.rows.close(&mut one.held)?;
        let file = self.frame.append(&account.id, &mut one.held)?;
        let mut out = BufWriter::with_capacity(AT_ONCE, file);
        let accounts = std::slice::from_ref(account);
        let controls = one.rows.controls(self.heads);
        let (catalog, totals) = (self.frame.catalog, &one.totals);
        Tail::new(catalog, &controls, &own, totals, &self.frameworks, accounts)
            .with(&one.rows, self.heads)
            .told(self.unsent)
            .write(&mut out)?;
        head::close(&mut out)?;
        out.flush()
    }

    /// The account's part of the summary.
    fn of(&self, account: &AccountScope, one: &One) -> Summary {
        let own = self.standings.get(account.id.as_str()).into_iter();
        let standings: Vec<Standing> = own.flatten().map(|one| (*one).clone()).collect();
        let scores = self.scores.get(account.id.as_str()).into_iter().flatten();
        Summary {
            scores: scores.map(|(score, own)| alone(score, own)).collect(),
            roadmap: self.planner.steps(&standings, &self.summary.tally),
            standings,
            collection: Collection {
                blind: one.totals.blind(),
                ..Collection::default()
            },
            waivers: Vec::new(),
            tally: Tally::default(),
        }
    }
}

/// A score of one account.
fn alone(score: &FrameworkScore, account: &AccountScore) -> FrameworkScore {
    FrameworkScore {
        framework: score.framework.clone(),
        accounts: vec![account.clone()],
        mean: account.share,
        worst: Some(account.account_id.clone()),
        // A page tells of cells alone.
        items: Vec::new(),
    }
}
