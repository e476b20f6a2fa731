//! Network reachability: who can send a packet to whom, exactly, and why not.
//!
//! Pure: no IO, no async. A description ([`from_dump`]) becomes a [`model::Estate`], that becomes a [`Network`], and that answers:
//! [`Network::exposed`], [`Network::egress`], [`Network::path`], [`Network::pairs`], [`Network::check`], [`ask::diff`], and pictures. After
//! [`Network::edit`] an [`ask::Exposure`] is brought up to date without asking all anew. What a description leaves out and what the engine does not model is named in each answer that it could touch; such an answer is `unknown`, never a guess.

pub mod ask;
pub mod dump;
pub mod error;
mod eval;
pub mod explain;
pub mod headers;
pub mod model;

pub use dump::{Document, from_dump, members};
pub use error::{Error, Warning};
pub use eval::{Edit, Network, Touched};
