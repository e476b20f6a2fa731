//! From a snapshot's rows to principals, guardrails and what is not known of them.

use super::super::{Inputs, People};
use super::resources;
use indexmap::IndexMap;
use palisade_iam::estate::{Account, Estate, Gap, Group, Organization, Subject};
use palisade_iam::model::{Level, NamedPolicy, Policy};
use palisade_iam::parse::{Mode, PolicyKind, read_policy};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) type Row = Map<String, Value>;

pub(super) fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name)?.as_str()
}

pub(super) fn list<'a>(row: &'a Row, name: &str) -> impl Iterator<Item = &'a Row> {
    row.get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

/// Documents that many rows share are read once.
#[derive(Default)]
pub(super) struct Documents {
    /// Those without principals.
    plain: Read,
    with_principals: Read,
}

/// By text: documents are long, and begin alike.
type Read = IndexMap<String, Result<Arc<Policy>, String>>;

impl Documents {
    /// Reads a document; an error says what is wrong with it and where.
    pub(super) fn policy(
        &mut self,
        name: &str,
        document: &str,
        kind: PolicyKind,
    ) -> Result<NamedPolicy, String> {
        let read = match kind {
            PolicyKind::Resource | PolicyKind::Trust | PolicyKind::ResourceControl => {
                &mut self.with_principals
            }
            _ => &mut self.plain,
        };
        let policy = match read.get(document) {
            Some(known) => known.clone(),
            None => {
                let parsed = read_policy(document, kind, Mode::Lenient);
                let parsed = parsed.map(|parsed| Arc::new(parsed.policy));
                let new = parsed.map_err(|e| e.to_string());
                read.insert(document.to_owned(), new.clone());
                new
            }
        }
        .map_err(|e| format!("policy `{name}` can't be read: {e}"))?;
        Ok(NamedPolicy {
            name: name.to_owned(),
            policy,
        })
    }
}

/// Everything that the tables tell.
pub(super) fn estate(inputs: &Inputs) -> Estate {
    let mut documents = Documents::default();
    let mut estate = Estate::default();
    organization(inputs, &mut estate);
    guardrails(inputs, &mut documents, &mut estate);
    if inputs.reads("aws_iam_user") {
        let people = inputs.shared().people.get_or_init(|| people(inputs));
        estate.subjects = Arc::clone(&people.subjects);
        estate.groups = Arc::clone(&people.groups);
    }
    resources::resources(inputs, &mut documents, &mut estate);
    principals_missing(inputs, &mut estate);
    estate.gaps.sort();
    estate.gaps.dedup();
    estate
}

fn organization(inputs: &Inputs, estate: &mut Estate) {
    for account in inputs.accounts() {
        estate
            .accounts
            .insert(account.id.clone(), Account::default());
    }
    let listed: BTreeSet<String> = inputs
        .rows("aws_organizations_account", &["id"])
        .filter_map(|row| text(&row, "id").map(str::to_owned))
        .collect();
    let told = inputs
        .rows(
            "aws_organizations_organization",
            &["id", "master_account_id"],
        )
        .find_map(|row| {
            Some(Organization {
                id: text(&row, "id")?.to_owned(),
                management_account: text(&row, "master_account_id").map(str::to_owned),
                accounts: BTreeSet::new(),
            })
        });
    // The ARN of an account names its organization and the management account too.
    let mut arns = inputs.rows("aws_organizations_account", &["arn"]);
    let by_account = arns.find_map(|row| {
        let arn = text(&row, "arn")?;
        Some(Organization {
            id: arn.split('/').nth(1)?.to_owned(),
            management_account: arn.split(':').nth(4).map(str::to_owned),
            accounts: BTreeSet::new(),
        })
    });
    if let Some(mut organization) = told.or(by_account) {
        organization.accounts = listed;
        for (id, account) in &mut estate.accounts {
            // Where nothing was listed, an account that can describe the organization is in it.
            account.in_organization =
                organization.accounts.is_empty() || organization.accounts.contains(id);
        }
        estate.organization = Some(organization);
    }
}

/// Policies by what they are attached to.
type Attached = BTreeMap<String, Vec<NamedPolicy>>;

