//! A folder of the JSON that `aws ... describe-*` prints, as an API: what no file holds is a call that failed.

use crate::api::{Api, Ask, Page, Reason, Refusal, Wanted};
use crate::plan::{Account, Scope};
use futures::future::{BoxFuture, FutureExt as _, ready};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One file: an answer, or several under their keys.
#[derive(Debug, Clone)]
pub struct File {
    /// For messages.
    pub name: String,
    /// The account that its folder names; empty if none does.
    pub account: String,
    /// The region that its folder names; empty if none does.
    pub region: String,
    /// The JSON.
    pub json: Value,
}

/// How a key of a file answers an operation.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// The key's list is the answer.
    List,
    /// The key's object is the answer.
    Object,
    /// Those of the list that name the parameter's value.
    Of(&'static str),
    /// The list wraps answers with the parameter that they are for: the value stands in the named member.
    Wrapped(&'static str, &'static str),
}

/// Operations with the member of their answer, and the keys of files that hold it. The first key that is there counts.
const ANSWERS: &[(&str, &str, &str, Form)] = &[
    ("ec2:DescribeVpcs", "Vpcs", "Vpcs", Form::List),
    ("ec2:DescribeSubnets", "Subnets", "Subnets", Form::List),
    (
        "ec2:DescribeNetworkInterfaces",
        "NetworkInterfaces",
        "NetworkInterfaces",
        Form::List,
    ),
    (
        "ec2:DescribeInstances",
        "Reservations",
        "Reservations",
        Form::List,
    ),
    (
        "ec2:DescribeSecurityGroups",
        "SecurityGroups",
        "SecurityGroups",
        Form::List,
    ),
    (
        "ec2:DescribeSecurityGroupRules",
        "SecurityGroupRules",
        "SecurityGroupRules",
        Form::List,
    ),
    (
        "ec2:DescribeNetworkAcls",
        "NetworkAcls",
        "NetworkAcls",
        Form::List,
    ),
    (
        "ec2:DescribeRouteTables",
        "RouteTables",
        "RouteTables",
        Form::List,
    ),
    (
        "ec2:DescribeInternetGateways",
        "InternetGateways",
        "InternetGateways",
        Form::List,
    ),
    (
        "ec2:DescribeEgressOnlyInternetGateways",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGateways",
        Form::List,
    ),
    (
        "ec2:DescribeNatGateways",
        "NatGateways",
        "NatGateways",
        Form::List,
    ),
    (
        "ec2:DescribeAddresses",
        "Addresses",
        "Addresses",
        Form::List,
    ),
    (
        "ec2:DescribeVpcEndpoints",
        "VpcEndpoints",
        "VpcEndpoints",
        Form::List,
    ),
    (
        "ec2:DescribeVpcPeeringConnections",
        "VpcPeeringConnections",
        "VpcPeeringConnections",
        Form::List,
    ),
    (
        "ec2:DescribeVpnConnections",
        "VpnConnections",
        "VpnConnections",
        Form::List,
    ),
    (
        "ec2:DescribeVpnGateways",
        "VpnGateways",
        "VpnGateways",
        Form::List,
    ),
    (
        "ec2:DescribeCustomerGateways",
        "CustomerGateways",
        "CustomerGateways",
        Form::List,
    ),
    (
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "VpcBlockPublicAccessOptions",
        "VpcBlockPublicAccessOptions",
        Form::Object,
    ),
    (
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "VpcBlockPublicAccessExclusions",
        "VpcBlockPublicAccessExclusions",
        Form::List,
    ),
    (
        "ec2:DescribeManagedPrefixLists",
        "PrefixLists",
        "PrefixLists",
        Form::List,
    ),
    (
        "ec2:GetManagedPrefixListEntries",
        "Entries",
        "PrefixListEntries",
        Form::Wrapped("PrefixListId", "Entries"),
    ),
    (
        "ec2:DescribeTransitGateways",
        "TransitGateways",
        "TransitGateways",
        Form::List,
    ),
    (
        "ec2:DescribeTransitGatewayAttachments",
        "TransitGatewayAttachments",
        "TransitGatewayAttachments",
        Form::List,
    ),
    (
        "ec2:DescribeTransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments",
        Form::List,
    ),
    (
        "ec2:DescribeTransitGatewayRouteTables",
        "TransitGatewayRouteTables",
        "TransitGatewayRouteTables",
        Form::List,
    ),
    (
        "ec2:SearchTransitGatewayRoutes",
        "Routes",
        "TransitGatewayRoutes",
        Form::Wrapped("TransitGatewayRouteTableId", "Routes"),
    ),
    (
        "elb:DescribeLoadBalancers",
        "LoadBalancerDescriptions",
        "LoadBalancerDescriptions",
        Form::List,
    ),
    (
        "elbv2:DescribeLoadBalancers",
        "LoadBalancers",
        "LoadBalancers",
        Form::List,
    ),
    (
        "elbv2:DescribeLoadBalancerAttributes",
        "Attributes",
        "LoadBalancerAttributes",
        Form::Wrapped("LoadBalancerArn", "Attributes"),
    ),
    (
        "elbv2:DescribeListeners",
        "Listeners",
        "Listeners",
        Form::Of("LoadBalancerArn"),
    ),
    (
        "elbv2:DescribeListeners",
        "Listeners",
        "LoadBalancerListeners",
        Form::Wrapped("LoadBalancerArn", "Listeners"),
    ),
    (
        "elbv2:DescribeTargetGroups",
        "TargetGroups",
        "TargetGroups",
        Form::List,
    ),
    (
        "elbv2:DescribeTargetGroupAttributes",
        "Attributes",
        "TargetGroupAttributes",
        Form::Wrapped("TargetGroupArn", "Attributes"),
    ),
    (
        "elbv2:DescribeTargetHealth",
        "TargetHealthDescriptions",
        "LoadBalancerTargetHealth",
        Form::Wrapped("TargetGroupArn", "TargetHealthDescriptions"),
    ),
    (
        "rds:DescribeDBInstances",
        "DBInstances",
        "DBInstances",
        Form::List,
    ),
    (
        "rds:DescribeDBClusters",
        "DBClusters",
        "DBClusters",
        Form::List,
    ),
    ("lambda:ListFunctions", "Functions", "Functions", Form::List),
];

