//! What allows without a policy: KMS grants and S3 ACLs.

use serde_json::{Value, json};

use super::{
    asked::{Asked, list, strings},
    named,
};

/// How grants and ACLs that allow the request name its caller.
pub fn forms(case: &Value, asked: &Asked) -> Vec<&'static str> {
    let mut found = Vec::new();
    for grant in list(&case["kms"]["grants"]) {
        found.extend(by_grant(&grant, case, asked));
    }
    for grant in list(&case["s3"]["acl"]) {
        found.extend(by_acl(&grant, asked));
    }
    found
}

fn by_grant(grant: &Value, case: &Value, asked: &Asked) -> Vec<&'static str> {
    let Some(operation) = asked.action.strip_prefix("kms:") else {
        return Vec::new();
    };
    let is = |principal: &Value| named(asked, &json!({ "AWS": strings(principal) }));
    let listed = strings(&grant["Operations"])
        .iter()
        .any(|name| name.to_lowercase() == operation);
    match operation {
        "retiregrant" => {
            let mut all = is(&grant["RetiringPrincipal"]);
            if listed {
                all.extend(is(&grant["GranteePrincipal"]));
            }
            all
        }
        "describekey" if listed => is(&grant["GranteePrincipal"]),
        "decrypt" if listed && fits(&grant["Constraints"], &case["request"]["context"]) => {
            is(&grant["GranteePrincipal"])
        }
        _ => Vec::new(),
    }
}

/// The encryption context as the request tells it, with the case of its names.
fn fits(constraints: &Value, context: &Value) -> bool {
    let prefix = "kms:EncryptionContext:";
    let told: Vec<(&str, &Value)> = context
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value)))
        .collect();
    let has = |name: &str, value: &Value| told.contains(&(name, value));
    let subset = constraints["EncryptionContextSubset"]
        .as_object()
        .is_none_or(|pairs| pairs.iter().all(|(name, value)| has(name, value)));
    let equal = constraints["EncryptionContextEquals"]
        .as_object()
        .is_none_or(|pairs| {
            let names = strings(&context["kms:EncryptionContextKeys"]);
            pairs.iter().all(|(name, value)| has(name, value))
                && told.len() == pairs.len()
                && names.iter().all(|name| pairs.contains_key(name))
        });
    subset && equal
}

fn by_acl(grant: &Value, asked: &Asked) -> Vec<&'static str> {
    let wanted = match asked.action.as_str() {
        "s3:getobject" => "READ",
        "s3:putobject" => "WRITE",
        _ => return Vec::new(),
    };
    let grantee = grant["grantee"].as_str().unwrap();
    let everyone = grantee.ends_with("/AllUsers");
    let signed = grantee.ends_with("/AuthenticatedUsers") && !asked.who.account.is_empty();
    let permission = grant["permission"].as_str().unwrap();
    if (everyone || signed) && (permission == wanted || permission == "FULL_CONTROL") {
        vec!["self"]
    } else {
        Vec::new()
    }
}
