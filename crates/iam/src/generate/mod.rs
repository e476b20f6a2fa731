//! The least policy that covers what a principal did, from CloudTrail's records, no wider than its policies today.
//!
//! A record tells an event and mostly some resources: the event is an action by its name or by a list of exceptions, and
//! a resource that no record names is all of its type in the record's account and region, which is told. What was
//! denied is left out, and an event that is not known here is told and never dropped in silence. A role that a record names
//! as passed to a service is passed, and one that it has in other words is told.

mod events;
mod limit;
mod names;
mod parameters;
mod passing;
mod records;
mod report;
mod resources;
mod rules;
mod told;
mod write;

pub use parameters::Parameters;
pub use records::{Named, Record, RecordError, records};

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{authorization::Authorization, model::Policy};
use limit::Grant;

/// An action that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedAction {
    /// `s3:GetObject`
    pub action: String,
    /// How many records show it.
    pub times: usize,
    /// The first and the last of them, as CloudTrail writes moments.
    pub first: Option<String>,
    /// The last.
    pub last: Option<String>,
    /// Resources as a policy names them.
    pub resources: BTreeSet<String>,
    /// Those of them that name more than the records do, which told no resource of their type.
    pub wide: BTreeSet<String>,
}

/// Records that are not in the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `s3.amazonaws.com`
    pub source: String,
    /// `GetObject`
    pub event: String,
    /// The error or the type of event that is the reason, where it is one.
    pub what: Option<String>,
    /// How many records.
    pub times: usize,
    /// The number of the first of them, from 1.
    pub record: usize,
}

/// What was used and is not allowed by today's policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Why it is left out.
    pub reason: String,
}

/// Whether the policy is no wider than today's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Today's policies were not given.
    NotAsked,
    /// Every request that it allows, they allow.
    NoWider,
    /// Not decided, and why.
    Unknown(String),
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The policy document; no statement where nothing was used.
    pub document: Value,
    /// What it covers.
    pub used: Vec<UsedAction>,
    /// Calls that were denied.
    pub denied: Vec<LeftOut>,
    /// Events that are no action known here.
    pub unknown: Vec<LeftOut>,
    /// Records that are no calls of an API: sign-ins, events of services.
    pub other: Vec<LeftOut>,
    /// Calls that passed a role, or may have, which their records do not tell: what has the role, in `what`.
    pub roles_untold: Vec<LeftOut>,
    /// What was used and today's policies do not allow: a resource's own policy does.
    pub beyond: Vec<Beyond>,
    /// Whether it is no wider than today's.
    pub proof: Proof,
    /// How many records are of the principal, of how many.
    pub records: (usize, usize),
}

/// The policy for a user, a role with all of its sessions, or one session, by its ARN. `today`: the principal's policies,
/// where the answer is to be no wider.
#[must_use]
pub fn generate(
    records: &[Record],
    principal: &str,
    today: Option<&[&Policy]>,
    authorization: &Authorization,
) -> Generated {
    let mut work = Work::default();
    let mut own = 0;
    for record in records.iter().filter(|record| is_of(record, principal)) {
        own += 1;
        work.add(record, authorization);
    }
    let grants = work.grants();
    let limited = match today {
        Some(today) => limit::limited(grants, today, authorization),
        None => limit::unlimited(&grants),
    };
    Generated {
        document: limited.document,
        used: work.used.into_values().collect(),
        denied: work.denied.into_values().collect(),
        unknown: work.unknown.into_values().collect(),
        other: work.other.into_values().collect(),
        roles_untold: work.untold.into_values().collect(),
        beyond: limited.beyond,
        proof: limited.proof,
        records: (own, records.len()),
    }
}

/// Whether the record is of the principal, or of a session of it. A session's ARN lacks the role's path, and role names
/// are unique in an account ("IAM identifiers").
fn is_of(record: &Record, principal: &str) -> bool {
    if record.caller.as_deref() == Some(principal) || record.issuer.as_deref() == Some(principal) {
        return true;
    }
    let (Some(caller), None, Some((account, path))) = (
        &record.caller,
        &record.issuer,
        principal.split_once(":role/"),
    ) else {
        return false;
    };
    let account = account.rsplit(':').next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    caller.contains(&format!(":{account}:assumed-role/{name}/"))
}

