//! Policies in files and folders.

use crate::failure::{Failure, said};
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

/// Folders nest no deeper than this; a link may lead back.
const DEPTH: usize = 32;

/// The policies of a file or folder by their path in it; a file alone has an empty path. In a folder, all `.json` files.
pub(super) fn read(path: &Path) -> Result<BTreeMap<PathBuf, Found>, Failure> {
    let mut found = BTreeMap::new();
    if path.is_dir() {
        folder(path, path, DEPTH, &mut found)?;
        if found.is_empty() {
            return Err(Failure::usage(format!(
                "`{}` has no `.json` files",
                path.display()
            )));
        }
    } else {
        found.insert(PathBuf::new(), file(path)?);
    }
    Ok(found)
}

fn folder(
    root: &Path,
    path: &Path,
    depth: usize,
    found: &mut BTreeMap<PathBuf, Found>,
) -> Result<(), Failure> {
    for entry in fs_err::read_dir(path).map_err(|e| Failure::usage(said(&e)))? {
        let path = entry?.path();
        if path.is_dir() && depth > 0 {
            folder(root, &path, depth - 1, found)?;
        } else if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("json"))
        {
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            found.insert(name, file(&path)?);
        }
    }
    Ok(())
}

fn file(path: &Path) -> Result<Found, Failure> {
    let bytes = fs_err::read(path).map_err(|e| Failure::usage(said(&e)))?;
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
        path: path.to_owned(),
        policy: parsed.policy,
        grammar,
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
