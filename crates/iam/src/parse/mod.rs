//! Reads policies, with the place of everything that is wrong.
//!
//! *Strict* accepts what IAM accepts when a policy is saved ("IAM JSON policy element reference", IAM User Guide).
//! *Lenient* reads what has one meaning though IAM would refuse it (a bare ARN as principal, elements in another
//! case), and hands the problems back beside the policy.

mod conditions;
mod document;
pub mod json;
mod principals;
mod strict;

pub(crate) use document::{DOCUMENT, STATEMENT};
pub use document::{policy_from_node, read_policy};

use crate::{error::DocumentError, model::Policy};

/// How much is forgiven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As IAM.
    Strict,
    /// What has one meaning is read.
    Lenient,
}

/// Where a policy is attached: it decides which elements it must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// User, group, role, boundary or session policy.
    Identity,
    /// On a resource.
    Resource,
    /// A role's trust policy.
    Trust,
    /// Service control policy.
    ServiceControl,
    /// Resource control policy.
    ResourceControl,
    /// VPC endpoint policy.
    Endpoint,
}

/// A policy, and what IAM would refuse in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The policy.
    pub policy: Policy,
    /// Problems, in the document's order; empty in strict mode.
    pub problems: Vec<DocumentError>,
}

/// Collects problems: fatal in strict mode, remarks in lenient mode.
pub(crate) struct Notes {
    mode: Mode,
    problems: Vec<DocumentError>,
}

impl Notes {
    fn new(mode: Mode) -> Self {
        Self {
            mode,
            problems: Vec::new(),
        }
    }

    pub(crate) fn refuse(&mut self, error: DocumentError) -> Result<(), DocumentError> {
        match self.mode {
            Mode::Strict => Err(error),
            Mode::Lenient => {
                self.problems.push(error);
                Ok(())
            }
        }
    }
}
