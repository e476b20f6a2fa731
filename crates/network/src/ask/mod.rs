//! The questions, and the documented, versioned shapes of their answers.

mod check;
mod described;
mod diff;
mod egress;
mod exposed;
mod exposure;
mod graph;
mod pairs;
mod path;
mod place;
mod resource;
mod svg;

pub use check::{CheckAnswer, Intents, RuleAnswer, Violation};
pub use diff::{Change, DiffAnswer, diff};
pub use egress::{EgressAnswer, EgressRow};
pub use exposed::{ExposureAnswer, ExposureRow};
pub use exposure::Exposure;
pub use graph::{GraphFormat, path_graph, vpc_graph};
pub use pairs::{End, PairClass, PairSet, PairTraffic, PairsAnswer};
pub use path::{HopAnswer, Packet, PathAnswer, PathQuestion, Verdict};
pub use resource::Resource;
