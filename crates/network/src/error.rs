//! What can go wrong, in words.

use thiserror::Error;

/// An error of a question or of an intent file.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// A place of a question that nothing in the estate answers to.
    #[error(
        "`{0}` is not an interface, instance, subnet, security group, tag, address, block, gateway or `internet` of this estate"
    )]
    UnknownPlace(String),
    /// A question from one region of addresses to another, which no interface of the estate takes part in.
    #[error("neither `{0}` nor `{1}` is in this estate: one end must be")]
    NoEnd(String, String),
    /// A protocol that is not known.
    #[error(
        "`{0}` is not a protocol (hint: `tcp`, `udp`, `icmp`, `icmpv6`, or a number from 0 to 255)"
    )]
    Protocol(String),
    /// A mistake in an intent file.
    #[error("{file}:{line}:{column}: {message}")]
    Intent {
        /// File as the caller named it.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong and what to do.
        message: String,
    },
}

/// Something that was read and could not be used; the rest stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// Where: the caller's name of the document, and the key.
    pub at: String,
    /// What.
    pub message: String,
}
