//! Reads an estate: which calls a set of columns needs, the run that makes them, and the snapshot that it leaves.

mod recipe;
mod redact;

pub use recipe::{ModelSource, Recipes, schemas};
#[cfg(test)]
mod testing;
