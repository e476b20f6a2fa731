//! One module a command: from arguments as typed to the rooms that do it.

pub(crate) mod access;
pub(crate) mod assess;
pub(crate) mod attest;
pub(crate) mod check;
pub(crate) mod collect;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod explain;
pub(crate) mod list;
pub(crate) mod network;
pub(crate) mod new;
pub(crate) mod permissions;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod roadmap;
