//! Policies in files and folders, parsed.

use super::documents::{self, Document};
use crate::failure::Failure;
use palisade_iam::DocumentError;
use palisade_iam::analyse::Grammar;
use palisade_iam::model::Policy;
use palisade_iam::parse::{Mode, PolicyKind, json, policy_from_node};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A policy and what it is attached to.
pub(super) struct Found {
    /// The file.
    pub(super) path: PathBuf,
    /// The document.
    pub(super) policy: Policy,
    /// Told by its statements.
    pub(super) grammar: Grammar,
}

/// The policies of a file or folder by their path in it; a file alone has an empty path.
pub(super) fn read(path: &Path) -> Result<BTreeMap<PathBuf, Found>, Failure> {
    documents::read(path)?
        .into_iter()
        .map(|document| Ok((document.inside.clone(), parsed(document)?)))
        .collect()
}

fn parsed(Document { path, bytes, .. }: Document) -> Result<Found, Failure> {
    let wrong = |e: DocumentError| {
        let (line, column) = (e.at.line, e.at.column);
        Failure::usage(format!("{}:{line}:{column}: {}", path.display(), e.problem))
    };
    let node = json::read_bytes(&bytes).map_err(wrong)?;
    let grammar = if names_principals(&node) {
        Grammar::Resource
    } else {
        Grammar::Identity
    };
    let kind = match grammar {
        Grammar::Resource => PolicyKind::Resource,
        Grammar::Identity => PolicyKind::Identity,
    };
    let parsed = policy_from_node(&node, kind, Mode::Lenient).map_err(wrong)?;
    Ok(Found {
        policy: parsed.policy,
        grammar,
        path,
    })
}

/// Whether a statement names principals, as only policies of resources do.
fn names_principals(node: &json::Node) -> bool {
    let statements = match node.get("Statement") {
        Some(json::Node {
            value: json::Json::List(nodes),
            ..
        }) => nodes.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    statements
        .iter()
        .any(|node| node.get("Principal").is_some() || node.get("NotPrincipal").is_some())
}
