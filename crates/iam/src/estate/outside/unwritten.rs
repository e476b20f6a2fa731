//! What is no policy: ACLs and KMS grants.

use super::{ExternalTo, Outside};
use crate::{
    analyse::{Found, Reach},
    model::{Effect, Layers, Principal, Template},
};
use std::collections::BTreeMap;

impl Outside<'_> {
    /// ACL grants to everyone, to everyone with an AWS account, and to other accounts by their canonical user ids.
    pub(super) fn by_acl(&self) -> Vec<ExternalTo> {
        if self.resource.facts.s3.acl.is_empty() {
            return Vec::new();
        }
        let layers = self.unwritten();
        let mut all = Vec::new();
        let other = "arn:aws:iam::000000000000:user/palisade-other";
        let callers = [
            (Principal::anonymous(), "*"),
            (
                Principal::parse(other).unwrap_or_else(|_| Principal::anonymous()),
                "*",
            ),
        ];
        for (caller, name) in &callers {
            let actions = self.by_acl_to(&layers, caller);
            if !actions.is_empty() {
                all.push(ExternalTo::Somebody {
                    principal: ("AWS", (*name).to_owned()),
                    public: true,
                    actions,
                    source: "BUCKET_ACL",
                });
                break;
            }
        }
        for named in self.by_id().filter_map(|id| self.canonical(id)) {
            let own = named.layers(&layers);
            let actions = self.by_acl_to(own.as_ref().unwrap_or(&layers), &named.caller);
            if !actions.is_empty() {
                all.push(ExternalTo::Somebody {
                    principal: (named.name.0, named.name.1),
                    public: false,
                    actions,
                    source: "BUCKET_ACL",
                });
            }
        }
        all
    }

    /// The layers without what the resource's policy allows: what it denies is denied to those who have a grant too.
    pub(in crate::estate) fn unwritten(&self) -> Layers {
        let mut layers = self.layers();
        let policy = layers.resource.as_ref();
        layers.resource = policy.map(|named| named.only(|one| one.effect == Effect::Deny));
        layers
    }

    fn by_acl_to(&self, layers: &Layers, caller: &Principal) -> BTreeMap<String, Found> {
        let mut actions = BTreeMap::new();
        for action in ACL_ACTIONS {
            let template = Template::new(action, false, false);
            if let Reach::Can(found) = self.ask(layers, caller, &template, false) {
                actions.insert(action.to_owned(), *found);
            }
        }
        actions
    }

    /// KMS grants to principals outside.
    pub(super) fn by_grants(&self) -> Vec<ExternalTo> {
        let layers = self.unwritten();
        let mut all = Vec::new();
        for grant in &self.resource.facts.kms_grants {
            let Ok(caller) = Principal::parse(&grant.grantee) else {
                continue;
            };
            let Some(name) = self.name(&caller, false) else {
                continue;
            };
            let mut actions = BTreeMap::new();
            for operation in &grant.operations {
                let action = format!("kms:{}", operation.to_lowercase());
                let template = Template::new(&action, false, false);
                if let Reach::Can(found) = self.ask(&layers, &caller, &template, false) {
                    actions.insert(action, *found);
                }
            }
            if !actions.is_empty() {
                all.push(ExternalTo::Somebody {
                    principal: (name.0, name.1),
                    public: false,
                    actions,
                    source: "KMS_GRANT",
                });
            }
        }
        all
    }
}

/// What ACLs allow ("Access control list (ACL) overview", S3 User Guide).
const ACL_ACTIONS: [&str; 9] = [
    "s3:listbucket",
    "s3:listbucketversions",
    "s3:listbucketmultipartuploads",
    "s3:putobject",
    "s3:getbucketacl",
    "s3:putbucketacl",
    "s3:getobject",
    "s3:getobjectacl",
    "s3:putobjectacl",
];
