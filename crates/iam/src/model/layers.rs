//! Everything that has a say in a request.

use std::sync::Arc;

use super::{
    Actions, ContextValue, Effect, Policy, Position, PrincipalClause, PrincipalEntry, Resources,
    Statement, Template, Version,
};

/// A policy and what people call it.
#[derive(Debug, Clone)]
pub struct NamedPolicy {
    /// Its name, or its place in the input: `identityPolicies[0]`.
    pub name: String,
    /// The document, which many principals may share.
    pub policy: Arc<Policy>,
}

impl NamedPolicy {
    /// The policy with some of its statements.
    pub(crate) fn only(&self, keep: impl FnMut(&Statement) -> bool) -> Self {
        let mut policy = Policy::clone(&self.policy);
        policy.statements.retain(keep);
        Self {
            name: self.name.clone(),
            policy: Arc::new(policy),
        }
    }

    /// A policy that allows everything; to whom, where it is a resource's.
    pub(crate) fn everything(name: &str, to: Option<PrincipalEntry>) -> Self {
        Self {
            name: name.to_owned(),
            policy: Arc::new(Policy {
                version: Version::V2012,
                id: None,
                statements: vec![Statement {
                    sid: None,
                    effect: Effect::Allow,
                    principal: to.map(|entry| PrincipalClause {
                        negated: false,
                        entries: vec![entry],
                    }),
                    actions: Actions {
                        negated: false,
                        patterns: vec![Template::new("*", true, false)],
                    },
                    resources: Some(Resources {
                        negated: false,
                        patterns: vec![Template::new("*", true, false)],
                    }),
                    conditions: Vec::new(),
                    at: Position::default(),
                }],
            }),
        }
    }
}

/// The policies at one level of an organization: root, an OU, or the account.
#[derive(Debug, Clone)]
pub struct Level {
    /// What people call it.
    pub name: String,
    /// All policies attached there.
    pub policies: Vec<NamedPolicy>,
}

/// All layers of a decision. An empty list or `None` means that there is no such layer.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// Policies of the user or role, and of the user's groups.
    pub identity: Vec<NamedPolicy>,
    /// The policy on the resource; for roles their trust policy, for KMS keys the key policy.
    pub resource: Option<NamedPolicy>,
    /// Permissions boundaries of the user or role; each has to allow.
    pub boundaries: Vec<NamedPolicy>,
    /// The policy passed when the session was made.
    pub session: Option<NamedPolicy>,
    /// Service control policies over the principal's account, level by level.
    pub scps: Vec<Level>,
    /// Resource control policies over the resource's account, level by level.
    pub rcps: Vec<Level>,
    /// Policies of the VPC endpoint that the request came through.
    pub endpoint: Vec<NamedPolicy>,
    /// What is no policy but has a say.
    pub facts: Facts,
}

impl Layers {
    /// Every policy of every layer.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &NamedPolicy> {
        let levels = self.scps.iter().chain(&self.rcps);
        self.identity
            .iter()
            .chain(&self.resource)
            .chain(&self.boundaries)
            .chain(&self.session)
            .chain(&self.endpoint)
            .chain(levels.flat_map(|level| &level.policies))
    }
}

/// What is no policy but has a say in a decision.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The organization's management account, which SCPs and RCPs spare; `None`: not told.
    pub management_account: Option<String>,
    /// Whether the KMS key is an AWS managed one, which RCPs spare.
    pub aws_managed_key: bool,
    /// The canonical user id of the principal's account, for S3.
    pub canonical_user: Option<String>,
    /// Grants on the KMS key.
    pub kms_grants: Vec<KmsGrant>,
    /// S3's own switches and ACLs.
    pub s3: S3Facts,
}

/// A KMS grant ("Grants in AWS KMS", KMS Developer Guide).
#[derive(Debug, Clone)]
pub struct KmsGrant {
    /// Its id or place.
    pub name: String,
    /// The grantee: an ARN, an account's root or a service.
    pub grantee: String,
    /// Who may retire it besides the key's administrators.
    pub retiring: Option<String>,
    /// Operations: `Decrypt`, `GenerateDataKey`, ...
    pub operations: Vec<String>,
    /// `EncryptionContextEquals`: the whole encryption context.
    pub context_equals: Option<Vec<(String, String)>>,
    /// `EncryptionContextSubset`: pairs that must be among it.
    pub context_subset: Vec<(String, String)>,
}

/// S3's own switches and ACLs.
#[derive(Debug, Clone, Default)]
pub struct S3Facts {
    /// Block Public Access, `RestrictPublicBuckets`: a public policy grants only to the owner's account and to services.
    pub restrict_public_buckets: bool,
    /// Block Public Access, `IgnorePublicAcls`.
    pub ignore_public_acls: bool,
    /// The bucket's ABAC switch; `Some(false)`: `aws:ResourceTag` is not in the request. `None`: not told.
    pub abac: Option<bool>,
    /// Grants of the bucket's ACL; empty when ACLs are disabled.
    pub acl: Vec<Acl>,
    /// Grants of the ACL of the object that is asked for; empty when ACLs are disabled.
    pub object_acl: Vec<Acl>,
}

/// An S3 ACL grant.
#[derive(Debug, Clone)]
pub struct Acl {
    /// A canonical user id, or the URI of a group.
    pub grantee: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`.
    pub permission: String,
}

impl ContextValue {
    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}
