//! Patterns over names: shell globs of ours, regular expressions of other tools.

use globset::{Glob, GlobMatcher};
use regex::Regex;
use std::fmt;

/// A pattern, with the text that it was written as.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    Glob(GlobMatcher),
    Regex(Regex),
}

impl Pattern {
    /// A shell glob: `*` and `?` match any characters, `/` included.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn glob(text: &str) -> Result<Self, String> {
        let glob = Glob::new(text).map_err(|e| e.to_string())?;
        Ok(Self {
            text: text.to_owned(),
            matcher: Matcher::Glob(glob.compile_matcher()),
        })
    }

    /// Any of several regular expressions, each matching anywhere in the text, as in Prowler's mutelist; a leading `*`
    /// stands for anything.
    ///
    /// # Errors
    /// What is wrong with one.
    pub fn any_regex(texts: &[String]) -> Result<Self, String> {
        let alternatives: Vec<String> = texts
            .iter()
            .map(|t| match t.strip_prefix('*') {
                Some(rest) => format!(".*{rest}"),
                None => t.clone(),
            })
            .collect();
        let regex = Regex::new(&alternatives.join("|")).map_err(|e| e.to_string())?;
        Ok(Self {
            text: texts.join("|"),
            matcher: Matcher::Regex(regex),
        })
    }

    /// Whether a text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::Glob(glob) => glob.is_match(text),
            Matcher::Regex(regex) => regex.is_match(text),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
