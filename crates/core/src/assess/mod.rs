//! From findings to what people are told: states of recommendations, scores of frameworks, what to do next.

mod decide;
mod named;
mod of_control;
mod phase;
mod roadmap;
mod score;
mod scoring;
mod standing;
mod states;
mod summary;
mod tally;

pub use named::ByName;
pub use of_control::{Example, OfControl, Place};
pub use phase::{ENOUGH, Matrix, Phase, ROOT, Spread};
pub use roadmap::{NO_PHASE, Planner, Step, roadmap, within};
pub use score::{AccountScore, Cell, FrameworkScore, Item};
pub use scoring::score_all;
pub use standing::{Answer, Asked, Standing, StandingState, standings};
pub use summary::{Collection, Header, Summary, Waiver};
pub use tally::{Blind, Counts, Exposure, Tally, Totals};