type Where = (String, String);

/// The answers of a folder.
#[derive(Debug, Default)]
pub struct Folder {
    /// By account and region, and by key.
    keys: BTreeMap<Where, BTreeMap<String, Vec<Value>>>,
    /// What could not be used: the file, and why.
    pub warnings: Vec<String>,
}

impl Folder {
    /// Reads the answers of files. Files whose folder names no account or region belong to the account (`OwnerId`) and
    /// region (of the availability zones) that they name themselves, or that most of the other files do.
    #[must_use]
    pub fn new(files: Vec<File>) -> Self {
        let mut folder = Self::default();
        let all = files.iter().map(|f| &f.json);
        let usual = Seen::of(all);
        for file in files {
            let own = Seen::of(std::iter::once(&file.json));
            let or = |named: String, own: Option<String>, usual: &Option<String>, last: &str| {
                if named.is_empty() {
                    own.or_else(|| usual.clone())
                        .unwrap_or_else(|| last.to_owned())
                } else {
                    named
                }
            };
            let account = or(file.account, own.account(), &usual.account(), "unknown");
            let region = or(file.region, own.region(), &usual.region(), "unknown");
            let Value::Object(keys) = file.json else {
                let why = "is not a JSON object with keys such as `Vpcs`";
                folder
                    .warnings
                    .push(format!("{}: the document {why}", file.name));
                continue;
            };
            let place = folder.keys.entry((account, region)).or_default();
            for (key, value) in keys {
                let known = ANSWERS.iter().any(|(_, _, k, _)| *k == key);
                match value {
                    Value::Array(items) if known => place.entry(key).or_default().extend(items),
                    Value::Object(_) if known => place.entry(key).or_default().push(value),
                    Value::Null | Value::String(_) => {}
                    _ => folder
                        .warnings
                        .push(format!("{}: {key}: this key is not read", file.name)),
                }
            }
        }
        folder
    }

