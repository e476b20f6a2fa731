//! Reads an estate: which calls a set of columns needs, the run that makes them, and the snapshot that it leaves.
//!
//! [`Recipes`] checks the catalogue's tables against the API models; [`plan()`] says what will be asked, and which IAM
//! policy that needs; [`run()`] asks it and writes a snapshot. Only reads of the curated list can be asked.

mod api;
mod client;
mod discover;
mod error;
mod folder;
mod organization;
mod plan;
mod progress;
mod recipe;
mod redact;
mod run;
mod snapshot;

#[cfg(test)]
mod testing;

pub use api::{Api, Ask, Page, Reason, Refusal, Wanted};
pub use discover::{Discovered, Identity, discover, identify, regions};
pub use error::CollectError;
pub use folder::{File, Folder};
pub use organization::{Member, Organization, organization};
pub use plan::{Account, Count, Described, Line, Plan, PlanError, Scope, global_region, plan};
pub use progress::{Progress, Silent};
pub use recipe::{ModelSource, Recipes, schemas};
pub use redact::{kinds, redacted};
pub use run::{Lost, RunOptions, run};
