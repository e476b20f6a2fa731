//! Several patterns as one automaton: a text for each combination of patterns that some text matches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Unknown, steps::Steps};

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
const STATES: usize = 60_000;
/// More often than this, literals are not added one by one.
const ROUNDS: usize = 64;

/// Positions in all patterns side by side, in order: those from which a pattern can go on, and ends that are reached.
type State = Vec<u32>;

/// All patterns as one automaton.
struct Joint {
    /// For each position, what it reads; `None` at a pattern's end.
    pieces: Vec<Option<Piece>>,
    /// The pattern of each position.
    owners: Vec<usize>,
    /// The first position of each pattern.
    starts: Vec<u32>,
    /// Patterns before this one are the domain's.
    domain: usize,
}

impl Joint {
    fn new(domain: &[Vec<Piece>], patterns: &[&Vec<Piece>]) -> Option<Self> {
        let mut joint = Self {
            pieces: Vec::new(),
            owners: Vec::new(),
            starts: Vec::new(),
            domain: domain.len(),
        };
        let all = || domain.iter().chain(patterns.iter().copied());
        for (owner, pattern) in all().enumerate() {
            joint.starts.push(u32::try_from(joint.pieces.len()).ok()?);
            joint.pieces.extend(pattern.iter().copied().map(Some));
            joint.pieces.push(None);
            joint.owners.resize(joint.pieces.len(), owner);
        }
        Some(joint)
    }

    fn start(&self) -> State {
        let mut state = State::new();
        for at in &self.starts {
            self.mark(&mut state, *at);
        }
        in_order(&mut state);
        state
    }

    fn piece(&self, at: u32) -> Option<Piece> {
        self.pieces.get(at as usize).copied().flatten()
    }

    /// Marks a position, and those past repeating pieces, which need no character.
    fn mark(&self, state: &mut State, mut at: u32) {
        state.push(at);
        while self.piece(at).is_some_and(Piece::repeats) {
            at += 1;
            state.push(at);
        }
    }

    fn step(&self, state: &State, character: char) -> State {
        let mut next = State::with_capacity(state.len());
        for at in state {
            if let Some(piece) = self.piece(*at)
                && piece.takes(character)
            {
                self.mark(&mut next, if piece.repeats() { *at } else { at + 1 });
            }
        }
        in_order(&mut next);
        next
    }

    fn owner(&self, at: u32) -> usize {
        self.owners.get(at as usize).copied().unwrap_or_default()
    }

    /// The patterns that match the text so far, the domain's apart; `None`: none of the domain does.
    fn accepted(&self, state: &State) -> Option<Vec<usize>> {
        let ends = state.iter().filter(|at| self.piece(**at).is_none());
        let owners: Vec<usize> = ends.map(|at| self.owner(*at)).collect();
        let in_domain = owners.iter().any(|owner| *owner < self.domain);
        in_domain.then(|| {
            owners
                .into_iter()
                .filter(|owner| *owner >= self.domain)
                .collect()
        })
    }

    /// Whether one of the domain's patterns can still match.
    fn is_alive(&self, state: &State) -> bool {
        state
            .first()
            .is_some_and(|at| self.owner(*at) < self.domain)
    }

    /// A character for each way in which the state can go on: all that no piece of it names are alike.
    fn characters(&self, state: &State) -> BTreeSet<char> {
        let mut named = BTreeSet::new();
        for piece in state.iter().filter_map(|at| self.piece(*at)) {
            names(piece, &mut named);
        }
        let other = ('a'..='z')
            .chain('0'..='9')
            .chain('\u{100}'..='\u{24f}')
            .find(|character| !named.contains(character));
        named.extend(other);
        named
    }
}

fn in_order(state: &mut State) {
    state.sort_unstable();
    state.dedup();
}

