//! The formats, by name.

use crate::Report;
use crate::asff::Asff;
use crate::csv::Csv;
use crate::html::Html;
use crate::json::Json;
use crate::junit::JUnit;
use crate::ocsf::Ocsf;
use crate::parquet::Parquet;
use crate::sarif::Sarif;
use crate::terminal::Terminal;
use palisade_core::Catalog;
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

/// A form that a report can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Text for a terminal: the first screen, then the rest.
    Terminal,
    /// One JSON document, `palisade.assessment/v1`.
    Json,
    /// One finding a line, RFC 4180.
    Csv,
    /// OCSF 1.6 compliance findings, JSON lines.
    Ocsf,
    /// AWS Security Finding Format, a JSON array.
    Asff,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    JUnit,
    /// One self-contained page.
    Html,
    /// Parquet; binary, so for a file.
    Parquet,
}

impl Format {
    /// All of them, in the order of the help text.
    pub const ALL: [Self; 9] = [
        Self::Terminal,
        Self::Json,
        Self::Csv,
        Self::Ocsf,
        Self::Asff,
        Self::Sarif,
        Self::JUnit,
        Self::Html,
        Self::Parquet,
    ];

    /// The word on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "table",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
            Self::Sarif => "sarif",
            Self::JUnit => "junit",
            Self::Html => "html",
            Self::Parquet => "parquet",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no format: use one of ", self.0)?;
        for (at, format) in Format::ALL.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            f.write_str(format.as_str())?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|f| f.as_str() == word)
            .ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

/// How a report for people looks; the formats for programs ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to use colour: a terminal, and neither `NO_COLOR` nor `--no-color`.
    pub colour: bool,
    /// Only the first screen.
    pub quiet: bool,
    /// List every finding that is not a pass.
    pub verbose: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 80,
            colour: false,
            quiet: false,
            verbose: false,
        }
    }
}

/// The writer of a format. `file` is what `out` will be called, where it is a file: a page of many accounts has the
/// accounts' own pages beside it.
#[must_use]
pub fn writer<'a>(
    format: Format,
    out: Box<dyn Write + Send + 'a>,
    catalog: &'a Catalog,
    options: Options,
    file: Option<&Path>,
) -> Box<dyn Report + 'a> {
    match format {
        Format::Terminal => Box::new(Terminal::new(out, catalog, options)),
        Format::Json => Box::new(Json::new(out, catalog)),
        Format::Csv => Box::new(Csv::new(out, catalog)),
        Format::Ocsf => Box::new(Ocsf::new(out, catalog)),
        Format::Asff => Box::new(Asff::new(out, catalog)),
        Format::Sarif => Box::new(Sarif::new(out, catalog)),
        Format::JUnit => Box::new(JUnit::new(out, catalog)),
        Format::Html => Box::new(Html::new(out, catalog, file.map(Path::to_owned))),
        Format::Parquet => Box::new(Parquet::new(out, catalog)),
    }
}
