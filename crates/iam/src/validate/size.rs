//! How long a policy may be.

use super::{Code, Findings, PolicyType};
use crate::parse::json::Node;

/// "IAM and AWS STS quotas" (IAM User Guide): characters without white space of a managed policy. What is validated
/// does not say whether it is to be a managed policy; the inline policies of an identity have quotas together.
const IDENTITY: usize = 6_144;
const INLINE: &str = "split it into several; all inline policies of a user take 2048 characters, of a group 5120, of a role 10240";
/// The same page: the default; it can be raised to 4,096.
const TRUST: usize = 2_048;
/// "Quotas and service limits for AWS Organizations": characters, white space included.
const CONTROL: usize = 5_120;
/// "Bucket policies" (Amazon S3 User Guide): 20 KB; "Resource quotas" (AWS KMS Developer Guide): 32 KB; "Lambda
/// quotas": 20 KB; "Amazon SQS quotas": 8,192; "AWS Secrets Manager quotas": 20,480; "Amazon ECR quotas": 10,240.
const RESOURCE: [(&str, usize); 6] = [
    ("s3", 20_480),
    ("kms", 32_768),
    ("lambda", 20_480),
    ("sqs", 8_192),
    ("secretsmanager", 20_480),
    ("ecr", 10_240),
];

pub(super) fn check(text: &str, document: &Node, found: &mut Findings<'_>) {
    let written = text.chars().count();
    let dense = text.chars().filter(|c| !c.is_whitespace()).count();
    let (code, size, most) = match found.kind {
        PolicyType::Identity => (Code::PolicySizeExceedsIdentityPolicyQuota, dense, IDENTITY),
        PolicyType::Trust => (Code::PolicySizeExceedsRoleTrustPolicyQuota, dense, TRUST),
        PolicyType::ServiceControl => (Code::PolicySizeExceedsScpQuota, written, CONTROL),
        PolicyType::ResourceControl => (Code::PolicySizeExceedsRcpQuota, written, CONTROL),
        PolicyType::Resource => {
            let of = |(service, _): &&(&str, usize)| Some(*service) == found.service;
            match RESOURCE.iter().find(of) {
                Some((_, most)) => (Code::PolicySizeExceedsResourcePolicyQuota, written, *most),
                None => return,
            }
        }
    };
    if size <= most {
        return;
    }
    let (what, advice) = match found.kind {
        PolicyType::Identity => (
            "characters without white space; a managed policy takes at most",
            INLINE,
        ),
        PolicyType::Trust => (
            "characters without white space; a trust policy takes at most",
            "leave statements out, or ask for a higher quota",
        ),
        _ => ("characters; it takes at most", "split it into several"),
    };
    found.suggest(
        code,
        document.at,
        format!("the policy has {size} {what} {most}"),
        advice,
    );
}