fn guardrails(inputs: &Inputs, documents: &mut Documents, estate: &mut Estate) {
    if estate.organization.is_none() {
        let accounts: Vec<String> = estate.accounts.keys().cloned().collect();
        for account in accounts {
            let call = "organizations:DescribeOrganization";
            if let Some(call) = inputs.missing(call, &account, None) {
                estate.gaps.push(Gap {
                    account,
                    what: "guardrails (SCPs, RCPs)",
                    call,
                });
            }
        }
        return;
    }
    let mut gap = |call: String| {
        for account in estate.accounts.keys() {
            estate.gaps.push(Gap {
                account: account.clone(),
                what: "guardrails (SCPs, RCPs)",
                call: call.clone(),
            });
        }
    };
    let mut read = |table: &str, kind: PolicyKind| -> Attached {
        let mut attached = Attached::new();
        for row in inputs.rows(table, &["name", "content", "targets"]) {
            let name = text(&row, "name").unwrap_or_default();
            let found = text(&row, "content")
                .ok_or_else(|| format!("organizations:DescribePolicy: `{name}` was not read"))
                .and_then(|content| documents.policy(name, content, kind));
            let policy = match found {
                Ok(policy) => policy,
                Err(why) => {
                    gap(why);
                    continue;
                }
            };
            if row.get("targets").is_none_or(Value::is_null) {
                gap(format!(
                    "organizations:ListTargetsForPolicy: targets of `{name}` were not read"
                ));
            }
            for target in list(&row, "targets") {
                if let Some(id) = text(target, "target_id") {
                    attached
                        .entry(id.to_owned())
                        .or_default()
                        .push(policy.clone());
                }
            }
        }
        attached
    };
    let scps = read("aws_organizations_policy", PolicyKind::ServiceControl);
    let rcps = read(
        "aws_organizations_resource_control_policy",
        PolicyKind::ResourceControl,
    );
    let management = inputs.accounts().iter().any(|account| {
        inputs
            .missing("organizations:ListPolicies", &account.id, None)
            .is_none()
    });
    if !management {
        gap("organizations:ListPolicies: no account of the snapshot could list them".to_owned());
    }
    let root = inputs
        .rows("aws_organizations_root", &["id"])
        .find_map(|row| text(&row, "id").map(str::to_owned));
    let paths: BTreeMap<String, Option<String>> = inputs
        .rows("aws_organizations_account", &["id", "paths"])
        .filter_map(|row| {
            let path = row
                .get("paths")
                .and_then(Value::as_array)
                .and_then(|paths| paths.first())
                .and_then(Value::as_str)
                .map(str::to_owned);
            Some((text(&row, "id")?.to_owned(), path))
        })
        .collect();
    let below_root: BTreeSet<String> = inputs
        .rows("aws_organizations_organizational_unit", &["id"])
        .filter_map(|row| text(&row, "id").map(str::to_owned))
        .collect();
    let mut pathless = Vec::new();
    for (id, account) in &mut estate.accounts {
        // `o-x/r-x/ou-x/ou-y/`: root, units from above, and the account.
        let mut chain: Vec<String> = match paths.get(id).cloned().flatten() {
            Some(path) => path
                .split('/')
                .filter(|part| part.starts_with("r-") || part.starts_with("ou-"))
                .map(str::to_owned)
                .collect(),
            None => {
                if account.in_organization && !below_root.is_empty() {
                    pathless.push(id.clone());
                }
                root.clone().into_iter().collect()
            }
        };
        chain.push(id.clone());
        let levels = |attached: &Attached| -> Vec<Level> {
            if attached.is_empty() {
                return Vec::new();
            }
            chain
                .iter()
                .map(|target| Level {
                    name: target.clone(),
                    policies: attached.get(target).cloned().unwrap_or_default(),
                })
                .collect()
        };
        account.scps = levels(&scps);
        account.rcps = levels(&rcps);
    }
    for account in pathless {
        estate.gaps.push(Gap {
            account,
            what: "guardrails (SCPs, RCPs) of organizational units",
            call: "organizations:ListAccounts: told no path of the account".to_owned(),
        });
    }
}

/// What is read of a group.
const GROUP: &[&str] = &[
    "account_id",
    "group_name",
    "arn",
    "group_policy_list",
    "attached_managed_policies",
];

/// What is read of a user or a role.
const PRINCIPAL: &[&str] = &[
    "arn",
    "account_id",
    "user_id",
    "role_id",
    "user_policy_list",
    "role_policy_list",
    "attached_managed_policies",
    "group_list",
    "permissions_boundary",
    "tags",
];

