//! Counts the recommendations of frameworks in each account, and tells the states of their requirements.

use super::named::ByName;
use super::of_control::Place;
use super::score::{AccountScore, Cell, FrameworkScore, Item};
use super::standing::{Asked, Standing, StandingState};
use super::states::States;
use super::tally::{Tally, ratio};
use crate::catalog::{Catalog, Framework, Named, Requirement};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Scores the frameworks that were asked as a whole and have at least one recommendation that counts.
#[must_use]
pub fn score_all(
    catalog: &Catalog,
    asked: &Asked,
    standings: &[Standing],
    tally: &Tally,
    accounts: &[String],
) -> Vec<FrameworkScore> {
    let given = Given {
        catalog,
        asked,
        states: &States::of(standings),
        tally,
    };
    catalog
        .frameworks
        .values()
        .filter(|f| asked.covers(catalog, f))
        .map(|f| given.score(f, accounts))
        .filter(|s| s.accounts.iter().any(|a| a.scored > 0))
        .collect()
}

/// What scores are made of.
struct Given<'g> {
    catalog: &'g Catalog,
    asked: &'g Asked,
    states: &'g States<'g>,
    tally: &'g Tally,
}

/// What decides a requirement.
struct Decider<'g> {
    by_name: Option<ByName<'g>>,
    /// The places of the recommendations that decide it.
    rows: Vec<usize>,
}

impl Decider<'_> {
    /// The state in an account: that of the controls of its name, or the worst of its recommendations; none where nothing
    /// is mapped to it. `start`: where the account's states begin.
    fn state(
        &self,
        states: &States<'_>,
        start: Option<usize>,
        place: Option<Place>,
    ) -> Option<StandingState> {
        let own = self.by_name.as_ref().map(|found| found.state(place));
        let rows = self.rows.iter();
        let rows = rows.filter_map(|row| states.at(start?, *row));
        own.into_iter().chain(rows).min_by_key(|state| state.rank())
    }
}

impl<'g> Given<'g> {
    fn score(&self, framework: &Framework, accounts: &[String]) -> FrameworkScore {
        let named = framework.named(self.catalog);
        let (cells, deciders) = (self.cells(framework), self.deciders(framework, &named));
        let mut items: Vec<Item> = framework
            .requirements
            .iter()
            .map(|requirement| Item {
                id: requirement.id.clone(),
                state: StandingState::NotApplicable,
                named_by: named.of(requirement).iter().map(|c| c.id.clone()).collect(),
                accounts: BTreeMap::new(),
            })
            .collect();
        let accounts: Vec<AccountScore> = accounts
            .iter()
            .map(|account| self.account(account, &cells, &deciders, &mut items))
            .collect();
        items.retain(|item| !item.accounts.is_empty());
        let scored = || accounts.iter().filter(|a| a.scored > 0);
        let worst = scored().min_by(|a, b| a.share.total_cmp(&b.share));
        let worst = worst.map(|a| a.account_id.clone());
        let shares: Vec<f64> = scored().map(|a| a.share).collect();
        #[expect(clippy::cast_precision_loss, reason = "a number of accounts")]
        let mean = if shares.is_empty() {
            0.0
        } else {
            shares.iter().sum::<f64>() / shares.len() as f64
        };
        FrameworkScore {
            framework: framework.id.clone(),
            accounts,
            mean,
            worst,
            items,
        }
    }

    /// The cells of a framework, with nothing counted; each with the places of the recommendations that count there.
    fn cells(&self, framework: &Framework) -> Vec<(Cell, Vec<usize>)> {
        let mut cells: Vec<(Cell, Vec<String>, Vec<usize>)> = Vec::new();
        let mut counted = BTreeSet::new();
        for requirement in &framework.requirements {
            let is_here = |(c, ..): &(Cell, Vec<String>, Vec<usize>)| {
                c.phase == requirement.phase && c.group == requirement.group
            };
            let at = cells.iter().position(is_here).unwrap_or_else(|| {
                cells.push((empty_cell(requirement), Vec::new(), Vec::new()));
                cells.len() - 1
            });
            let Some((_, ids, rows)) = cells.get_mut(at) else {
                continue;
            };
            for id in &requirement.recommendations {
                if !ids.contains(id) {
                    ids.push(id.clone());
                }
                if counted.insert(id) {
                    rows.extend(self.states.recommendation(id));
                }
            }
        }
        let whole = |(cell, ids, rows)| {
            let cell = Cell {
                recommendations: Arc::new(ids),
                ..cell
            };
            (cell, rows)
        };
        cells.into_iter().map(whole).collect()
    }

    /// What decides each of a framework's requirements.
    fn deciders(&self, framework: &Framework, named: &Named<'_>) -> Vec<Decider<'g>> {
        let decider = |requirement: &Requirement| {
            let is_asked = |control: &str| self.asked.controls.contains(control);
            let by_name = ByName::new(named.of(requirement), is_asked, self.tally);
            let rows = requirement.recommendations.iter();
            let rows = rows.filter(|_| named.rows_decide(requirement));
            Decider {
                rows: rows
                    .filter_map(|id| self.states.recommendation(id))
                    .collect(),
                by_name,
            }
        };
        framework.requirements.iter().map(decider).collect()
    }

    fn account(
        &self,
        account: &str,
        cells: &[(Cell, Vec<usize>)],
        deciders: &[Decider<'_>],
        items: &mut [Item],
    ) -> AccountScore {
        let (start, place) = (self.states.account(account), self.tally.place(account));
        for (decider, item) in deciders.iter().zip(items) {
            let Some(state) = decider.state(self.states, start, place) else {
                continue;
            };
            *item.accounts.entry(state).or_default() += 1;
            if state.rank() < item.state.rank() {
                item.state = state;
            }
        }
        let counted = |(cell, rows): &(Cell, Vec<usize>)| {
            let mut cell = cell.clone();
            let states = rows.iter().filter_map(|row| self.states.at(start?, *row));
            states.for_each(|state| cell.count(state));
            cell
        };
        let cells: Vec<Cell> = cells.iter().map(counted).collect();
        let mut score = AccountScore {
            account_id: account.to_owned(),
            met: 0,
            scored: 0,
            unknown: cells.iter().map(|cell| cell.unknown).sum(),
            share: 0.0,
            cells,
        };
        (score.met, score.scored) = score.counts_of(None);
        if score.scored > 0 {
            score.share = ratio(score.met, score.scored);
        }
        score
    }
}

fn empty_cell(requirement: &Requirement) -> Cell {
    Cell {
        phase: requirement.phase,
        group: requirement.group.clone(),
        met: 0,
        scored: 0,
        unknown: 0,
        not_met: 0,
        recommendations: Arc::default(),
    }
}

#[cfg(test)]
mod tests;
