//! `Resource` and `NotResource`: ARNs of the form that their service has.

use super::near::{meet, nearest};
use super::statement::Statement;
use super::{Code, Findings, PolicyType};
use crate::authorization::opened;
use crate::model::{Position, is_account};

/// The partitions ("Amazon Resource Names", AWS General Reference).
const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
];

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let Some(resources) = &statement.resources else {
        return;
    };
    if found.kind == PolicyType::Trust {
        found.suggest(
            Code::RoleTrustPolicySyntaxErrorResource,
            resources.at,
            "a trust policy speaks of the role that it is attached to, and of no other resource",
            "remove the element",
        );
        return;
    }
    if resources.texts.is_empty() {
        found.suggest(
            Code::EmptyArrayResource,
            resources.at,
            "the statement names no resource: it says nothing",
            "name the resources, or remove the statement",
        );
    }
    for (at, text) in &resources.texts {
        arn(text, *at, found);
    }
}

fn is_open(part: &str) -> bool {
    part.contains(['*', '?'])
}

fn arn(text: &str, at: Position, found: &mut Findings<'_>) {
    if text == "*" {
        return;
    }
    let open = opened(text);
    // A star before the first colon may stand for the whole of an ARN's beginning; API Gateway's policies are
    // written with `execute-api:/` ("API Gateway resource policies").
    if open.starts_with('*') || open.starts_with("execute-api:") {
        return;
    }
    let parts: Vec<&str> = open.splitn(6, ':').collect();
    let [prefix, rest @ ..] = parts.as_slice() else {
        return;
    };
    if *prefix != "arn" {
        found.suggest(
            Code::InvalidArnPrefix,
            at,
            format!("`{text}` is no ARN"),
            "write `arn:partition:service:region:account:resource`, or `*`",
        );
        return;
    }
    let [partition, service, region, account, resource] = rest else {
        // "arn:aws:s3*": a wildcard takes in the parts that are not written.
        if !parts.last().is_some_and(|last| last.contains('*')) {
            found.suggest(
                Code::MissingArnField,
                at,
                format!("`{text}` has {} of an ARN's 6 parts", parts.len()),
                "write `arn:partition:service:region:account:resource`",
            );
        }
        return;
    };
    partition_of(partition, at, found);
    let whole = Arn {
        text,
        service,
        region,
        account,
        resource,
        at,
    };
    whole.region(found);
    whole.account(found);
    whole.service(found);
}

fn partition_of(partition: &str, at: Position, found: &mut Findings<'_>) {
    if !is_open(partition) && !PARTITIONS.contains(&partition) {
        found.suggest(
            Code::InvalidPartition,
            at,
            format!("`{partition}` is no partition"),
            format!("write one of {}", PARTITIONS.join(", ")),
        );
    }
}

struct Arn<'a> {
    text: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
    at: Position,
}