    /// The accounts and regions that files are of.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let mut accounts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (account, region) in self.keys.keys() {
            accounts.entry(account).or_default().push(region.clone());
        }
        let home = self.keys.keys().map(|(_, region)| region.clone()).next();
        Scope {
            home_region: home.unwrap_or_default(),
            accounts: accounts
                .into_iter()
                .map(|(id, regions)| Account {
                    id: id.to_owned(),
                    partition: partition(&regions).to_owned(),
                    regions,
                    ..Account::default()
                })
                .collect(),
        }
    }

    /// Whether some file could hold the answers of an operation.
    #[must_use]
    pub fn knows(operation: &str) -> bool {
        ANSWERS.iter().any(|(o, ..)| *o == operation)
    }

    /// An API for each account.
    #[must_use]
    pub fn apis(self) -> BTreeMap<String, Arc<dyn Api>> {
        let accounts: BTreeSet<String> = self.keys.keys().map(|(a, _)| a.clone()).collect();
        let shared = Arc::new(self);
        accounts
            .into_iter()
            .map(|a| (a, Arc::new(Answers(Arc::clone(&shared))) as Arc<dyn Api>))
            .collect()
    }

    fn answer(&self, ask: &Ask) -> Result<Value, Refusal> {
        let place = (ask.account.clone(), ask.region.clone());
        let here = self.keys.get(&place);
        let mut wanted = BTreeSet::new();
        for (_, member, key, form) in ANSWERS.iter().filter(|(o, ..)| *o == ask.operation) {
            wanted.insert(format!("`{key}`"));
            let Some(items) = here.and_then(|keys| keys.get(*key)) else {
                continue;
            };
            let asked = |id: &str, item: &Value| {
                let value = ask.input.get(id);
                value.is_some() && item.get(id) == value
            };
            let found = match form {
                Form::List => Some(Value::Array(items.clone())),
                Form::Object => items.first().cloned(),
                Form::Of(id) => Some(
                    items
                        .iter()
                        .filter(|item| asked(id, item))
                        .cloned()
                        .collect(),
                ),
                Form::Wrapped(id, inner) => {
                    let mut own = items.iter().filter(|item| asked(id, item)).peekable();
                    own.peek().is_some().then(|| {
                        let lists = own.filter_map(|item| item.get(*inner)?.as_array());
                        lists.flatten().cloned().collect()
                    })
                }
            };
            if let Some(found) = found {
                return Ok(Value::Object(Map::from_iter([(
                    (*member).to_owned(),
                    found,
                )])));
            }
        }
        let keys: Vec<String> = wanted.into_iter().collect();
        let what = if keys.is_empty() {
            "no file can hold the answer".to_owned()
        } else {
            format!(
                "no file of {} {} has it under {}",
                ask.account,
                ask.region,
                keys.join(" or ")
            )
        };
        Err(Refusal {
            reason: Reason::Other,
            code: Some("NotInFolder".to_owned()),
            message: what,
            attempts: 1,
        })
    }
}

/// The API of one account of a folder.
struct Answers(Arc<Folder>);

impl Api for Answers {
    fn call(&self, ask: Ask, _: Wanted) -> BoxFuture<'static, Result<Page, Refusal>> {
        let page = self.0.answer(&ask).map(|value| Page {
            value,
            next: None,
            attempts: 1,
        });
        ready(page).boxed()
    }
}

/// How often accounts and regions are named.
#[derive(Debug, Default)]
struct Seen {
    accounts: BTreeMap<String, usize>,
    regions: BTreeMap<String, usize>,
}