/// One text for each combination of patterns that a text of the `domain` matches; the domain is a list of patterns of
/// which one has to match. `None`: too many states.
pub(crate) fn texts(
    domain: &[Vec<Piece>],
    patterns: &BTreeSet<Vec<Piece>>,
    steps: &Steps,
) -> Result<Option<Vec<String>>, Unknown> {
    // A pattern that is one text is a cell by itself: it need not be told apart from others letter by letter. Only where
    // the text of another cell is the same by chance, the pattern joins the others, and another text is found.
    let mut literals: BTreeMap<String, &Vec<Piece>> = BTreeMap::new();
    let mut joined: Vec<&Vec<Piece>> = Vec::new();
    for pattern in patterns {
        match literal(pattern) {
            Some(text) => {
                literals.insert(text, pattern);
            }
            None => joined.push(pattern),
        }
    }
    let mut own: Vec<String> = literals.keys().cloned().collect();
    let length: usize = domain.iter().map(Vec::len).sum();
    let work = own.iter().map(|text| 1 + text.len() + length);
    steps.take(work.sum::<usize>().saturating_mul(2))?;
    own.retain(|text| domain.iter().any(|pattern| matches(pattern, text)));
    for _ in 0..ROUNDS {
        let Some(found) = cells(domain, &joined, steps)? else {
            return Ok(None);
        };
        let same: Vec<&String> = found
            .iter()
            .filter(|text| literals.contains_key(*text))
            .collect();
        if same.is_empty() {
            own.extend(found);
            own.sort();
            return Ok(Some(own));
        }
        let again: Vec<&Vec<Piece>> = same
            .iter()
            .filter_map(|text| literals.get(*text).copied())
            .collect();
        if again.iter().all(|pattern| joined.contains(pattern)) {
            // They are cells of their own already.
            own.extend(found);
            own.sort();
            own.dedup();
            return Ok(Some(own));
        }
        for pattern in again {
            if !joined.contains(&pattern) {
                joined.push(pattern);
            }
        }
    }
    Ok(None)
}

/// The text, where the pattern is one.
fn literal(pattern: &[Piece]) -> Option<String> {
    pattern
        .iter()
        .map(|piece| match piece {
            Piece::Is(character) => Some(*character),
            _ => None,
        })
        .collect()
}

/// Whether the pattern matches the text.
fn matches(pattern: &Vec<Piece>, text: &str) -> bool {
    let Some(joint) = Joint::new(std::slice::from_ref(pattern), &[]) else {
        return false;
    };
    let state = text.chars().fold(joint.start(), |state, character| {
        joint.step(&state, character)
    });
    joint.accepted(&state).is_some()
}

/// Work for each position of a state that is stepped from, or kept.
const POSITION: usize = 8;
/// Work for each step besides.
const STEP: usize = 16;

fn cells(
    domain: &[Vec<Piece>],
    patterns: &[&Vec<Piece>],
    steps: &Steps,
) -> Result<Option<Vec<String>>, Unknown> {
    steps.take(patterns.iter().map(|pattern| pattern.len()).sum())?;
    let Some(joint) = Joint::new(domain, patterns) else {
        return Ok(None);
    };
    // Where each joint state was reached from, and by which character.
    let mut trail: Vec<(usize, char)> = vec![(0, ' ')];
    let mut reached = BTreeSet::from([joint.start()]);
    let mut queue = VecDeque::from([(joint.start(), 0)]);
    let mut found: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    while let Some((state, at)) = queue.pop_front() {
        if let Some(accepted) = joint.accepted(&state) {
            found.entry(accepted).or_insert(at);
        }
        for character in joint.characters(&state) {
            steps.take(STEP + POSITION * state.len())?;
            let next = joint.step(&state, character);
            if !joint.is_alive(&next) || reached.contains(&next) {
                continue;
            }
            if reached.len() >= STATES {
                return Ok(None);
            }
            steps.take(POSITION * next.len())?;
            trail.push((at, character));
            reached.insert(next.clone());
            queue.push_back((next, trail.len() - 1));
        }
    }
    let found = found.into_values();
    Ok(Some(found.map(|at| spell(&trail, at)).collect()))
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

/// The characters that a piece tells from others.
fn names(piece: Piece, named: &mut BTreeSet<char>) {
    match piece {
        Piece::Is(character) => {
            named.insert(character);
        }
        Piece::Folded(character) => {
            named.insert(character);
            named.extend(character.to_lowercase().chain(character.to_uppercase()));
            if character.eq_ignore_ascii_case(&'k') {
                named.insert('\u{212a}');
            }
        }
        Piece::OneInside | Piece::ManyInside => {
            named.insert(':');
        }
        Piece::One | Piece::Many => {}
    }
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
        let found = texts(&[glob("*")], &patterns, &Steps::new()).unwrap();
        found.map(|texts| texts.len())
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
