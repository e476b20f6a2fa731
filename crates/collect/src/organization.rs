//! The accounts of an organization, as its management account or a delegated administrator is told them.

use crate::api::{Api, Reason, Refusal};
use crate::discover::{always, ask};
use palisade_core::snapshot::{Membership, units};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Pages of one listing; an organization has at most 10,000 accounts unless AWS has raised the quota, 20 a page.
const MOST_PAGES: usize = 5_000;

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `o-...`
    pub id: String,
    /// Its management account.
    pub management: String,
    /// Its accounts, the management account first, then by id.
    pub accounts: Vec<Member>,
    /// What could not be looked up.
    pub notes: Vec<String>,
}

/// An account of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Twelve digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, ...
    pub state: String,
    /// What it is in the organization.
    pub membership: Membership,
    /// The ids of the units above it, `ou-.../ou-...`; empty right below the root, `None` where it was not told.
    pub unit: Option<String>,
}

impl Member {
    /// Whether it can be entered.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == "ACTIVE"
    }
}

/// Asks for the organization of an account and for all its accounts.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>
///
/// # Errors
/// The account is in no organization, may not ask, or Organizations can't be reached. Who administers services is only
/// noted as not known.
pub async fn organization(
    api: &dyn Api,
    account: &str,
    region: &str,
) -> Result<Organization, Refusal> {
    let operation = "organizations:DescribeOrganization";
    let page = api
        .call(ask(account, region, operation, json!({})), always())
        .await?;
    let told = page.value.get("Organization").cloned().unwrap_or_default();
    let id = text(&told, "Id");
    let management = text(&told, "MasterAccountId");
    let listed = listed(
        api,
        account,
        region,
        "organizations:ListAccounts",
        "Accounts",
    )
    .await?;
    let mut notes = Vec::new();
    let operation = "organizations:ListDelegatedAdministrators";
    let rows = "DelegatedAdministrators";
    let delegated = match self::listed(api, account, region, operation, rows).await {
        Ok(rows) => rows.iter().map(|row| text(row, "Id")).collect(),
        Err(refusal) => {
            notes.push(format!(
                "delegated administrators could not be told apart ({operation}: {})",
                refusal.message
            ));
            BTreeSet::new()
        }
    };
    let mut accounts: Vec<Member> = listed
        .iter()
        .map(|row| member(row, &management, &delegated))
        .collect();
    accounts.sort_by(|a, b| {
        let order = |m: &Member| m.membership != Membership::Management;
        (order(a), &a.id).cmp(&(order(b), &b.id))
    });
    accounts.dedup_by(|a, b| a.id == b.id);
    Ok(Organization {
        id,
        management,
        accounts,
        notes,
    })
}

fn member(row: &Value, management: &str, delegated: &BTreeSet<String>) -> Member {
    let id = text(row, "Id");
    let membership = match id == management {
        true => Membership::Management,
        false if delegated.contains(&id) => Membership::DelegatedAdministrator,
        false => Membership::Member,
    };
    // `State` is newer than `Status`, and finer.
    let state = ["State", "Status"]
        .map(|name| text(row, name))
        .into_iter()
        .find(|state| !state.is_empty())
        .unwrap_or_else(|| "ACTIVE".to_owned());
    Member {
        name: text(row, "Name"),
        unit: unit(row),
        id,
        state,
        membership,
    }
}

fn unit(row: &Value) -> Option<String> {
    let path = row.get("Paths")?.as_array()?.first()?.as_str()?;
    Some(units(path))
}

async fn listed(
    api: &dyn Api,
    account: &str,
    region: &str,
    operation: &str,
    rows: &str,
) -> Result<Vec<Value>, Refusal> {
    let mut input = Map::new();
    let mut all = Vec::new();
    for _ in 0..MOST_PAGES {
        let question = ask(account, region, operation, Value::Object(input.clone()));
        let page = api.call(question, always()).await?;
        let found = page.value.get(rows).and_then(Value::as_array);
        all.extend(found.into_iter().flatten().cloned());
        match page.next {
            Some(Value::Object(next)) => input.extend(next),
            _ => return Ok(all),
        }
    }
    Err(Refusal {
        reason: Reason::Other,
        code: Some("EndlessListing".to_owned()),
        message: format!("the pages of {operation} do not end"),
        attempts: 0,
    })
}

fn text(value: &Value, name: &str) -> String {
    let found = value.get(name).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_told_apart_by_what_it_does() {
        let delegated = BTreeSet::from(["2".to_owned()]);
        let of = |row: Value| member(&row, "1", &delegated);
        assert_eq!(of(json!({ "Id": "1" })).membership, Membership::Management);
        let second = of(json!({ "Id": "2", "Status": "ACTIVE", "State": "PENDING_CLOSURE" }));
        assert_eq!(second.membership, Membership::DelegatedAdministrator);
        assert!(!second.is_active());
        let third = of(
            json!({ "Id": "3", "Status": "ACTIVE", "Paths": ["o-1/r-1/ou-a/ou-b/"], "Name": "x" }),
        );
        assert_eq!(third.membership, Membership::Member);
        assert!(third.is_active());
        assert_eq!(third.unit.as_deref(), Some("ou-a/ou-b"));
        assert_eq!(of(json!({ "Id": "3" })).unit, None);
        let below_root = of(json!({ "Id": "3", "Paths": ["o-1/r-1/"] }));
        assert_eq!(below_root.unit.as_deref(), Some(""));
    }
}
