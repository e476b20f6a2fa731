//! A file's text, kept so that an error can point into it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The text of a catalogue's file. What lies in the binary is not copied, and clones share what does not: a catalogue
/// keeps all of its two megabytes.
#[derive(Clone)]
pub struct Text(Kept);

#[derive(Clone)]
enum Kept {
    Built(&'static str),
    Read(Arc<str>),
}

impl Text {
    /// A text that lies in the binary.
    #[must_use]
    pub const fn built(text: &'static str) -> Self {
        Self(Kept::Built(text))
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::built("")
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Kept::Read(text.into()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Kept::Built(text) => text,
            Kept::Read(text) => text,
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
