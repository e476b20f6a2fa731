//! Colour, or none: every word reads the same without it.

use palisade_core::{Severity, State};

/// Puts ANSI colours around text, when they are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    fn wrap(self, code: &str, text: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub(crate) fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    pub(crate) fn severity(self, severity: Option<Severity>, text: &str) -> String {
        match severity {
            Some(Severity::Critical) => self.wrap("1;31", text),
            Some(Severity::High) => self.bad(text),
            Some(Severity::Medium) => self.warn(text),
            Some(Severity::Low) | None => self.dim(text),
        }
    }

    pub(crate) fn state(self, state: State, text: &str) -> String {
        match state {
            State::Pass => self.good(text),
            State::Fail => self.bad(text),
            State::Unknown => self.warn(text),
            State::NotApplicable | State::Excepted => self.dim(text),
        }
    }

    /// A share: good from 80 %, bad below 50 %.
    pub(crate) fn share(self, share: f64, text: &str) -> String {
        if share >= 0.8 {
            self.good(text)
        } else if share >= 0.5 {
            self.warn(text)
        } else {
            self.bad(text)
        }
    }
}