impl Arn<'_> {
    fn region(&self, found: &mut Findings<'_>) {
        if self.region.is_empty() || is_open(self.region) {
            return;
        }
        let regions = &found.data.source().regions;
        if regions.iter().any(|known| known == self.region) {
            return;
        }
        let message = format!("`{}` is no region that is known", self.region);
        match nearest(self.region, regions.iter().map(String::as_str)) {
            Some(near) => {
                let near = format!("did you mean `{near}`?");
                found.suggest(Code::InvalidArnRegion, self.at, message, near);
            }
            None => found.add(Code::InvalidArnRegion, self.at, message),
        }
    }

    fn account(&self, found: &mut Findings<'_>) {
        let account = self.account;
        let fine = account.is_empty()
            || is_open(account)
            || is_account(account)
            // Names that services write in an account's place: arn:aws:iam::aws:policy/..., and CloudFront's
            // origin access identities.
            || ["aws", "cloudfront", "aws-marketplace", "amazon", "elasticbeanstalk"].contains(&account)
            || account.starts_with("aws-");
        if !fine {
            found.suggest(
                Code::InvalidArnAccount,
                self.at,
                format!("`{account}` is no account"),
                "write the account's 12 digits",
            );
        }
    }

    fn service(&self, found: &mut Findings<'_>) {
        let service = self.service;
        if service == "*" {
            return;
        }
        if is_open(service) {
            found.suggest(
                Code::WildcardInServiceName,
                self.at,
                "a wildcard in the service reaches services that are not meant, and those yet to come",
                "name the services",
            );
            return;
        }
        if service.chars().any(|c| c.is_ascii_uppercase()) {
            found.suggest(
                Code::InvalidArnServiceCase,
                self.at,
                format!("the service `{service}` has capital letters: it matches nothing"),
                format!("write `{}`", service.to_lowercase()),
            );
            return;
        }
        let data = found.data;
        let Some(prefixes) = data.source().arns.get(service) else {
            if data.service(service).is_none() {
                let message = format!("no ARN has the service `{service}`");
                match nearest(service, data.source().arns.keys().map(String::as_str)) {
                    Some(near) => {
                        let near = format!("did you mean `{near}`?");
                        found.suggest(Code::InvalidService, self.at, message, near);
                    }
                    None => found.add(Code::InvalidService, self.at, message),
                }
            }
            return;
        };
        if let (PolicyType::Resource, Some(attached)) = (found.kind, found.service)
            && !prefixes.iter().any(|prefix| prefix == attached)
        {
            found.suggest(
                Code::UnsupportedResourceArnInPolicy,
                self.at,
                format!("a policy of `{attached}` cannot speak of `{}`", self.text),
                format!("write ARNs of `{attached}` only"),
            );
            return;
        }
        self.format(prefixes, found);
    }

    /// Compares with the forms that the service's resources have.
    fn format(&self, prefixes: &[String], found: &mut Findings<'_>) {
        let data = found.data;
        let mut forms = Vec::new();
        for service in prefixes.iter().filter_map(|prefix| data.service(prefix)) {
            for form in service.forms() {
                if form.service == self.service && meet(self.resource, &form.resource) {
                    let arn = service
                        .resources
                        .get(form.kind)
                        .map_or("", |kind| &kind.arn);
                    forms.push((form.region.as_str(), form.account.as_str(), arn));
                }
            }
        }
        let Some((.., example)) = forms.first() else {
            // A wildcard may be meant for what the data does not have yet.
            if is_open(self.resource) {
                return;
            }
            found.add(
                Code::InvalidArnResource,
                self.at,
                format!(
                    "`{}` has no form of a resource of `{}`",
                    self.text, self.service
                ),
            );
            return;
        };
        let is_set = |part: &str| !part.is_empty() && !is_open(part);
        let form = || format!("write `{example}`");
        if is_set(self.region) && forms.iter().all(|(region, ..)| region.is_empty()) {
            let message = format!("an ARN of `{}` has no region here", self.service);
            found.suggest(Code::ArnRegionNotAllowed, self.at, message, form());
        }
        if is_set(self.account) && forms.iter().all(|(_, account, _)| account.is_empty()) {
            let message = format!("an ARN of `{}` has no account here", self.service);
            found.suggest(Code::ArnAccountNotAllowed, self.at, message, form());
        }
        if self.region.is_empty() && forms.iter().all(|(region, ..)| !region.is_empty()) {
            let message = format!("an ARN of `{}` has a region here", self.service);
            found.suggest(Code::MissingArnRegion, self.at, message, form());
        }
        let all_with_account = forms.iter().all(|(_, account, _)| !account.is_empty());
        if self.account.is_empty() && all_with_account && !is_of_aws(self.resource) {
            let message = format!(
                "`{}` names no account, as an ARN of `{}` does here",
                self.text, self.service
            );
            found.suggest(Code::MissingArnAccount, self.at, message, form());
        }
    }
}

/// A resource of AWS's own, which belongs to no account: its name begins as no customer's may ("Creating SSM document
/// content", "Calling AWS service public parameters", AWS Systems Manager User Guide).
fn is_of_aws(resource: &str) -> bool {
    let name = resource.split_once('/').map_or("", |(_, name)| name);
    let name = name.to_lowercase();
    ["aws", "amazon", "amzn"]
        .iter()
        .any(|start| name.starts_with(start))
}
