//! Permissions that a principal has and does not use.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Judged, Open, Report, Unused, Use, Window};
use crate::{
    analyse::Found,
    authorization::Authorization,
    estate::{Access, Estate, Question, Subject, access},
    model::Template,
};

/// What `GetServiceLastAccessedDetails` told of a principal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastAccessed {
    /// The services that its policies allow.
    pub services: Vec<ServiceAccessed>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccessed {
    /// `ServiceNamespace`: `s3`.
    pub namespace: String,
    /// `LastAuthenticated`
    pub last: Option<Timestamp>,
    /// `TrackedActionsLastAccessed`; `None`: not told, as where the report was made for services alone.
    pub actions: Option<Vec<ActionAccessed>>,
}

/// An action of which IAM keeps the last use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionAccessed {
    /// `ActionName`: `GetObject`.
    pub name: String,
    /// `LastAccessedTime`
    pub last: Option<Timestamp>,
}

/// What CloudTrail's events tell besides.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// Their first moment.
    pub since: Option<Timestamp>,
    /// Whether they hold every call of the principal, data events too. If not, they only show what was used.
    pub whole: bool,
    /// The last use of each action, in lower case: `s3:getobject`.
    pub last: BTreeMap<String, Timestamp>,
}

/// A service of which something is unused.
#[derive(Debug, Clone)]
pub struct UnusedService {
    /// `s3`
    pub namespace: String,
    /// The last use of the service; `None`: none on record.
    pub last: Option<Timestamp>,
    /// The unused actions; empty: all of it.
    pub actions: Vec<UnusedAction>,
    /// Where all of it is unused, a request of it that is allowed.
    pub witness: Option<Found>,
}

/// An action that is allowed and not used.
#[derive(Debug, Clone)]
pub struct UnusedAction {
    /// `s3:GetObject`
    pub action: String,
    /// Its last use; `None`: none on record.
    pub last: Option<Timestamp>,
    /// A request of it that is allowed.
    pub witness: Found,
}

/// The permissions of a user or role that were not used in the period. Only what all policies together allow is a
/// permission: each comes with a request. `created`: when the principal was made.
#[must_use]
pub fn permissions(
    estate: &Estate,
    subject: &Subject,
    created: Option<Timestamp>,
    accessed: &Result<LastAccessed, String>,
    events: &Events,
    authorization: &Authorization,
    window: &Window,
) -> Report {
    let mut report = Report::default();
    let young = created.is_some_and(|created| created > window.since);
    if young || subject.arn.contains(":role/aws-service-role/") {
        return report;
    }
    let accessed = match accessed {
        Ok(accessed) => accessed,
        Err(reason) => {
            let judged = Judged::Unknown(reason.clone());
            report.add(
                &subject.arn,
                &subject.account,
                Unused::Permissions(Vec::new()),
                judged,
            );
            return report;
        }
    };
    let mut look = Look {
        estate,
        subject,
        events,
        authorization,
        window,
        unknown: BTreeSet::new(),
        untracked: Vec::new(),
    };
    let mut services: Vec<UnusedService> = accessed
        .services
        .iter()
        .filter_map(|service| look.service(service))
        .collect();
    services.sort_by(|a, b| a.namespace.cmp(&b.namespace));
    if !look.untracked.is_empty() {
        let services = look.untracked.join(", ");
        look.unknown.insert(format!(
            "the last use of single actions was not told of {services}, which it uses"
        ));
    }
    for reason in look.unknown {
        report.unknown.push(Open {
            resource: subject.arn.clone(),
            account: subject.account.clone(),
            finding_type: "UnusedPermission",
            reason,
        });
    }
    if !services.is_empty() {
        let judged = Judged::Unused(None);
        report.add(
            &subject.arn,
            &subject.account,
            Unused::Permissions(services),
            judged,
        );
    }
    report
}

struct Look<'a> {
    estate: &'a Estate,
    subject: &'a Subject,
    events: &'a Events,
    authorization: &'a Authorization,
    window: &'a Window,
    unknown: BTreeSet<String>,
    untracked: Vec<String>,
}

impl Look<'_> {
    fn service(&mut self, service: &ServiceAccessed) -> Option<UnusedService> {
        let namespace = service.namespace.to_lowercase();
        let prefix = format!("{namespace}:");
        let by_event = self
            .events
            .last
            .range(prefix.clone()..)
            .take_while(|(action, _)| action.starts_with(&prefix))
            .map(|(_, last)| *last)
            .max();
        let last = service.last.max(by_event);
        let mut found = UnusedService {
            namespace: service.namespace.clone(),
            last,
            actions: Vec::new(),
            witness: None,
        };
        if self.judge(last) != Judged::Used {
            found.witness = Some(self.granted(&format!("{prefix}*"))?);
            return Some(found);
        }
        let covered = self.events.whole
            && self
                .events
                .since
                .is_some_and(|since| since <= self.window.since);
        let mut actions: BTreeMap<String, Option<Timestamp>> = BTreeMap::new();
        for action in service.actions.iter().flatten() {
            let name = match action.name.split_once(':') {
                Some(_) => action.name.clone(),
                None => format!("{}:{}", service.namespace, action.name),
            };
            actions.insert(name, action.last);
        }
        match self.authorization.service(&namespace) {
            Some(known) if covered => {
                for action in &known.actions {
                    let name = format!("{}:{}", known.prefix, action.name);
                    actions.entry(name).or_insert(None);
                }
            }
            _ if actions.is_empty() => self.untracked.push(service.namespace.clone()),
            _ => {}
        }
        for (action, told) in actions {
            let last = told.max(self.events.last.get(&action.to_lowercase()).copied());
            if self.judge(last) == Judged::Used {
                continue;
            }
            if let Some(witness) = self.granted(&action) {
                found.actions.push(UnusedAction {
                    action,
                    last,
                    witness,
                });
            }
        }
        (!found.actions.is_empty()).then_some(found)
    }

    /// The principal is old enough, so that no use on record is no use.
    fn judge(&self, last: Option<Timestamp>) -> Judged {
        self.window.judge(Some(self.window.since), &Use::told(last))
    }

    /// A request of the action that is allowed, if there is one.
    fn granted(&mut self, action: &str) -> Option<Found> {
        let question = Question {
            actions: &[Template::new(&action.to_lowercase(), true, false)],
            resources: &[Template::new("*", true, false)],
            resource_account: None,
        };
        match access(self.estate, self.subject, None, &question)? {
            Access::Can(found) => Some(*found),
            Access::Unknown(reason) => {
                self.unknown
                    .insert(format!("whether `{action}` is allowed: {reason}"));
                None
            }
        }
    }
}
