//! How a command ends when it does not end well, and what the user can do.

use miette::Diagnostic;
use palisade_core::catalog::CatalogError;
use std::collections::BTreeSet;
use std::{fmt, io};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Done, and nothing at or above the threshold.
    Clean,
    /// Done, and something fails at or above the threshold.
    Found,
    /// The collection stopped before its end; what was measured is reported.
    Incomplete,
}

impl Done {
    /// The exit status. What could not be seen weighs more than what was found: the report is not whole.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Found => 1,
            Self::Incomplete => 3,
        }
    }
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

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::unfinished(said(&error))
    }
}

/// The system's error in our words: "can't open file `x`: no such file or directory".
pub(crate) fn said(error: &io::Error) -> String {
    let text = error.to_string();
    // The number says nothing that the words do not.
    let text = text
        .rsplit_once(" (os error ")
        .filter(|(_, number)| number.ends_with(')'))
        .map_or(text.as_str(), |(words, _)| words);
    let Some(rest) = text.strip_prefix("failed to ") else {
        return lower_first(text);
    };
    match rest.rsplit_once(": ") {
        Some((what, why)) => format!("can't {what}: {}", lower_first(why)),
        None => format!("can't {rest}"),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

impl From<Vec<CatalogError>> for Failure {
    fn from(errors: Vec<CatalogError>) -> Self {
        Self::Files(errors)
    }
}

impl From<palisade_query::QueryError> for Failure {
    fn from(error: palisade_query::QueryError) -> Self {
        use palisade_query::QueryError as Q;
        let hint = error.hint();
        let failure = match &error {
            Q::Io(e) => Self::unfinished(said(e)),
            Q::NotAQuery(_) | Q::Sql { .. } | Q::Control(_) | Q::NoNetwork | Q::NoSnapshot(_) => {
                Self::usage(error)
            }
            _ => Self::unfinished(error),
        };
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

impl From<palisade_core::catalog::SelectionError> for Failure {
    fn from(error: palisade_core::catalog::SelectionError) -> Self {
        match error {
            palisade_core::catalog::SelectionError::Unknown(error) => error.into(),
            nothing @ palisade_core::catalog::SelectionError::Nothing { .. } => {
                Self::usage(nothing).hint("leave `--severity` out, or ask for a lower one")
            }
        }
    }
}

/// Errors of files that are shown; a wrong file can have thousands.
const SHOWN: usize = 10;

/// The errors of files, each once and with its place, and how many more there are.
pub(crate) fn listed(errors: &[CatalogError], colour: bool, width: usize) -> String {
    let mut seen = BTreeSet::new();
    let distinct: Vec<&CatalogError> = errors
        .iter()
        .filter(|e| seen.insert(e.one_line()))
        .collect();
    let mut text = String::new();
    for error in distinct.iter().take(SHOWN) {
        text.push_str(rendered(error, colour, width).trim_end());
        text.push('\n');
    }
    let more = distinct.len().saturating_sub(SHOWN);
    if more > 0 {
        text.push_str(&format!("... and {more} more of {}\n", distinct.len()));
    }
    text
}

/// A file's error as text that points into the file.
fn rendered(error: &CatalogError, colour: bool, width: usize) -> String {
    if error.at.is_none() {
        let hint = error
            .hint
            .as_ref()
            .map_or_else(String::new, |h| format!("\nhint: {h}"));
        return format!("error: {}: {}{hint}", error.file.name(), error.message);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_errors_are_told_in_our_words() {
        let gone = fs_err::read("/nowhere/at/all").unwrap_err();
        assert_eq!(
            said(&gone),
            "can't open file `/nowhere/at/all`: no such file or directory"
        );
        assert_eq!(said(&io::Error::other("Odd")), "odd");
    }

    #[test]
    fn an_error_is_told_once_and_a_thousand_are_counted() {
        let error = |n: usize| CatalogError::new("a.toml", "", None, format!("wrong {n}"));
        let twice = listed(&[error(1), error(1)], false, 80);
        assert_eq!(twice, "error: a.toml: wrong 1\n");
        let many: Vec<_> = (0..1000).map(error).collect();
        let text = listed(&many, false, 80);
        assert_eq!(text.lines().count(), SHOWN + 1);
        assert!(text.ends_with("... and 990 more of 1000\n"), "{text}");
    }
}
