//! Two readings of one rule: what holds when keys not told are absent, and under which condition on them it would.

use std::rc::Rc;

/// A test whose outcome hangs on a key that the request does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// The condition operator; `ResourceLike` for a resource with such a policy variable.
    pub operator: String,
    /// The condition key, or the resource.
    pub key: String,
    /// The policy's values.
    pub values: Vec<String>,
}

/// A value of the logic that rules are written in.
pub(crate) trait Truth: Clone {
    fn of(value: bool) -> Self;
    /// Outcome of a test on a key not told: `closed` when the key is absent.
    fn open(closed: bool, atom: impl FnOnce() -> Atom) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn negate(self) -> Self;
    fn is_no(&self) -> bool;
    fn is_yes(&self) -> bool;
}

impl Truth for bool {
    fn of(value: bool) -> Self {
        value
    }
    fn open(closed: bool, _: impl FnOnce() -> Atom) -> Self {
        closed
    }
    fn and(self, other: Self) -> Self {
        self && other
    }
    fn or(self, other: Self) -> Self {
        self || other
    }
    fn negate(self) -> Self {
        !self
    }
    fn is_no(&self) -> bool {
        !*self
    }
    fn is_yes(&self) -> bool {
        *self
    }
}

/// More terms than this in one place are not worth reading.
const TERMS: usize = 512;

/// A condition over keys that the request does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// Always.
    Yes,
    /// Never.
    No,
    /// When the test holds.
    Test(Rc<Atom>),
    /// When all hold.
    All(Vec<Self>),
    /// When one holds.
    Any(Vec<Self>),
    /// When it does not hold.
    Not(Box<Self>),
    /// The condition has too many terms to be told.
    TooLarge,
}

impl Formula {
    /// Whether it tests the key; one too large to be told may.
    pub(crate) fn tests(&self, key: &str) -> bool {
        match self {
            Self::Yes | Self::No => false,
            Self::Test(atom) => {
                atom.key.eq_ignore_ascii_case(key)
                    || atom.values.iter().any(|value| {
                        value
                            .to_lowercase()
                            .contains(&format!("${{{}", key.to_lowercase()))
                    })
            }
            Self::All(terms) | Self::Any(terms) => terms.iter().any(|term| term.tests(key)),
            Self::Not(term) => term.tests(key),
            Self::TooLarge => true,
        }
    }

    fn join(self, other: Self, all: bool) -> Self {
        let (neutral, absorbing) = if all {
            (Self::Yes, Self::No)
        } else {
            (Self::No, Self::Yes)
        };
        if self == absorbing || other == absorbing {
            return absorbing;
        }
        if self == neutral || self == other {
            return other;
        }
        if other == neutral {
            return self;
        }
        if self == Self::TooLarge || other == Self::TooLarge {
            return Self::TooLarge;
        }
        let mut terms = Vec::new();
        for side in [self, other] {
            let side = match (side, all) {
                (Self::All(terms), true) | (Self::Any(terms), false) => terms,
                (single, _) => vec![single],
            };
            for term in side {
                if terms.contains(&term) {
                    continue;
                }
                if terms.contains(&term.clone().negate()) {
                    return absorbing;
                }
                terms.push(term);
            }
        }
        if terms.len() > TERMS {
            return Self::TooLarge;
        }
        if all {
            Self::All(terms)
        } else {
            Self::Any(terms)
        }
    }
}

impl Truth for Formula {
    fn of(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
    fn open(_: bool, atom: impl FnOnce() -> Atom) -> Self {
        Self::Test(Rc::new(atom()))
    }
    fn and(self, other: Self) -> Self {
        self.join(other, true)
    }
    fn or(self, other: Self) -> Self {
        self.join(other, false)
    }
    fn negate(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Not(inner) => *inner,
            Self::TooLarge => Self::TooLarge,
            other => Self::Not(Box::new(other)),
        }
    }
    fn is_no(&self) -> bool {
        *self == Self::No
    }
    fn is_yes(&self) -> bool {
        *self == Self::Yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(key: &str) -> Formula {
        Formula::open(false, || Atom {
            operator: "Bool".into(),
            key: key.into(),
            values: vec!["true".into()],
        })
    }

    #[test]
    fn formulas_are_simplified() {
        assert_eq!(atom("a").and(Formula::Yes), atom("a"));
        assert_eq!(atom("a").or(atom("a")), atom("a"));
        assert_eq!(atom("a").and(atom("a").negate()), Formula::No);
        assert_eq!(atom("a").or(atom("b")).or(atom("a").negate()), Formula::Yes);
        assert_eq!(
            atom("a").and(atom("b")).and(atom("a")),
            Formula::All(vec![atom("a"), atom("b")])
        );
    }
}
