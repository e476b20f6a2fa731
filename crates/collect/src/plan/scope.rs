//! Which accounts and regions are looked at.

use palisade_core::catalog::Scope as TableScope;
use palisade_core::snapshot::Membership;
use std::collections::BTreeMap;

/// The estate in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// In the order of the report.
    pub accounts: Vec<Account>,
    /// The region of calls that are made once per account.
    pub home_region: String,
    /// The account that is asked for what is of the organization; without, every account is.
    pub answers_for_organization: Option<String>,
}

/// An account in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Its name or alias; empty if neither is known.
    pub name: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: String,
    /// The regions looked at.
    pub regions: Vec<String>,
    /// What it is in its organization, where that is known.
    pub membership: Option<Membership>,
    /// Its organizational unit, where that is known.
    pub unit: Option<String>,
    /// Why it can't be entered at all; then no call is made.
    pub not_reached: Option<String>,
}

impl Scope {
    /// The regions in which an account is asked for a table.
    pub(crate) fn regions<'a>(&'a self, account: &'a Account, scope: TableScope) -> Vec<&'a str> {
        if account.not_reached.is_some() {
            return Vec::new();
        }
        match scope {
            TableScope::Region => account.regions.iter().map(String::as_str).collect(),
            TableScope::Account => vec![&self.home_region],
            TableScope::Organization
                if self
                    .answers_for_organization
                    .as_ref()
                    .is_some_and(|id| *id != account.id) =>
            {
                Vec::new()
            }
            TableScope::Global | TableScope::Organization => {
                vec![global_region(&account.partition)]
            }
        }
    }

    /// Takes accounts out, each with why: nothing is told of them.
    pub(crate) fn lose(&mut self, lost: &BTreeMap<String, String>) {
        for account in &mut self.accounts {
            if let (None, Some(why)) = (&account.not_reached, lost.get(&account.id)) {
                account.not_reached = Some(why.clone());
            }
        }
    }
}

/// The region that answers for a partition's global services, as botocore's `partitions.json` names it
/// (`implicitGlobalRegion`).
#[must_use]
pub fn global_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => "us-east-1",
    }
}
