//! Where a resource lies, as other formats want to be told.

use palisade_core::Resource;

/// The partition that the resource's ARN names; `aws` where it has none.
#[must_use]
pub(crate) fn partition(resource: &Resource) -> &str {
    let mut parts = resource.arn.split(':');
    match (parts.next(), parts.next()) {
        (Some("arn"), Some(partition)) if !partition.is_empty() => partition,
        _ if resource.region.starts_with("cn-") => "aws-cn",
        _ if resource.region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The resource's region; for global resources the region where the partition keeps its global services.
#[must_use]
pub(crate) fn region(resource: &Resource) -> &str {
    if resource.region != "global" && !resource.region.is_empty() {
        return &resource.region;
    }
    match partition(resource) {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        _ => "us-east-1",
    }
}

/// The ARN; where a resource has neither ARN nor id, its account.
#[must_use]
pub(crate) fn id(resource: &Resource) -> &str {
    if resource.arn.is_empty() {
        &resource.account_id
    } else {
        &resource.arn
    }
}
