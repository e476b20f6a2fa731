//! Findings as JSON, in the shape of `GetFindingV2` (IAM Access Analyzer API Reference), and what is more: the requests
//! that show a permission.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Finding, Open, Report, Unused, UnusedService, Window};
use crate::simulate::witness;

impl Finding {
    /// As JSON.
    #[must_use]
    pub fn document(&self) -> Value {
        let details: Vec<Value> = match &self.unused {
            Unused::Role => vec![detail("unusedIamRoleDetails", Map::new(), self.last)],
            Unused::User => vec![detail("unusedIamUserDetails", Map::new(), self.last)],
            Unused::Password => vec![detail(
                "unusedIamUserPasswordDetails",
                Map::new(),
                self.last,
            )],
            Unused::AccessKey(id) => {
                let mut own = Map::new();
                own.insert("accessKeyId".to_owned(), id.as_str().into());
                vec![detail("unusedIamUserAccessKeyDetails", own, self.last)]
            }
            Unused::Permissions(services) => services.iter().map(service).collect(),
        };
        json!({
            "findingType": self.unused.name(),
            "resource": self.resource,
            "resourceType": resource_type(&self.resource),
            "resourceOwnerAccount": self.account,
            "status": "ACTIVE",
            "findingDetails": details,
        })
    }
}

impl Open {
    /// As JSON.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({
            "findingType": self.finding_type,
            "resource": self.resource,
            "resourceType": resource_type(&self.resource),
            "resourceOwnerAccount": self.account,
            "reason": self.reason,
        })
    }
}

impl Report {
    /// As JSON: `palisade.access-unused/v1`.
    #[must_use]
    pub fn document(&self, window: &Window) -> Value {
        json!({
            "schema": "palisade.access-unused/v1",
            "days": window.days(),
            "since": window.since().to_string(),
            "until": window.until().to_string(),
            "findings": self.findings.iter().map(Finding::document).collect::<Vec<_>>(),
            "unknown": self.unknown.iter().map(Open::document).collect::<Vec<_>>(),
        })
    }
}

fn resource_type(arn: &str) -> &'static str {
    if arn.contains(":role/") {
        "AWS::IAM::Role"
    } else {
        "AWS::IAM::User"
    }
}

fn detail(name: &str, mut own: Map<String, Value>, last: Option<Timestamp>) -> Value {
    if let Some(last) = last {
        own.insert("lastAccessed".to_owned(), last.to_string().into());
    }
    json!({ name: own })
}

fn service(found: &UnusedService) -> Value {
    let mut own = Map::new();
    own.insert(
        "serviceNamespace".to_owned(),
        found.namespace.as_str().into(),
    );
    if !found.actions.is_empty() {
        let actions = found.actions.iter().map(|action| {
            let mut told = Map::new();
            told.insert("action".to_owned(), action.action.as_str().into());
            if let Some(last) = action.last {
                told.insert("lastAccessed".to_owned(), last.to_string().into());
            }
            told.insert("witness".to_owned(), witness(&action.witness, false));
            Value::Object(told)
        });
        own.insert("actions".to_owned(), actions.collect());
    }
    if let Some(request) = &found.witness {
        own.insert("witness".to_owned(), witness(request, false));
    }
    detail("unusedPermissionDetails", own, found.last)
}
