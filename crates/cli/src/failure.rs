//! How a command ends when it does not end well, and what the user can do.

use miette::Diagnostic;
use palisade_core::catalog::CatalogError;
use std::fmt;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Done, and nothing at or above the threshold.
    Clean,
    /// Done, and something fails at or above the threshold.
    Found,
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage, or a wrong file of the user's: exit 2.
    Usage(Message),
    /// Files that are wrong, each with its place: exit 2.
    Files(Vec<CatalogError>),
    /// It could not finish: exit 3.
    Unfinished(Message),
}

/// A message and a hint.
#[derive(Debug)]
pub(crate) struct Message {
    /// What is wrong.
    pub(crate) text: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// Wrong usage.
    pub(crate) fn usage(error: impl fmt::Display) -> Self {
        Self::Usage(Message::of(error))
    }

    /// It could not finish.
    pub(crate) fn unfinished(error: impl fmt::Display) -> Self {
        Self::Unfinished(Message::of(error))
    }

    /// With a word on what to do.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        let with = |mut m: Message| {
            m.hint = Some(hint.into());
            m
        };
        match self {
            Self::Usage(m) => Self::Usage(with(m)),
            Self::Unfinished(m) => Self::Unfinished(with(m)),
            Self::Files(errors) => Self::Files(errors),
        }
    }

    /// In one line.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Usage(m) | Self::Unfinished(m) => m.text.clone(),
            Self::Files(errors) => errors
                .first()
                .map(CatalogError::one_line)
                .unwrap_or_default(),
        }
    }

    /// The exit status.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Files(_) => 2,
            Self::Unfinished(_) => 3,
        }
    }
}

impl Message {
    fn of(error: impl fmt::Display) -> Self {
        Self {
            text: error.to_string(),
            hint: None,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::unfinished(error)
    }
}

impl From<Vec<CatalogError>> for Failure {
    fn from(errors: Vec<CatalogError>) -> Self {
        Self::Files(errors)
    }
}

impl From<palisade_query::QueryError> for Failure {
    fn from(error: palisade_query::QueryError) -> Self {
        let hint = error.hint();
        let failure = Self::unfinished(error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<palisade_core::catalog::UnknownId> for Failure {
    fn from(error: palisade_core::catalog::UnknownId) -> Self {
        let what = error.what;
        Self::usage(error).hint(format!("`palisade list {what}s` names them all"))
    }
}

/// A file's error as text that points into the file.
pub(crate) fn rendered(error: &CatalogError, colour: bool, width: usize) -> String {
    let theme = if colour {
        miette::GraphicalTheme::unicode()
    } else {
        miette::GraphicalTheme::unicode_nocolor()
    };
    let mut text = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(width);
    let diagnostic: &dyn Diagnostic = error;
    if handler.render_report(&mut text, diagnostic).is_err() {
        text = error.one_line();
    }
    text
}
