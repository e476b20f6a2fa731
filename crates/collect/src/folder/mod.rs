//! A folder of the JSON that `aws ... describe-*` prints, as an API: what no file holds is a call that failed.

mod holders;
mod seen;

use crate::api::{Api, Ask, Page, Reason, Refusal, Wanted};
use crate::plan::{Account, Scope};
use futures::future::{BoxFuture, FutureExt as _, ready};
use holders::{Form, Holder, holders, is_key};
use palisade_aws::endpoint::Partitions;
use seen::Seen;
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
                let known = is_key(&key);
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

    /// The accounts and regions that files are of. An account is of the partition that claims one of its regions.
    #[must_use]
    pub fn scope(&self, partitions: &Partitions) -> Scope {
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
                    partition: regions
                        .iter()
                        .find_map(|region| partitions.name(region))
                        .unwrap_or("aws")
                        .to_owned(),
                    regions,
                    ..Account::default()
                })
                .collect(),
            ..Scope::default()
        }
    }

    /// Whether some file could hold the answers of an operation.
    #[must_use]
    pub fn knows(operation: &str) -> bool {
        holders(operation).next().is_some()
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
        for Holder {
            member, key, form, ..
        } in holders(&ask.operation)
        {
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
                Form::Wrapped(id) => {
                    let mut own = items.iter().filter(|item| asked(id, item)).peekable();
                    own.peek().is_some().then(|| {
                        let lists = own.filter_map(|item| item.get(*member)?.as_array());
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
        let models = palisade_aws::Models::new(|name| {
            palisade_core::catalog::embedded_file(&format!("models/{name}"))
        });
        let scope = folder.scope(&models.partitions().unwrap());
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