/// Users, roles and groups. What one principal's row lacks is told once.
fn people(inputs: &Inputs) -> People {
    let mut documents = Documents::default();
    let mut managed: Managed = BTreeMap::new();
    for row in inputs.rows(
        "aws_iam_policy",
        &["account_id", "arn", "policy_version_list"],
    ) {
        let default = list(&row, "policy_version_list")
            .find(|version| version.get("is_default_version") == Some(&Value::Bool(true)));
        let account = text(&row, "account_id").unwrap_or_default().to_owned();
        if let (Some(arn), Some(document)) =
            (text(&row, "arn"), default.and_then(|v| text(v, "document")))
        {
            let policy = documents.policy(arn, document, PolicyKind::Identity);
            managed.insert((account, arn.to_owned()), policy);
        }
    }
    let mut reader = Reader {
        managed: &managed,
        documents: &mut documents,
    };
    let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
    for row in inputs.rows("aws_iam_group", GROUP) {
        let account = text(&row, "account_id").unwrap_or_default().to_owned();
        let name = text(&row, "group_name").unwrap_or_default().to_owned();
        let (identity, unseen) = reader.own(&row, &account, "group_policy_list");
        let arn = text(&row, "arn").map(str::to_owned);
        let arn = arn.unwrap_or_else(|| format!("arn:aws:iam::{account}:group/{name}"));
        let group = Group {
            arn,
            account: account.clone(),
            identity,
            unseen,
        };
        groups.insert((account, name), group);
    }
    let mut subjects = Vec::new();
    for (table, inline, id) in [
        ("aws_iam_user", "user_policy_list", "user_id"),
        ("aws_iam_role", "role_policy_list", "role_id"),
    ] {
        for row in inputs.rows(table, PRINCIPAL) {
            let (Some(arn), Some(account)) = (text(&row, "arn"), text(&row, "account_id")) else {
                continue;
            };
            let (mut identity, mut unseen) = reader.own(&row, account, inline);
            let names = row.get("group_list").and_then(Value::as_array);
            let mut member_of = Vec::new();
            for group in names.into_iter().flatten().filter_map(Value::as_str) {
                match groups.get(&(account.to_owned(), group.to_owned())) {
                    Some(found) => {
                        identity.extend(found.identity.iter().cloned());
                        unseen = unseen.or_else(|| found.unseen.clone());
                        member_of.push(found.arn.clone());
                    }
                    None => unseen = unseen.or(Some(format!("group `{group}` was not seen"))),
                }
            }
            let boundary = row
                .get("permissions_boundary")
                .and_then(Value::as_object)
                .and_then(|boundary| text(boundary, "permissions_boundary_arn"));
            let mut boundaries = Vec::new();
            if let Some(arn) = boundary {
                match reader.managed(account, arn) {
                    Ok(policy) => boundaries.push(policy),
                    Err(why) => unseen = unseen.or(Some(why)),
                }
            }
            subjects.push(Subject {
                arn: arn.to_owned(),
                account: account.to_owned(),
                id: text(&row, id).map(str::to_owned),
                identity,
                groups: member_of,
                boundaries,
                tags: list(&row, "tags")
                    .filter_map(|tag| {
                        Some((text(tag, "key")?.to_owned(), text(tag, "value")?.to_owned()))
                    })
                    .collect(),
                unseen,
            });
        }
    }
    subjects.sort_by(|a, b| a.arn.cmp(&b.arn));
    People {
        subjects: subjects.into(),
        groups: groups.into_values().collect(),
    }
}

/// Managed policies by account and ARN; an error says why one can't be read.
type Managed = BTreeMap<(String, String), Result<NamedPolicy, String>>;

struct Reader<'a> {
    managed: &'a Managed,
    documents: &'a mut Documents,
}

impl Reader<'_> {
    /// Inline and attached policies, and what of them could not be read.
    fn own(
        &mut self,
        row: &Row,
        account: &str,
        inline: &str,
    ) -> (Vec<NamedPolicy>, Option<String>) {
        let mut policies = Vec::new();
        let mut unseen = None;
        for policy in list(row, inline) {
            let name = text(policy, "policy_name").unwrap_or_default();
            let found = text(policy, "policy_document")
                .ok_or_else(|| format!("inline policy `{name}` has no document"))
                .and_then(|document| self.documents.policy(name, document, PolicyKind::Identity));
            match found {
                Ok(policy) => policies.push(policy),
                Err(why) => unseen = unseen.or(Some(why)),
            }
        }
        for attached in list(row, "attached_managed_policies") {
            let arn = text(attached, "policy_arn").unwrap_or_default();
            match self.managed(account, arn) {
                Ok(policy) => policies.push(policy),
                Err(why) => unseen = unseen.or(Some(why)),
            }
        }
        (policies, unseen)
    }

    fn managed(&self, account: &str, arn: &str) -> Result<NamedPolicy, String> {
        let found = self.managed.get(&(account.to_owned(), arn.to_owned()));
        found
            .cloned()
            .unwrap_or_else(|| Err(format!("managed policy `{arn}` was not seen")))
    }
}

fn principals_missing(inputs: &Inputs, estate: &mut Estate) {
    let call = "iam:GetAccountAuthorizationDetails";
    for account in inputs.accounts() {
        if let Some(call) = inputs.missing(call, &account.id, None) {
            estate.gaps.push(Gap {
                account: account.id.clone(),
                what: "users and roles",
                call,
            });
        }
    }
}