impl Seen {
    fn of<'v>(documents: impl Iterator<Item = &'v Value>) -> Self {
        let mut seen = Self::default();
        let items = documents.filter_map(Value::as_object).flat_map(Map::values);
        for item in items.filter_map(Value::as_array).flatten() {
            let text = |name: &str| item.get(name).and_then(Value::as_str);
            if let Some(owner) = text("OwnerId").filter(|o| o.len() == 12) {
                *seen.accounts.entry(owner.to_owned()).or_default() += 1;
            }
            if let Some(zone) = text("AvailabilityZone") {
                let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
                *seen.regions.entry(region.to_owned()).or_default() += 1;
            }
        }
        seen
    }

    fn account(&self) -> Option<String> {
        most(&self.accounts)
    }

    fn region(&self) -> Option<String> {
        most(&self.regions)
    }
}

/// The most frequent one; of several the first by name.
fn most(counts: &BTreeMap<String, usize>) -> Option<String> {
    let best = counts.values().max()?;
    counts
        .iter()
        .find(|(_, n)| *n == best)
        .map(|(word, _)| word.clone())
}

/// The partition of regions, by their names.
fn partition(regions: &[String]) -> &'static str {
    let starts = |head: &str| regions.iter().any(|r| r.starts_with(head));
    if starts("us-gov-") {
        "aws-us-gov"
    } else if starts("cn-") {
        "aws-cn"
    } else if starts("eusc-") {
        "aws-eusc"
    } else {
        "aws"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file(account: &str, region: &str, json: Value) -> File {
        File {
            name: "a.json".to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            json,
        }
    }

    fn ask(folder: &Folder, region: &str, operation: &str, input: Value) -> Result<Value, String> {
        let ask = Ask {
            account: "111122223333".to_owned(),
            region: region.to_owned(),
            operation: operation.to_owned(),
            input,
        };
        folder
            .answer(&ask)
            .map_err(|r| format!("{}: {}", r.code.unwrap(), r.message))
    }

    #[test]
    fn a_file_answers_for_its_own_place_only() {
        let vpc = json!({ "VpcId": "vpc-1", "OwnerId": "111122223333" });
        let folder = Folder::new(vec![file(
            "",
            "eu-west-1",
            json!({ "Vpcs": [vpc], "Odd": [1] }),
        )]);
        assert_eq!(folder.warnings, ["a.json: Odd: this key is not read"]);
        let scope = folder.scope();
        assert_eq!(scope.accounts.len(), 1);
        assert_eq!(scope.accounts[0].id, "111122223333");
        let vpcs = ask(&folder, "eu-west-1", "ec2:DescribeVpcs", json!({}));
        assert_eq!(vpcs, Ok(json!({ "Vpcs": [vpc] })));
        assert_eq!(
            ask(&folder, "us-east-1", "ec2:DescribeVpcs", json!({})),
            Err("NotInFolder: no file of 111122223333 us-east-1 has it under `Vpcs`".to_owned())
        );
    }

    #[test]
    fn wrapped_answers_are_found_by_their_parameter() {
        let folder = Folder::new(vec![file(
            "111122223333",
            "eu-west-1",
            json!({ "LoadBalancerListeners": [{ "LoadBalancerArn": "a", "Listeners": [{ "Port": 80 }] }] }),
        )]);
        let listeners = |arn: &str| {
            let input = json!({ "LoadBalancerArn": arn });
            ask(&folder, "eu-west-1", "elbv2:DescribeListeners", input)
        };
        assert_eq!(listeners("a"), Ok(json!({ "Listeners": [{ "Port": 80 }] })));
        assert!(listeners("b").unwrap_err().starts_with("NotInFolder: "));
    }

    #[test]
    fn files_without_folders_tell_their_place_themselves() {
        let subnets =
            json!({ "Subnets": [{ "AvailabilityZone": "us-east-2b", "OwnerId": "111122223333" }] });
        let folder = Folder::new(vec![
            file("", "", subnets),
            file("", "", json!({ "RouteTables": [] })),
        ]);
        let places: Vec<&Where> = folder.keys.keys().collect();
        assert_eq!(
            places,
            [&("111122223333".to_owned(), "us-east-2".to_owned())]
        );
    }
}
