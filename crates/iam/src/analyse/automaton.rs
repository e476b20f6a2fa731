//! Several patterns as one automaton: a text for each combination of patterns that some text matches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Piece {
    /// This character.
    Is(char),
    /// This character in either case.
    Folded(char),
    /// Any one character.
    One,
    /// Any one character but a colon.
    OneInside,
    /// Any characters.
    Many,
    /// Any characters but colons.
    ManyInside,
}

impl Piece {
    fn takes(self, character: char) -> bool {
        match self {
            Self::Is(wanted) => wanted == character,
            Self::Folded(wanted) => wanted.to_lowercase().eq(character.to_lowercase()),
            Self::One | Self::Many => true,
            Self::OneInside | Self::ManyInside => character != ':',
        }
    }

    fn repeats(self) -> bool {
        matches!(self, Self::Many | Self::ManyInside)
    }
}

/// More joint states than this are not explored.
const STATES: usize = 20_000;

/// Positions of all patterns side by side, one bit each.
type State = Vec<u64>;

/// All patterns as one automaton.
struct Joint {
    /// For each position, what it reads; `None` at a pattern's end.
    pieces: Vec<Option<Piece>>,
    /// The end of each pattern.
    ends: Vec<usize>,
}

impl Joint {
    fn new(patterns: &[&Vec<Piece>]) -> Self {
        let mut pieces = Vec::new();
        let mut ends = Vec::new();
        for pattern in patterns {
            pieces.extend(pattern.iter().copied().map(Some));
            ends.push(pieces.len());
            pieces.push(None);
        }
        Self { pieces, ends }
    }

    fn start(&self) -> State {
        let mut state = vec![0; self.pieces.len().div_ceil(64)];
        let mut from = 0;
        for end in &self.ends {
            self.mark(&mut state, from);
            from = end + 1;
        }
        state
    }

    /// Marks a position, and those past repeating pieces, which need no character.
    fn mark(&self, state: &mut State, mut at: usize) {
        loop {
            let Some(word) = state.get_mut(at / 64) else {
                return;
            };
            let bit = 1 << (at % 64);
            if *word & bit != 0 {
                return;
            }
            *word |= bit;
            match self.pieces.get(at) {
                Some(Some(piece)) if piece.repeats() => at += 1,
                _ => return,
            }
        }
    }

    fn step(&self, state: &State, character: char) -> State {
        let mut next = vec![0; state.len()];
        for (index, word) in state.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                let at = index * 64 + word.trailing_zeros() as usize;
                word &= word - 1;
                if let Some(Some(piece)) = self.pieces.get(at)
                    && piece.takes(character)
                {
                    self.mark(&mut next, if piece.repeats() { at } else { at + 1 });
                }
            }
        }
        next
    }

    fn accepted(&self, state: &State) -> Vec<bool> {
        let has = |at: &usize| {
            state
                .get(at / 64)
                .is_some_and(|word| word & (1 << (at % 64)) != 0)
        };
        self.ends.iter().map(has).collect()
    }

    /// Whether one of the first patterns can still match.
    fn is_alive(&self, state: &State, patterns: usize) -> bool {
        let end = patterns
            .checked_sub(1)
            .and_then(|last| self.ends.get(last))
            .map_or(0, |end| end + 1);
        (0..end).any(|at| {
            state
                .get(at / 64)
                .is_some_and(|word| word & (1 << (at % 64)) != 0)
        })
    }
}

/// One text for each combination of patterns that a text of the `domain` matches; the domain is a list of patterns of
/// which one has to match. `None`: too many states.
pub(crate) fn texts(domain: &[Vec<Piece>], patterns: &BTreeSet<Vec<Piece>>) -> Option<Vec<String>> {
    let all: Vec<&Vec<Piece>> = domain.iter().chain(patterns).collect();
    let alphabet = alphabet(&all);
    let joint = Joint::new(&all);
    // Where each joint state was reached from, and by which character.
    let mut trail: Vec<(usize, char)> = vec![(0, ' ')];
    let mut reached = BTreeSet::from([joint.start()]);
    let mut queue = VecDeque::from([(joint.start(), 0)]);
    let mut found: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
    while let Some((state, at)) = queue.pop_front() {
        let accepted = joint.accepted(&state);
        if accepted.iter().take(domain.len()).any(|accepted| *accepted) {
            let by_pattern = accepted.get(domain.len()..).unwrap_or_default().to_vec();
            found.entry(by_pattern).or_insert(at);
        }
        for character in &alphabet {
            let next = joint.step(&state, *character);
            if !joint.is_alive(&next, domain.len()) || reached.contains(&next) {
                continue;
            }
            if reached.len() >= STATES {
                return None;
            }
            trail.push((at, *character));
            reached.insert(next.clone());
            queue.push_back((next, trail.len() - 1));
        }
    }
    Some(found.into_values().map(|at| spell(&trail, at)).collect())
}

fn spell(trail: &[(usize, char)], mut at: usize) -> String {
    let mut characters = Vec::new();
    while at != 0
        && let Some((from, character)) = trail.get(at)
    {
        characters.push(*character);
        at = *from;
    }
    characters.iter().rev().collect()
}

/// Every character that some pattern names, in both cases where case is folded, and one that none names.
fn alphabet(patterns: &[&Vec<Piece>]) -> BTreeSet<char> {
    let mut alphabet = BTreeSet::new();
    for piece in patterns.iter().copied().flatten() {
        match *piece {
            Piece::Is(character) => {
                alphabet.insert(character);
            }
            Piece::Folded(character) => {
                alphabet.insert(character);
                alphabet.extend(character.to_lowercase().chain(character.to_uppercase()));
                if character.eq_ignore_ascii_case(&'k') {
                    alphabet.insert('\u{212a}');
                }
            }
            Piece::OneInside | Piece::ManyInside => {
                alphabet.insert(':');
            }
            Piece::One | Piece::Many => {}
        }
    }
    let other = ('a'..='z')
        .chain('0'..='9')
        .chain('\u{100}'..='\u{24f}')
        .find(|c| {
            !alphabet.contains(c)
                && !alphabet
                    .iter()
                    .any(|known| known.to_lowercase().eq(c.to_lowercase()))
        });
    alphabet.extend(other);
    alphabet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Vec<Piece> {
        text.chars()
            .map(|c| match c {
                '*' => Piece::Many,
                '?' => Piece::One,
                c => Piece::Is(c),
            })
            .collect()
    }

    fn cells(patterns: &[&str]) -> Option<usize> {
        let patterns = patterns.iter().map(|text| glob(text)).collect();
        texts(&[glob("*")], &patterns).map(|texts| texts.len())
    }

    #[test]
    fn a_text_for_every_cell() {
        // Only a*, only *b, both, neither.
        assert_eq!(cells(&["a*", "*b"]), Some(4));
        // "ab" is inside "a*": never it alone.
        assert_eq!(cells(&["a*", "ab"]), Some(3));
        assert_eq!(cells(&["*", "**"]), Some(1));
        assert_eq!(cells(&["?", "a"]), Some(3));
    }

    #[test]
    fn too_many_states_are_not_explored() {
        let patterns: Vec<String> = (0..12)
            .map(|n| format!("*{}*", "ab".repeat(n + 1).replace("ba", &format!("b{n}a"))))
            .collect();
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        assert!(cells(&patterns).is_none_or(|cells| cells <= 1 << 12));
    }
}
