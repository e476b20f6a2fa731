//! Questions that are asked once for all principals that no statement tells apart.
//!
//! In a large account thousands of principals have the same policies. What those allow one of them, they allow each, as
//! far as no condition, variable or `Principal` element reads who it is. So principals are sorted into classes by all
//! that policies read of them, and an answer is kept for the class, the action, what the policies tell of the resource,
//! and whatever else the question's own statements read of the principal.

mod callers;
mod contents;
mod questions;
mod reads;

pub(crate) use callers::{Caller, Callers};
pub(crate) use contents::{Contents, same};
pub(crate) use questions::{Answer, Asked, Questions, shape};
pub(crate) use reads::text;
