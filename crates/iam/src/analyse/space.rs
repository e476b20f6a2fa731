//! Combinations of cells, told apart only by the statements that match.

use std::collections::{BTreeMap, BTreeSet};

use super::{Unknown, steps::Steps};

/// More combinations than this are not followed.
const COMBINATIONS: usize = 100_000;

/// Which statements match, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Matches(Vec<u64>);

impl Matches {
    /// From one flag a statement.
    pub(crate) fn new(flags: impl IntoIterator<Item = bool>) -> Self {
        let mut words = Vec::new();
        for (at, flag) in flags.into_iter().enumerate() {
            if at % 64 == 0 {
                words.push(0);
            }
            if let (true, Some(word)) = (flag, words.last_mut()) {
                *word |= 1 << (at % 64);
            }
        }
        Self(words)
    }

    pub(crate) fn both(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Machine words that it takes.
    fn words(&self) -> usize {
        self.0.len()
    }

    /// Of as many as `like`, this one.
    fn only(at: usize, like: &Self) -> Self {
        let mut words = vec![0; like.0.len()];
        if let Some(word) = words.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
        Self(words)
    }

    fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// Whether this point is at least as good as the other: it matches every statement of `good` that the other
    /// matches, and no other statement that the other does not match.
    fn covers(&self, other: &Self, good: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .zip(&good.0)
            .all(|((own, other), good)| other & good & !own == 0 && own & !good & !other == 0)
    }

    pub(crate) fn has(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

/// A combination of matching statements, and the index of its point in every dimension.
pub(crate) type Combination = (Matches, Vec<usize>);

/// What a question wants of the statements that match.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Statements that can only help the answer; all others can only hinder it.
    pub(crate) good: Matches,
    /// One of these has to match; `None`: none has to.
    pub(crate) needed: Option<Matches>,
}

/// Combines dimensions, each a list of points with the statements that match there. A combination in which none of
/// `needed` matches is dropped, as it cannot come back; so is one that another is at least as good as, since statements
/// match by dimension and so what is better in one dimension stays better.
pub(crate) fn combine(
    all: Matches,
    wanted: &Wanted,
    dimensions: &[Vec<Matches>],
    steps: &Steps,
) -> Result<Vec<Combination>, Unknown> {
    let words = 1 + all.words() / WORDS;
    let mut combinations = vec![(all, Vec::new())];
    for dimension in dimensions {
        let cells: Vec<Combination> = dimension
            .iter()
            .enumerate()
            .map(|(at, matches)| (matches.clone(), vec![at]))
            .collect();
        let cells = best(cells, &wanted.good, steps)?;
        if let [(cell, chosen)] = cells.as_slice() {
            // One point is as good as all others: the combinations stay as many as they are.
            for (matches, points) in &mut combinations {
                *matches = matches.both(cell);
                points.extend(chosen);
            }
            combinations.retain(|(matches, _)| wanted.is_met(matches));
            combinations = best(combinations, &wanted.good, steps)?;
            continue;
        }
        let mut next: BTreeMap<Matches, Vec<usize>> = BTreeMap::new();
        for (matches, points) in &combinations {
            steps.take(cells.len().saturating_mul(2 * words))?;
            for (cell, at) in &cells {
                let both = matches.both(cell);
                if !wanted.is_met(&both) {
                    continue;
                }
                next.entry(both)
                    .or_insert_with(|| points.iter().chain(at).copied().collect());
            }
            if next.len() > COMBINATIONS {
                return Err(Unknown::TooManyCombinations);
            }
        }
        combinations = best(next.into_iter().collect(), &wanted.good, steps)?;
    }
    Ok(combinations)
}

impl Wanted {
    fn is_met(&self, matches: &Matches) -> bool {
        self.needed
            .as_ref()
            .is_none_or(|needed| matches.meets(needed))
    }
}

/// Combinations in which one statement matches, for one of several that do the same: where it matches, the others of its
/// kind say nothing more, so they tell no points apart.
pub(crate) fn combine_for(
    statement: usize,
    alike: &Matches,
    good: &Matches,
    all: &Matches,
    dimensions: &[Vec<Matches>],
    steps: &Steps,
) -> Result<Vec<Combination>, Unknown> {
    let only = Matches::only(statement, all);
    let kept = all.without(alike).or(&only);
    // Points at which the statement does not match are none of its own.
    let mut places: Vec<Vec<usize>> = Vec::with_capacity(dimensions.len());
    let mut own: Vec<Vec<Matches>> = Vec::with_capacity(dimensions.len());
    for dimension in dimensions {
        steps.take(dimension.len().saturating_mul(1 + all.words() / WORDS))?;
        let found = dimension.iter().enumerate();
        let (at, matches) = found
            .filter(|(_, matches)| matches.has(statement))
            .map(|(at, matches)| (at, matches.both(&kept)))
            .unzip();
        places.push(at);
        own.push(matches);
    }
    let wanted = Wanted {
        good: good.both(&kept),
        needed: Some(only),
    };
    let combinations = combine(kept, &wanted, &own, steps)?;
    let back = |chosen: Vec<usize>| -> Option<Vec<usize>> {
        let points = chosen.iter().zip(&places);
        points
            .map(|(at, places)| places.get(*at).copied())
            .collect()
    };
    Ok(combinations
        .into_iter()
        .filter_map(|(matches, chosen)| Some((matches, back(chosen)?)))
        .collect())
}

/// More combinations than this are not compared with each other.
const COMPARED: usize = 4_000;

/// Machine words that are worked on in one step.
const WORDS: usize = 16;

/// The combinations that no other is at least as good as; of equals the first.
fn best(
    mut combinations: Vec<Combination>,
    good: &Matches,
    steps: &Steps,
) -> Result<Vec<Combination>, Unknown> {
    let words = 1 + good.words() / WORDS;
    steps.take(combinations.len().saturating_mul(words))?;
    if combinations.len() > COMPARED {
        let mut seen = BTreeSet::new();
        combinations.retain(|(matches, _)| seen.insert(matches.clone()));
        return Ok(combinations);
    }
    let mut kept: Vec<Combination> = Vec::new();
    for found in combinations {
        steps.take(kept.len().saturating_mul(words))?;
        if kept.iter().any(|(other, _)| other.covers(&found.0, good)) {
            continue;
        }
        kept.retain(|(other, _)| !found.0.covers(other, good));
        kept.push(found);
    }
    Ok(kept)
}
