//! What can be wrong with a document, and where.

use crate::model::Position;

/// Something wrong in a document, at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct DocumentError {
    /// Line and column where the offending text starts.
    pub at: Position,
    /// What is wrong and what to do.
    pub problem: String,
}

impl DocumentError {
    pub(crate) fn new(at: Position, problem: impl Into<String>) -> Self {
        Self {
            at,
            problem: bounded(problem.into()),
        }
    }
}

/// Characters of a document that a message repeats in one piece.
const REPEATED: usize = 200;
/// Pieces of a message: more are of a text that has backticks itself.
const PIECES: usize = 16;

/// A message in which no piece between backticks is longer than a person reads: what stands in a document may be as
/// long as the document. Every message that repeats a document's text goes through here.
pub(crate) fn bounded(message: String) -> String {
    if message.len() <= REPEATED {
        return message;
    }
    let mut short = String::new();
    for (at, piece) in message.split('`').enumerate() {
        if at == PIECES {
            short.push('…');
            break;
        }
        if at > 0 {
            short.push('`');
        }
        match piece.char_indices().nth(REPEATED) {
            Some((cut, _)) => {
                short.push_str(piece.get(..cut).unwrap_or_default());
                short.push('…');
            }
            None => short.push_str(piece),
        }
    }
    short
}

/// A case that cannot be decided because it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The line is not a JSON document, or one of its members has the wrong form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A policy of the case is not one.
    #[error("{layer}: {source}")]
    Policy {
        /// The member of the case: `identityPolicies[0]`.
        layer: String,
        /// What is wrong with it.
        source: DocumentError,
    },
    /// The request lacks something, or has something that is no request.
    #[error("request: {0}")]
    Request(String),
}

impl CaseError {
    pub(crate) fn request(problem: impl Into<String>) -> Self {
        Self::Request(bounded(problem.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters_and_the_words_stay() {
        let short = "`s3:Get` is no action".to_owned();
        assert_eq!(bounded(short.clone()), short);
        let long = "é".repeat(100_000);
        let cut = bounded(format!("`{long}` is no action of `{long}`"));
        let kept = "é".repeat(REPEATED);
        assert_eq!(cut, format!("`{kept}…` is no action of `{kept}…`"));
        assert!(bounded("`".repeat(100_000)).chars().count() < 100);
        assert!(bounded("a`".repeat(100_000)).chars().count() < 100);
    }
}
