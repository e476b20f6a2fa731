//! The one error of the tasks: a message for the person who ran it.

/// What went wrong and where, in one or more lines.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct TaskError(String);

impl TaskError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The same error with the file or thing that it is about put before it.
    pub(crate) fn at(place: impl std::fmt::Display) -> impl FnOnce(Self) -> Self {
        move |error| Self(format!("{place}: {error}"))
    }
}

impl From<std::io::Error> for TaskError {
    // `fs_err` has put the path into the message.
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for TaskError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<toml::de::Error> for TaskError {
    fn from(error: toml::de::Error) -> Self {
        Self(error.to_string())
    }
}
