//! One policy of several, and where several go.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Characters of a customer managed policy, and of all inline policies of a role; white space does not count.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MANAGED: usize = 6_144;
const INLINE: usize = 10_240;

/// What all the policies allow, as one document.
pub(super) fn whole(policies: &[Value]) -> Value {
    let mut policies = policies.iter();
    let Some(first) = policies.next() else {
        return json!({ "Version": "2012-10-17", "Statement": [] });
    };
    let mut whole = first.clone();
    for policy in policies {
        let more = policy.pointer(ACTIONS).and_then(Value::as_array);
        let actions = whole.pointer_mut(ACTIONS).and_then(Value::as_array_mut);
        if let (Some(actions), Some(more)) = (actions, more) {
            actions.extend(more.iter().cloned());
        }
    }
    whole
}

/// The actions of the one statement that each of them has.
const ACTIONS: &str = "/Statement/0/Action";

/// What to do with a policy that is larger than a managed one may be.
pub(super) fn too_large(whole: &Value, parts: usize) -> String {
    let size = whole.to_string().len();
    let inline = if size <= INLINE {
        format!(
            "an inline policy of a role takes it ({}): `aws iam put-role-policy --role-name ROLE --policy-name \
             palisade --policy-document file://policy.json`",
            thousands(INLINE)
        )
    } else {
        format!(
            "an inline policy of a role may have no more than {}",
            thousands(INLINE)
        )
    };
    format!(
        "the policy has {} characters, a managed policy at most {}; {inline}\n\
         `palisade permissions --out policy.json` writes it as {parts} policies, for `aws iam create-policy` each",
        thousands(size),
        thousands(MANAGED)
    )
}

/// `policy.json` as `policy-1.json`, `policy-2.json`, ...
pub(super) fn numbered(file: &Path, at: usize) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = match file.extension() {
        Some(extension) => format!("{stem}-{at}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{at}"),
    };
    file.with_file_name(name)
}

/// `6,144`; for numbers below a million.
fn thousands(n: usize) -> String {
    match n {
        0..1000 => n.to_string(),
        _ => format!("{},{:03}", n / 1000, n % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(actions: &[&str]) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] })
    }

    #[test]
    fn several_are_one() {
        let parts = [policy(&["a:One"]), policy(&["b:Two", "c:Three"])];
        assert_eq!(whole(&parts), policy(&["a:One", "b:Two", "c:Three"]));
        assert_eq!(whole(&[])["Statement"], json!([]));
    }

    #[test]
    fn what_is_too_large_is_told_with_what_takes_it() {
        let name = format!("a:{}", "x".repeat(7_000));
        let told = too_large(&policy(&[&name]), 2);
        assert!(
            told.contains("7,0") && told.contains("put-role-policy"),
            "{told}"
        );
        let told = too_large(&policy(&[&name, &name]), 3);
        assert!(!told.contains("put-role-policy"), "{told}");
        assert!(told.contains("as 3 policies"), "{told}");
    }

    #[test]
    fn files_are_numbered_before_their_ending() {
        let name = |file: &str| numbered(Path::new(file), 2).display().to_string();
        assert_eq!(name("out/policy.json"), "out/policy-2.json");
        assert_eq!(name("policy"), "policy-2");
    }
}
