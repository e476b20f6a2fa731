//! Prowler's mutelist, read in place of an exceptions file: people who switch bring their habits.

use super::Catalog;
use super::error::CatalogError;
use super::exception::{Exception, Exceptions, Line};
use super::pattern::Pattern;
use indexmap::IndexMap;
use serde::Deserialize;
use std::sync::atomic::AtomicU64;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    mutelist: Mutelist,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mutelist {
    accounts: IndexMap<String, Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    checks: IndexMap<String, Check>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Check {
    regions: Option<Vec<String>>,
    resources: Option<Vec<String>>,
    tags: Option<Vec<String>>,
    exceptions: Option<But>,
    description: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct But {
    accounts: Option<Vec<String>>,
    regions: Option<Vec<String>>,
    resources: Option<Vec<String>>,
    tags: Option<Vec<String>>,
}

impl Exceptions {
    /// Reads a Prowler mutelist. What it can say and we cannot (tags, exceptions by account or region) is not applied: such an entry
    /// would accept more than its author meant, so it is left out and told in the notes.
    ///
    /// # Errors
    /// When the file is not YAML of that form, or a pattern is not a regular expression.
    pub fn from_mutelist(
        path: &str,
        text: &str,
        catalog: &Catalog,
    ) -> Result<(Self, Vec<String>), Vec<CatalogError>> {
        let wrong = |message: String| vec![CatalogError::new(path, text, None, message)];
        let file: File = serde_saphyr::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let mut entries = Vec::new();
        let mut notes = Vec::new();
        let mut lines = 0;
        for (account, body) in file.mutelist.accounts {
            for (check, rule) in body.checks {
                if let Some(what) = rule.unsupported() {
                    notes.push(format!(
                        "{path}: `{check}` of account `{account}` mutes by {what}: left out, write an exception for it"
                    ));
                    continue;
                }
                let controls = controls_of(catalog, &check);
                if controls.is_empty() {
                    notes.push(format!("{path}: no control is known as `prowler:{check}`"));
                }
                let line = Line {
                    at: lines,
                    names: format!("prowler:{check}"),
                };
                lines += 1;
                for control in controls {
                    let entry = rule
                        .exception(&account, control, &line)
                        .map_err(|e| wrong(format!("`{check}` of account `{account}`: {e}")))?;
                    entries.push(entry);
                }
            }
        }
        Ok((Self { entries }, notes))
    }
}

impl Check {
    fn unsupported(&self) -> Option<&'static str> {
        let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
        if some(&self.tags) {
            return Some("tags");
        }
        self.exceptions
            .as_ref()
            .filter(|b| some(&b.accounts) || some(&b.regions) || some(&b.tags))
            .map(|_| "exceptions of accounts, regions or tags")
    }

    fn exception(&self, account: &str, control: &str, line: &Line) -> Result<Exception, String> {
        let any = |list: &Option<Vec<String>>| {
            list.as_deref()
                .filter(|l| !l.is_empty())
                .map(Pattern::any_regex)
                .transpose()
        };
        let but = any(&self.exceptions.as_ref().and_then(|b| b.resources.clone()))?;
        Ok(Exception {
            control: control.to_owned(),
            resource: any(&self.resources)?.map_or_else(|| Pattern::glob("*"), Ok)?,
            account: Some(Pattern::glob(account)?),
            region: any(&self.regions)?,
            but,
            owner: "mutelist".to_owned(),
            reason: self
                .description
                .clone()
                .unwrap_or_else(|| "muted in Prowler".to_owned()),
            expires: None,
            line: Some(line.clone()),
            used: AtomicU64::new(0),
        })
    }
}

/// The controls that a check's name, `*` included, stands for.
fn controls_of<'a>(catalog: &'a Catalog, check: &str) -> Vec<&'a str> {
    let Ok(pattern) = Pattern::glob(check) else {
        return Vec::new();
    };
    catalog
        .controls
        .values()
        .filter(|c| {
            check == "*"
                || c.also
                    .iter()
                    .filter_map(|a| a.strip_prefix("prowler:"))
                    .any(|id| pattern.matches(id))
        })
        .map(|c| c.id.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Resource;

    const CONTROL: &str = r#"
id = "root-mfa"
title = "t"
severity = "high"
also = ["prowler:iam_root_mfa_enabled"]
subject = "aws_account"
require = "true"
why = "w"
"#;

    fn catalog() -> Catalog {
        let control: super::super::Control = toml::from_str(CONTROL).unwrap();
        let mut catalog = Catalog::default();
        catalog.controls.insert(control.id.clone(), control);
        catalog
    }

    fn resource(account: &str, name: &str) -> Resource {
        Resource {
            arn: format!("arn:aws:iam::{account}:{name}"),
            name: name.to_owned(),
            kind: "aws_account".into(),
            account_id: account.to_owned(),
            region: "global".into(),
        }
    }

    #[test]
    fn an_entry_accepts_what_its_patterns_match() {
        let text = "Mutelist:\n  Accounts:\n    '111122223333':\n      Checks:\n        iam_root_*:\n          Regions: ['*']\n          Resources: ['root$']\n          Exceptions:\n            Resources: ['not-this']\n          Description: known\n";
        let (list, notes) = Exceptions::from_mutelist("m.yaml", text, &catalog()).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        let day = "2026-01-01".parse().unwrap();
        let accepts = |account, name| {
            list.accepting("root-mfa", &resource(account, name), day)
                .is_some()
        };
        assert!(accepts("111122223333", "root"));
        assert!(!accepts("111122223333", "root-2"));
        assert!(!accepts("111122223333", "not-this-root"));
        assert!(!accepts("444455556666", "root"));
        assert!(
            list.waivers(day, None)[0]
                .problem
                .contains("never runs out")
        );
    }

    #[test]
    fn a_line_for_many_controls_is_told_of_once() {
        let mut catalog = catalog();
        let other = CONTROL
            .replace("root-mfa", "root-keys")
            .replace("iam_root_mfa_enabled", "iam_no_root_access_key");
        let other: super::super::Control = toml::from_str(&other).unwrap();
        catalog.controls.insert(other.id.clone(), other);
        let text = "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        iam_*:\n          Resources: ['root$']\n        iam_root_mfa_enabled:\n          Resources: ['other']\n";
        let (list, _) = Exceptions::from_mutelist("m.yaml", text, &catalog).unwrap();
        assert_eq!(list.entries.len(), 3);
        let day = "2026-01-01".parse().unwrap();
        let told = || -> Vec<(String, String)> {
            let waivers = list.waivers(day, None).into_iter();
            waivers.map(|w| (w.control, w.problem)).collect()
        };
        let unused = "matches no failed resource: remove it".to_owned();
        assert_eq!(
            told(),
            [
                ("prowler:iam_*".to_owned(), unused.clone()),
                ("root-mfa".to_owned(), unused.clone())
            ]
        );
        // What one of its controls uses is used.
        let root = resource("111122223333", "root");
        assert!(list.accepting("root-keys", &root, day).is_some());
        assert_eq!(
            told(),
            [
                (
                    "prowler:iam_*".to_owned(),
                    "never runs out: give it an end".to_owned()
                ),
                ("root-mfa".to_owned(), unused)
            ]
        );
    }

    #[test]
    fn what_cannot_be_applied_is_left_out_and_told() {
        let text = "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        iam_root_mfa_enabled:\n          Regions: ['*']\n          Resources: ['*']\n          Tags: ['a=b']\n        other_check:\n          Resources: ['*']\n";
        let (list, notes) = Exceptions::from_mutelist("m.yaml", text, &catalog()).unwrap();
        assert!(list.entries.is_empty());
        assert!(notes[0].contains("mutes by tags"), "{notes:?}");
        assert!(notes[1].contains("prowler:other_check"), "{notes:?}");
    }

    #[test]
    fn a_wrong_file_is_told() {
        for text in [
            "Mutelist: 3",
            "a: [",
            "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        iam_root_mfa_enabled:\n          Resources: ['(']\n",
        ] {
            let errors = Exceptions::from_mutelist("m.yaml", text, &catalog()).unwrap_err();
            assert!(errors[0].one_line().starts_with("m.yaml"), "{text}");
        }
    }
}
