//! What is no policy in a case but has a say.

use super::case::{given, list, text, wrong};
use crate::{
    error::DocumentError,
    eval::asks_object_acl,
    model::{Acl, Facts, KmsGrant, S3Facts},
    parse::json::{Json, Node},
};

/// Reads `managementAccount`, `canonicalUser`, `kms` and `s3`; the action, lower case, tells whose ACL is meant.
pub(super) fn read(node: &Node, action: &str) -> Result<Facts, DocumentError> {
    let string = |node: Option<&Node>, what: &str| -> Result<Option<String>, DocumentError> {
        node.map(|node| text(node, what).map(str::to_owned))
            .transpose()
    };
    let mut facts = Facts {
        management_account: string(given(node, "managementAccount"), "`managementAccount`")?,
        canonical_user: string(given(node, "canonicalUser"), "`canonicalUser`")?,
        ..Facts::default()
    };
    if let Some(kms) = given(node, "kms") {
        facts.aws_managed_key = flag(kms, "awsManaged") == Some(true);
        if let Some(grants) = given(kms, "grants") {
            for (at, grant) in list(grants, "`kms.grants`")?.iter().enumerate() {
                facts.kms_grants.push(kms_grant(grant, at)?);
            }
        }
    }
    if let Some(s3) = given(node, "s3") {
        facts.s3 = S3Facts {
            restrict_public_buckets: flag(s3, "restrictPublicBuckets") == Some(true),
            ignore_public_acls: flag(s3, "ignorePublicAcls") == Some(true),
            abac: flag(s3, "abac"),
            acl: Vec::new(),
            object_acl: Vec::new(),
        };
        let mut grants = Vec::new();
        if let Some(acl) = given(s3, "acl") {
            for grant in list(acl, "`s3.acl`")? {
                let member = |name: &str| -> Result<String, DocumentError> {
                    let node = given(grant, name).ok_or_else(|| {
                        DocumentError::new(grant.at, format!("the ACL grant has no `{name}`"))
                    })?;
                    Ok(text(node, name)?.to_owned())
                };
                grants.push(Acl {
                    grantee: member("grantee")?,
                    permission: member("permission")?,
                });
            }
        }
        // The ACL that S3 looks at for the action.
        if asks_object_acl(action) {
            facts.s3.object_acl = grants;
        } else {
            facts.s3.acl = grants;
        }
    }
    Ok(facts)
}

fn flag(node: &Node, name: &str) -> Option<bool> {
    match given(node, name).map(|node| &node.value) {
        Some(Json::Bool(flag)) => Some(*flag),
        _ => None,
    }
}

/// As `kms:ListGrants` returns it: `GranteePrincipal`, `RetiringPrincipal`, `Operations`, `Constraints`.
fn kms_grant(node: &Node, at: usize) -> Result<KmsGrant, DocumentError> {
    let string = |name: &str| {
        given(node, name)
            .map(|node| text(node, name).map(str::to_owned))
            .transpose()
    };
    let pairs = |name: &str| -> Result<Option<Vec<(String, String)>>, DocumentError> {
        let Some(found) = given(node, "Constraints").and_then(|node| given(node, name)) else {
            return Ok(None);
        };
        let Json::Object(members) = &found.value else {
            return Err(wrong(found, &format!("`{name}` is an object")));
        };
        members
            .iter()
            .map(|member| Ok((member.name.clone(), text(&member.value, name)?.to_owned())))
            .collect::<Result<_, DocumentError>>()
            .map(Some)
    };
    let operations = match given(node, "Operations") {
        Some(found) => list(found, "`Operations`")?
            .iter()
            .map(|node| Ok(text(node, "an operation")?.to_owned()))
            .collect::<Result<_, DocumentError>>()?,
        None => Vec::new(),
    };
    Ok(KmsGrant {
        name: string("GrantId")?.unwrap_or_else(|| format!("kms.grants[{at}]")),
        grantee: string("GranteePrincipal")?
            .ok_or_else(|| DocumentError::new(node.at, "the grant has no `GranteePrincipal`"))?,
        retiring: string("RetiringPrincipal")?,
        operations,
        context_equals: pairs("EncryptionContextEquals")?,
        context_subset: pairs("EncryptionContextSubset")?.unwrap_or_default(),
    })
}
