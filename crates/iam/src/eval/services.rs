//! Rules of single services that no policy states.

use crate::model::{PrincipalKind, Request, arn_part};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What RCPs apply to: one service prefix a line.
const RCP_SERVICES: &str = include_str!("../../data/rcp-services.txt");

/// "No permissions are required to perform this operation. If an administrator attaches a policy that explicitly
/// denies access to the sts:GetCallerIdentity action, you can still perform this operation" (STS API Reference).
pub(crate) fn always_allowed(request: &Request) -> bool {
    request.action == "sts:getcalleridentity" && request.principal.has_account()
}

/// "No permissions are required for users to perform this operation" (STS API Reference, GetSessionToken).
pub(crate) fn needs_no_permission(request: &Request) -> bool {
    request.action == "sts:getsessiontoken"
        && matches!(
            request.principal.kind,
            PrincipalKind::User | PrincipalKind::Root
        )
}

const AWS_MANAGED_POLICY: [&str; 7] = [
    "iam:createpolicy",
    "iam:createpolicyversion",
    "iam:deletepolicy",
    "iam:deletepolicyversion",
    "iam:setdefaultpolicyversion",
    "iam:tagpolicy",
    "iam:untagpolicy",
];

const RESERVED_ROLE: [&str; 16] = [
    "iam:attachrolepolicy",
    "iam:createrole",
    "iam:createservicelinkedrole",
    "iam:deleterole",
    "iam:deleterolepermissionsboundary",
    "iam:deleterolepolicy",
    "iam:deleteservicelinkedrole",
    "iam:detachrolepolicy",
    "iam:passrole",
    "iam:putrolepermissionsboundary",
    "iam:putrolepolicy",
    "iam:tagrole",
    "iam:untagrole",
    "iam:updateassumerolepolicy",
    "iam:updaterole",
    "iam:updateroledescription",
];

/// Why nobody may do this, whatever the policies say.
pub(crate) fn never_allowed(request: &Request) -> Option<&'static str> {
    let action = request.action.as_str();
    let path = arn_part(&request.resource, 5).unwrap_or_default();
    let aws_owned = arn_part(&request.resource, 2) == Some("iam")
        && arn_part(&request.resource, 4) == Some("aws");
    if aws_owned && path.starts_with("policy/") && AWS_MANAGED_POLICY.contains(&action) {
        return Some("AWS managed policies cannot be changed");
    }
    if path.starts_with("role/aws-reserved/") && RESERVED_ROLE.contains(&action) {
        return Some(
            "roles under /aws-reserved/ belong to IAM Identity Center and cannot be changed",
        );
    }
    if path.starts_with("alias/aws/")
        && ["kms:createalias", "kms:updatealias", "kms:deletealias"].contains(&action)
    {
        return Some("aliases under alias/aws/ belong to AWS managed keys and cannot be changed");
    }
    if action == "sts:assumerole" && request.principal.kind == PrincipalKind::Root {
        return Some("the root user cannot assume roles");
    }
    // "AssumeRole" (STS API Reference): only AssumeRoleWithSAML and AssumeRoleWithWebIdentity take no AWS credentials.
    if action == "sts:assumerole" && request.principal.kind == PrincipalKind::Anonymous {
        return Some("AssumeRole has to be signed with AWS credentials");
    }
    None
}

/// Resources whose own policy has to agree even within the account: KMS keys ("Key policies in AWS KMS": without
/// permission from the key policy, IAM policies have no effect) and roles to be assumed (their trust policy).
pub(crate) fn needs_resource_policy(request: &Request) -> bool {
    let path = arn_part(&request.resource, 5).unwrap_or_default();
    match request.service() {
        "kms" => path.starts_with("key/"),
        "sts" => match request.action.as_str() {
            // Whatever is asked of, a role is what is assumed.
            "sts:assumerole" | "sts:assumerolewithsaml" | "sts:assumerolewithwebidentity" => true,
            "sts:tagsession" | "sts:setsourceidentity" | "sts:setcontext" => {
                path.starts_with("role/")
            }
            _ => false,
        },
        _ => false,
    }
}

/// "The root user of the bucket owner's account can always perform GetBucketPolicy, PutBucketPolicy and
/// DeleteBucketPolicy, even if the bucket policy explicitly denies it" (S3 API Reference).
pub(crate) fn root_keeps_bucket_policy(request: &Request) -> bool {
    request.principal.kind == PrincipalKind::Root
        && request.same_account()
        && [
            "s3:getbucketpolicy",
            "s3:putbucketpolicy",
            "s3:deletebucketpolicy",
        ]
        .contains(&request.action.as_str())
}

/// Whether RCPs restrict the service's resources, and this call ("Resource control policies", Organizations User Guide).
pub(crate) fn rcps_restrict(request: &Request) -> bool {
    request.action != "kms:retiregrant" && rcp_service(request.service())
}

/// Whether the service supports RCPs; the prefix in lower case.
pub(crate) fn rcp_service(service: &str) -> bool {
    static SERVICES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| RCP_SERVICES.lines().collect());
    SERVICES.contains(service)
}
