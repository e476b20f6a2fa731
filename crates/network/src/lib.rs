//! Network reachability: who can send a packet to whom, exactly, and why not.
//!
//! Pure: no IO, no async. A description ([`from_dump`]) becomes an [`model::Estate`].

pub mod ask;
pub mod dump;
pub mod error;
mod eval;
pub mod explain;
pub mod headers;
pub mod model;

pub use dump::{Document, from_dump};
pub use error::{Error, Warning};
pub use eval::Network;
