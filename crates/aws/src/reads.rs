//! The curated list of operations that collection may call, with the IAM actions that each needs.
//!
//! Neither the model nor the verb tells a safe read: `GetSecretValue`, `GetPasswordData` and
//! `GetSessionToken` are reads by name. So the list is written by hand, in `catalog/models/reads.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The list.
#[derive(Debug, Clone)]
pub struct Reads {
    actions: BTreeMap<String, Vec<String>>,
    never: BTreeMap<String, String>,
}

/// Why an operation may not be called, or why the list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadsError {
    /// The file is not what it should be.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// The file contradicts itself.
    #[error("`{0}` is both a read and never a read")]
    Both(String),
    /// The operation is refused for good.
    #[error("`{operation}` is never a read: {reason}")]
    Never {
        /// `service:Operation`
        operation: String,
        /// What it would give away.
        reason: String,
    },
    /// The operation is not in the list.
    #[error(
        "`{0}` is not in the list of reads; add it to catalog/models/reads.toml with its IAM actions if it is one"
    )]
    Unlisted(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    reads: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    never: BTreeMap<String, BTreeMap<String, String>>,
    /// Actions whose access level says more than they do, with the reason.
    #[serde(default, rename = "harmless")]
    _harmless: BTreeMap<String, String>,
    /// Actions that the catalogue's authorization data does not have yet, with the place that documents them.
    #[serde(default, rename = "new")]
    _new: BTreeMap<String, String>,
}

impl Reads {
    /// Reads the list from the text of its file.
    ///
    /// # Errors
    /// The text is not of the file's form, or an operation is both a read and never one.
    pub fn from_toml(text: &str) -> Result<Self, ReadsError> {
        let file: File = toml::from_str(text)?;
        let actions = flat(file.reads);
        let never = flat(file.never);
        match never.keys().find(|name| actions.contains_key(*name)) {
            Some(name) => Err(ReadsError::Both(name.clone())),
            None => Ok(Self { actions, never }),
        }
    }

    /// The IAM actions that a call needs; none for the few that need no permission.
    ///
    /// # Errors
    /// The operation is not one that collection may call.
    pub fn actions(&self, operation: &str) -> Result<&[String], ReadsError> {
        if let Some(reason) = self.never.get(operation) {
            return Err(ReadsError::Never {
                operation: operation.to_owned(),
                reason: reason.clone(),
            });
        }
        match self.actions.get(operation) {
            Some(actions) => Ok(actions),
            None => Err(ReadsError::Unlisted(operation.to_owned())),
        }
    }

    /// Every operation that may be called, as `service:Operation`, sorted.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }

    /// Every operation that never may, sorted.
    pub fn never(&self) -> impl Iterator<Item = &str> {
        self.never.keys().map(String::as_str)
    }
}

fn flat<T>(nested: BTreeMap<String, BTreeMap<String, T>>) -> BTreeMap<String, T> {
    nested
        .into_iter()
        .flat_map(|(service, operations)| {
            operations
                .into_iter()
                .map(move |(operation, value)| (format!("{service}:{operation}"), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> Reads {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../catalog/models/reads.toml"
        );
        Reads::from_toml(&fs_err::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn actions_differ_from_operations_where_iam_names_them_otherwise() {
        let reads = built_in();
        for (operation, action) in [
            ("iam:ListUsers", "iam:ListUsers"),
            ("s3:ListBuckets", "s3:ListAllMyBuckets"),
            ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
            (
                "s3control:GetPublicAccessBlock",
                "s3:GetAccountPublicAccessBlock",
            ),
            (
                "elbv2:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeLoadBalancers",
            ),
            (
                "accessanalyzer:ListFindingsV2",
                "access-analyzer:ListFindings",
            ),
            ("apigateway:GetRestApis", "apigateway:GET"),
        ] {
            assert_eq!(reads.actions(operation).unwrap(), [action], "{operation}");
        }
        assert!(reads.actions("sts:GetCallerIdentity").unwrap().is_empty());
    }

    #[test]
    fn secrets_and_unlisted_operations_are_refused_with_a_reason() {
        let reads = built_in();
        for secret in [
            "secretsmanager:GetSecretValue",
            "ec2:GetPasswordData",
            "sts:GetSessionToken",
            "ssm:GetParameter",
            "ssm:GetParameters",
            "s3:GetObject",
        ] {
            let error = reads.actions(secret).unwrap_err();
            assert!(
                matches!(error, ReadsError::Never { .. }),
                "{secret}: {error}"
            );
        }
        for unlisted in ["iam:DeleteUser", "iam", "iam:listusers", ""] {
            let error = reads.actions(unlisted).unwrap_err();
            assert!(
                matches!(error, ReadsError::Unlisted(_)),
                "{unlisted}: {error}"
            );
        }
    }

    #[test]
    fn no_read_has_a_verb_that_changes_something() {
        const VERBS: &[&str] = &[
            "Get", "List", "Describe", "BatchGet", "Head", "Search", "Lookup", "Simulate",
        ];
        // These make a report inside AWS and change nothing else.
        const OTHERS: &[&str] = &[
            "iam:GenerateCredentialReport",
            "iam:GenerateServiceLastAccessedDetails",
        ];
        for operation in built_in().operations() {
            let name = operation.split_once(':').unwrap().1;
            assert!(
                VERBS.iter().any(|verb| name.starts_with(verb)) || OTHERS.contains(&operation),
                "{operation}"
            );
        }
    }

    #[test]
    fn an_operation_cannot_be_both() {
        let text = "[reads.s3]\nGetObject = []\n[never.s3]\nGetObject = \"data\"\n";
        let error = Reads::from_toml(text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`s3:GetObject` is both a read and never a read"
        );
    }
}
