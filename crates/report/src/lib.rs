//! Findings and their summary, written for people and for other programs.
//!
//! Every format is a [`Report`]: a header, then findings one by one, then the summary. Nothing is kept of a finding
//! once it is written, so memory does not grow with an estate. Formats for programs are versioned and documented in
//! `docs/formats`.

mod asff;
mod csv;
mod diff;
mod explain;
mod format;
mod html;
mod json;
mod junit;
mod list;
mod lookup;
mod ocsf;
mod overview;
pub mod pack;
mod page;
mod paint;
mod parquet;
mod place;
mod roadmap;
mod sarif;
mod site;
mod terminal;
mod text;
mod unsent;

pub use diff::{Changed, Difference, NotAgain, Unasked, diff_text};
pub use explain::{
    explain_control, explain_derived, explain_finding, explain_framework, explain_recommendation,
    explain_table,
};
pub use format::{Format, Options, UnknownFormat, writer};
pub use list::{
    ListForm, UnknownForm, list_controls, list_frameworks, list_recommendations, list_tables,
};
pub use page::Page;
pub use roadmap::{roadmap_text, roadmap_toml};
pub use site::{Put, site};
pub use text::clean;

use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use std::io;

/// A report in the making: [`Report::begin`], then [`FindingSink::finding`] for each finding, then [`Report::end`].
pub trait Report: FindingSink {
    /// Writes what is known before the first finding.
    ///
    /// # Errors
    /// When it cannot be written.
    fn begin(&mut self, header: &Header) -> io::Result<()>;

    /// Writes what is known after the last finding, and flushes.
    ///
    /// # Errors
    /// When it cannot be written.
    fn end(&mut self, summary: &Summary) -> io::Result<()>;
}

/// The caller left out [`Report::begin`].
fn not_begun() -> io::Error {
    io::Error::other("the report was not begun")
}
