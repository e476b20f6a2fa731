//! Kinds of actions and resources to which rules of their own apply.

use crate::eval;

/// Kinds of actions and resources to which different rules apply: a point of one kind never stands for another's.
pub(super) struct Classes;

impl Classes {
    pub(super) const ACTIONS: usize = 9;
    pub(super) const RESOURCES: usize = 6;
    pub(super) const COUNT: usize = Self::ACTIONS + Self::RESOURCES;

    pub(super) fn of_action(action: &str) -> usize {
        let service = action.split(':').next().unwrap_or_default();
        match (service, action) {
            ("kms", "kms:retiregrant") => 0,
            ("kms", _) => 1,
            ("sts", "sts:getcalleridentity" | "sts:getsessiontoken") => 2,
            ("sts", _) => 3,
            ("s3", "s3:getbucketpolicy" | "s3:putbucketpolicy" | "s3:deletebucketpolicy") => 4,
            ("s3", _) => 5,
            ("iam", _) => 6,
            (service, _) if eval::rcp_service(service) => 7,
            _ => 8,
        }
    }

    pub(super) fn of_resource(resource: &str) -> usize {
        let path = resource.splitn(6, ':').nth(5).unwrap_or_default();
        let kinds = [
            "key/",
            "role/aws-reserved/",
            "role/",
            "alias/aws/",
            "policy/",
        ];
        kinds
            .iter()
            .position(|kind| path.starts_with(kind))
            .unwrap_or(kinds.len())
    }
}
