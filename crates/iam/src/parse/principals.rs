//! `Principal` and `NotPrincipal`.

use std::collections::BTreeSet;

use super::{
    Notes,
    document::texts,
    json::{Json, Node},
};
use crate::{
    error::DocumentError,
    model::{Position, PrincipalEntry},
};

pub(crate) fn read(node: &Node, notes: &mut Notes) -> Result<Vec<PrincipalEntry>, DocumentError> {
    match &node.value {
        Json::Text(text) if text == "*" => Ok(vec![PrincipalEntry::Everyone]),
        Json::Text(_) | Json::List(_) => {
            let problem = "write \"*\" or an object such as {\"AWS\": \"arn:...\"} here";
            notes.refuse(DocumentError::new(node.at, problem))?;
            texts(node, "Principal")?
                .into_iter()
                .map(|(at, text)| bare(&text, at, notes))
                .collect()
        }
        Json::Object(members) => {
            if members.is_empty() {
                let problem = "a principal without a type names nobody; name one, or write \"*\"";
                notes.refuse(DocumentError::new(node.at, problem))?;
            }
            let mut entries = Vec::new();
            let mut earlier = BTreeSet::new();
            for member in members {
                // As with elements: IAM refuses two of one name, and so do both modes.
                if !earlier.insert(member.name.to_ascii_lowercase()) {
                    return Err(DocumentError::new(
                        member.at,
                        format!("`{}` stands here twice; keep one with a list", member.name),
                    ));
                }
                for (at, text) in texts(&member.value, &member.name)? {
                    entries.push(entry(&member.name, member.at, &text, at, notes)?);
                }
            }
            Ok(entries)
        }
        other => Err(DocumentError::new(
            node.at,
            format!(
                "a principal is \"*\" or an object; this is {}",
                other.kind()
            ),
        )),
    }
}

/// A principal without its type: only IAM's own kinds and services can be told from the text.
fn bare(text: &str, at: Position, notes: &mut Notes) -> Result<PrincipalEntry, DocumentError> {
    if crate::model::is_service(text) {
        return Ok(PrincipalEntry::Service(text.to_owned()));
    }
    if text.contains(":oidc-provider/") || text.contains(":saml-provider/") {
        return Ok(PrincipalEntry::Federated(text.to_owned()));
    }
    aws(text, at, notes)
}

fn entry(
    kind: &str,
    kind_at: Position,
    text: &str,
    at: Position,
    notes: &mut Notes,
) -> Result<PrincipalEntry, DocumentError> {
    let lower = kind.to_ascii_lowercase();
    let (canonical, entry) = match lower.as_str() {
        "aws" => ("AWS", aws(text, at, notes)?),
        "service" => ("Service", PrincipalEntry::Service(text.to_owned())),
        "federated" => ("Federated", PrincipalEntry::Federated(text.to_owned())),
        "canonicaluser" => (
            "CanonicalUser",
            PrincipalEntry::CanonicalUser(text.to_owned()),
        ),
        _ => {
            return Err(DocumentError::new(
                kind_at,
                format!(
                    "unknown type of principal `{kind}`; write AWS, Service, Federated or CanonicalUser"
                ),
            ));
        }
    };
    if canonical != kind {
        notes.refuse(DocumentError::new(
            kind_at,
            format!("write `{canonical}`, not `{kind}`"),
        ))?;
    }
    Ok(entry)
}

fn aws(text: &str, at: Position, notes: &mut Notes) -> Result<PrincipalEntry, DocumentError> {
    if text == "*" {
        return Ok(PrincipalEntry::Everyone);
    }
    if crate::model::is_account(text) {
        return Ok(PrincipalEntry::Account(text.to_owned()));
    }
    if let Some(account) = text
        .strip_suffix(":root")
        .filter(|arn| arn.starts_with("arn:") && arn.matches(':').count() == 4)
        .and_then(|arn| arn.rsplit(':').next())
        .filter(|account| !account.is_empty())
    {
        return Ok(PrincipalEntry::Account(account.to_owned()));
    }
    if text.starts_with("arn:") {
        if text.contains(['*', '?']) {
            let problem = "a principal's ARN has no wildcards; name the account and test `aws:PrincipalArn` in a condition";
            notes.refuse(DocumentError::new(at, problem))?;
        }
        return Ok(PrincipalEntry::Arn(text.to_owned()));
    }
    let unique = ["AROA", "AIDA", "AGPA", "ASIA"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    if !unique {
        let problem = format!("`{text}` is no principal: write an account id or an ARN");
        notes.refuse(DocumentError::new(at, problem))?;
    }
    Ok(PrincipalEntry::UniqueId(text.to_owned()))
}