#[derive(Default)]
struct Work {
    used: BTreeMap<String, UsedAction>,
    denied: BTreeMap<Key, LeftOut>,
    unknown: BTreeMap<Key, LeftOut>,
    other: BTreeMap<Key, LeftOut>,
    untold: BTreeMap<Key, LeftOut>,
    /// Roles that were passed, each with the service.
    passed: BTreeSet<(String, Option<&'static str>)>,
}

/// What passing a role needs.
const PASS_ROLE: &str = "iam:PassRole";

type Key = (String, String, Option<String>);

impl Work {
    fn add(&mut self, record: &Record, authorization: &Authorization) {
        if !["AwsApiCall", "AwsConsoleAction", "AwsVpceEvent"].contains(&record.kind.as_str()) {
            return leave_out(&mut self.other, record, Some(&record.kind));
        }
        if let Some(error) = record.error.as_deref().filter(|error| is_denial(error)) {
            return leave_out(&mut self.denied, record, Some(error));
        }
        let actions = events::actions(record, authorization);
        let Some((service, first)) = actions.first() else {
            return leave_out(&mut self.unknown, record, None);
        };
        let passed = passing::of(record, service, first);
        for what in &passed.untold {
            leave_out(&mut self.untold, record, Some(what));
        }
        if !passed.roles.is_empty() {
            let roles = passed.roles.iter().map(|(role, _)| role.clone()).collect();
            self.take(PASS_ROLE.to_owned(), record, roles, BTreeSet::new());
            self.passed.extend(passed.roles);
        }
        for (service, action) in actions {
            let name = format!("{}:{}", service.prefix, action.name);
            let found = resources::of(record, service, action);
            self.take(name, record, found.patterns, found.wide);
        }
    }

    fn take(
        &mut self,
        action: String,
        record: &Record,
        patterns: BTreeSet<String>,
        wide: BTreeSet<String>,
    ) {
        let used = self
            .used
            .entry(action)
            .or_insert_with_key(|action| UsedAction {
                action: action.clone(),
                times: 0,
                first: record.time.clone(),
                last: record.time.clone(),
                resources: BTreeSet::new(),
                wide: BTreeSet::new(),
            });
        used.times += 1;
        // CloudTrail writes all moments alike, so their texts are in their order.
        if used.first.is_none() || record.time.is_some() && record.time < used.first {
            used.first.clone_from(&record.time);
        }
        if record.time > used.last {
            used.last.clone_from(&record.time);
        }
        used.resources.extend(patterns);
        used.wide.extend(wide);
    }

    /// What the policy allows: a role is passed to its service, where that is certain.
    fn grants(&self) -> Vec<Grant> {
        let used = self.used.values().filter(|used| used.action != PASS_ROLE);
        let plain = used.flat_map(|used| {
            used.resources.iter().map(|resource| Grant {
                action: used.action.clone(),
                resource: resource.clone(),
                condition: None,
            })
        });
        // What is allowed without a condition needs none with one.
        let passed = self
            .passed
            .iter()
            .filter(|(role, to)| to.is_none() || !self.passed.contains(&(role.clone(), None)));
        let passed = passed.map(|(role, to)| Grant {
            action: PASS_ROLE.to_owned(),
            resource: role.clone(),
            condition: to.map(passing::condition),
        });
        plain.chain(passed).collect()
    }
}

fn leave_out(all: &mut BTreeMap<Key, LeftOut>, record: &Record, what: Option<&str>) {
    let what = what.map(str::to_owned);
    let key = (record.source.clone(), record.name.clone(), what.clone());
    all.entry(key)
        .or_insert_with(|| LeftOut {
            source: record.source.clone(),
            event: record.name.clone(),
            what,
            times: 0,
            record: record.number,
        })
        .times += 1;
}

/// Whether the error says that permission is missing ("Troubleshooting access denied error messages", IAM User Guide;
/// EC2 says `Client.UnauthorizedOperation`). After any other error the call was let through.
fn is_denial(error: &str) -> bool {
    let error = error.to_lowercase();
    [
        "accessdenied",
        "unauthorizedoperation",
        "unauthorizedaccess",
        "authorizationerror",
        "notauthorized",
        "forbidden",
    ]
    .iter()
    .any(|denial| error.contains(denial))
}
