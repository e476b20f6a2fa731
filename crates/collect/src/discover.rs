//! Who the credentials belong to, and which regions the account has.

use crate::api::{Api, Ask, Refusal, Wanted};
use crate::plan::Account;
use serde_json::{Value, json};
use std::sync::Arc;

/// The account of a set of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: String,
    /// The ARN of the caller.
    pub arn: String,
}

/// Asks STS who the credentials belong to.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
///
/// # Errors
/// STS refuses the credentials, or can't be reached.
pub async fn identify(api: &dyn Api, region: &str) -> Result<Identity, Refusal> {
    let page = api
        .call(
            ask("", region, "sts:GetCallerIdentity", json!({})),
            always(),
        )
        .await?;
    let text = |name: &str| {
        page.value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let arn = text("Arn");
    let partition = arn
        .split(':')
        .nth(1)
        .filter(|p| !p.is_empty())
        .unwrap_or("aws")
        .to_owned();
    Ok(Identity {
        account: text("Account"),
        partition,
        arn,
    })
}

/// The regions that the account has enabled, sorted.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
///
/// # Errors
/// EC2 refuses; the caller then looks at the regions that it was told, and says so.
pub async fn regions(api: &dyn Api, account: &str, region: &str) -> Result<Vec<String>, Refusal> {
    let input = json!({"AllRegions": false});
    let page = api
        .call(ask(account, region, "ec2:DescribeRegions", input), always())
        .await?;
    let list = page
        .value
        .get("Regions")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let enabled = list
        .iter()
        .filter(|r| r.get("OptInStatus").and_then(Value::as_str) != Some("not-opted-in"));
    let names = enabled.filter_map(|r| r.get("RegionName").and_then(Value::as_str));
    let mut regions: Vec<String> = names.map(str::to_owned).collect();
    regions.sort_unstable();
    regions.dedup();
    Ok(regions)
}

/// What the credentials reach by themselves: their account, with the regions that are asked for, or all that are enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// The account.
    pub account: Account,
    /// Why only the home region is looked at, where the enabled ones could not be found out.
    pub note: Option<String>,
}

/// Puts an account in scope: the regions named, or all that are enabled. Where those can't be found out, the home region
/// alone is looked at, with a note that says so.
///
/// # Errors
/// STS refuses the credentials, or can't be reached.
pub async fn discover(
    api: &dyn Api,
    home_region: &str,
    regions_named: Option<&[String]>,
) -> Result<Discovered, Refusal> {
    let identity = identify(api, home_region).await?;
    let mut note = None;
    let regions = match regions_named {
        Some(named) => named.to_vec(),
        None => match regions(api, &identity.account, home_region).await {
            Ok(regions) if !regions.is_empty() => regions,
            Ok(_) => vec![home_region.to_owned()],
            Err(refusal) => {
                note = Some(format!(
                    "the enabled regions could not be found out (ec2:DescribeRegions: {}); only {home_region} is looked at",
                    refusal.message
                ));
                vec![home_region.to_owned()]
            }
        },
    };
    Ok(Discovered {
        account: Account {
            id: identity.account,
            partition: identity.partition,
            regions,
            ..Account::default()
        },
        note,
    })
}

pub(crate) fn always() -> Wanted {
    Arc::new(|| true)
}

pub(crate) fn ask(account: &str, region: &str, operation: &str, input: Value) -> Ask {
    Ask {
        account: account.to_owned(),
        region: region.to_owned(),
        operation: operation.to_owned(),
        input,
    }
}
