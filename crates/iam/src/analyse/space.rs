//! Combinations of cells, told apart only by the statements that match.

use std::collections::BTreeMap;

use super::Unknown;

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

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    pub(crate) fn has(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

/// For each combination of matching statements: the index of a point in every dimension.
pub(crate) type Combinations = BTreeMap<Matches, Vec<usize>>;

/// Combines dimensions, each a list of points with the statements that match there. A combination in which none of
/// `needed` matches is dropped: it cannot come back.
pub(crate) fn combine(
    all: Matches,
    needed: &Matches,
    dimensions: &[Vec<Matches>],
) -> Result<Combinations, Unknown> {
    let mut combinations = Combinations::from([(all, Vec::new())]);
    for dimension in dimensions {
        let mut cells: BTreeMap<&Matches, usize> = BTreeMap::new();
        for (at, matches) in dimension.iter().enumerate() {
            cells.entry(matches).or_insert(at);
        }
        let mut next = Combinations::new();
        for (matches, points) in &combinations {
            for (cell, at) in &cells {
                let both = matches.both(cell);
                if !both.meets(needed) {
                    continue;
                }
                next.entry(both)
                    .or_insert_with(|| points.iter().copied().chain([*at]).collect());
            }
            if next.len() > COMBINATIONS {
                return Err(Unknown::TooManyCombinations);
            }
        }
        combinations = next;
    }
    Ok(combinations)
}
