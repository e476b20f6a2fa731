//! Questions about all requests at once, answered exactly or not at all.
//!
//! A request is a point in a space with one dimension for the principal, the action, the resource and each condition
//! key. What a policy says in one dimension divides it into cells within which no statement can tell two points apart.
//! `points` finds one point of every cell, by running all patterns of the dimension as one automaton; `space`
//! combines the cells of all dimensions, keeping for each combination only *which statements match*. So a question is
//! decided by finitely many combinations, and every answer "yes" comes with a request, which the evaluator confirms.

mod automaton;
mod before;
mod classes;
mod compare;
mod cover;
mod index;
mod matched;
mod narrow;
mod points;
mod reach;
mod space;
mod spell;
mod steps;
mod tried;
mod typed;

pub(crate) use cover::wider;
pub(crate) use narrow::{may_meet, speaks_of};

pub use compare::{Comparison, Grammar, Witness, compare};
pub(crate) use compare::{Question, allows, names_action};
pub(crate) use points::unsigned;
pub use points::{anyone, callers};
pub(crate) use reach::reach_within;
pub use reach::{Ask, Found, Reach, beyond, reach};
pub use spell::spelled;
pub(crate) use steps::Steps;
pub(crate) use typed::{fits, kinds};

/// Why a question has no exact answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// The patterns of one dimension have too many joint states.
    #[error("the patterns of {0} are too many to be told apart exactly")]
    TooManyPatterns(String),
    /// Too many combinations of statements.
    #[error("the statements combine in too many ways")]
    TooManyCombinations,
    /// A policy variable ties two dimensions together in a way that is not modelled.
    #[error(
        "the policy variable in `{0}` ties it to another key in a way that is not decided exactly"
    )]
    Variable(String),
    /// A key whose values are not divided into cells.
    #[error("the values that conditions compare `{0}` with are not decided exactly")]
    Operator(String),
    /// More work than a question may take.
    #[error("the policies are too large to compare exactly: more than {0} steps")]
    TooLarge(u64),
    /// A principal is named by an id, and whose it is only the account tells.
    #[error("a principal is named by an id, and whose that is the policy does not tell")]
    Id,
    /// Keys that follow from the principal contradict it in every request found.
    #[error("each request found has keys that its principal cannot have")]
    Principal,
}

impl Unknown {
    /// The condition key that it is about, if it is about one.
    fn key(&self) -> Option<&str> {
        match self {
            Self::TooManyPatterns(key) | Self::Variable(key) | Self::Operator(key)
                if key.contains(':') && !key.starts_with("arn:") =>
            {
                Some(key)
            }
            _ => None,
        }
    }
}
