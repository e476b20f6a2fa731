//! Findings, a file for each control.

use super::Folder;
use crate::Report;
use crate::json::FindingV1;
use palisade_core::assess::{Header, Summary};
use palisade_core::catalog::Framework;
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding};
use std::collections::BTreeSet;
use std::fmt;
use std::io;

/// Keeps the findings of the controls that bear on a framework, as they come.
pub struct Evidence<'a> {
    catalog: &'a Catalog,
    folder: &'a mut dyn Folder,
    wanted: BTreeSet<&'a str>,
    begun: BTreeSet<String>,
    header: Option<Header>,
}

impl fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("begun", &self.begun.len())
            .finish_non_exhaustive()
    }
}

/// Where the findings of a control are.
pub(super) fn path(control: &str) -> String {
    format!("evidence/{control}.json")
}

impl<'a> Evidence<'a> {
    /// For the controls that decide a requirement of the framework.
    pub fn new(catalog: &'a Catalog, framework: &'a Framework, folder: &'a mut dyn Folder) -> Self {
        let named = framework.named(catalog);
        let requirements = framework.requirements.iter();
        let wanted = requirements
            .flat_map(|requirement| named.deciding(catalog, requirement).into_keys())
            .collect();
        Self {
            catalog,
            folder,
            wanted,
            begun: BTreeSet::new(),
            header: None,
        }
    }

    /// What was known before the first finding; nothing if it was never begun.
    #[must_use]
    pub fn header(self) -> Option<Header> {
        self.header
    }
}

impl Report for Evidence<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        for control in &self.begun {
            self.folder.append(&path(control), b"\n]\n")?;
        }
        Ok(())
    }
}

impl FindingSink for Evidence<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.wanted.contains(&*finding.control) {
            return Ok(());
        }
        let first = !self.begun.contains(&*finding.control);
        let mut text = if first {
            b"[\n".to_vec()
        } else {
            b",\n".to_vec()
        };
        serde_json::to_writer(&mut text, &FindingV1::new(self.catalog, finding))?;
        self.folder.append(&path(&finding.control), &text)?;
        if first {
            self.begun.insert(finding.control.to_string());
        }
        Ok(())
    }
}
