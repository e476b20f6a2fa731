//! Accounts, principals and resources with their policies, and questions over all of them: who can do this, what can
//! that one do, who from outside can.
//!
//! A "yes" comes with a request that the evaluator allows. What was not seen makes an answer unknown, with the call that
//! failed, never a "no". Keys that nothing fixes are free: an answer holds for some value of them, which the request tells.

mod admin;
mod alike;
mod anything;
mod asking;
mod change;
mod escalate;
mod guardrails;
mod keys;
mod kinds;
mod not_granted;
mod outside;
mod people;
mod person;
mod questions;
mod ungoverned;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::authorization::Authorization;
use crate::model::{Facts, Level, NamedPolicy};

pub use admin::{Administrator, administrators};
pub use change::{Change, Gained, NewAccess, Target, changed, new_access};
pub use escalate::field;
pub use guardrails::{Guardrails, Holes, Limits, guardrails};
pub use keys::{KeyAccess, KeyUse, each_key_use, key_access};
pub use kinds::{KINDS, Kind};
pub use not_granted::{NotGranted, not_granted};
pub use outside::{External, ExternalTo, Zone, external};
pub(crate) use person::Question;
pub(crate) use questions::access;
pub use questions::{Access, Answer, Can, WhatCan, what_can, who_can};

/// All that a snapshot tells of access.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    /// The organization's id and management account, where they are known.
    pub organization: Option<Organization>,
    /// What is known of each account.
    pub accounts: BTreeMap<String, Account>,
    /// Users and roles.
    pub subjects: Arc<[Subject]>,
    /// Groups of users.
    pub groups: Arc<[Group]>,
    /// Resources with policies of their own, KMS keys, buckets and roles.
    pub resources: Vec<Resource>,
    /// Lists of resources that were not seen whole; `what` is the type.
    pub unlisted: Vec<Gap>,
    /// Types of resources that nobody was asked for.
    pub unasked: Vec<&'static str>,
    /// Calls that failed, so that principals or guardrails are missing: what each leaves open.
    pub gaps: Vec<Gap>,
    /// The actions that there are, so that requests which show an answer name real ones.
    pub authorization: Option<Arc<Authorization>>,
}

/// The organization.
#[derive(Debug, Clone)]
pub struct Organization {
    /// `o-...`
    pub id: String,
    /// Its management account.
    pub management_account: Option<String>,
    /// Its accounts, where they were listed.
    pub accounts: BTreeSet<String>,
}

/// What is known of an account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Its service control policies, root first.
    pub scps: Vec<Level>,
    /// Its resource control policies, root first.
    pub rcps: Vec<Level>,
    /// Whether it is in the organization.
    pub in_organization: bool,
    /// Its canonical user id, for S3.
    pub canonical_user: Option<String>,
}

/// A call that failed, and what it would have told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The account.
    pub account: String,
    /// What is missing: `principals`, `service control policies`, ...
    pub what: &'static str,
    /// The call and its outcome: `iam:GetAccountAuthorizationDetails was denied (AccessDenied)`.
    pub call: String,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} of account {}: {}",
            self.what, self.account, self.call
        )
    }
}

/// A user or role.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// Its unique id: `AIDA...`, `AROA...`.
    pub id: Option<String>,
    /// Its own policies and those of its groups; a managed one is called by its ARN.
    pub identity: Vec<NamedPolicy>,
    /// The ARNs of the groups that a user is in.
    pub groups: Vec<String>,
    /// Its boundary, if it has one.
    pub boundaries: Vec<NamedPolicy>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// What of it was not seen: a policy that could not be read.
    pub unseen: Option<String>,
}

/// A group of users.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// Its policies; a managed one is called by its ARN.
    pub identity: Vec<NamedPolicy>,
    /// What of it was not seen.
    pub unseen: Option<String>,
}

/// A resource that has a say in who may use it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// Its type, as CloudFormation calls it: `AWS::S3::Bucket`.
    pub kind: &'static str,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its policy.
    pub policy: Seen<Option<NamedPolicy>>,
    /// Grants, ACLs and switches.
    pub facts: Facts,
    /// What of them was not seen.
    pub unseen: Option<String>,
}

/// What a call told, or the call that failed.
#[derive(Debug, Clone)]
pub enum Seen<T> {
    /// It was answered.
    Told(T),
    /// The call and its outcome.
    Unseen(String),
}
