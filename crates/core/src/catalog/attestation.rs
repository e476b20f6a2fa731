//! Attestations: dated, expiring statements by named people that a human process exists.

use super::error::CatalogError;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The recommendation that it answers.
    pub recommendation: String,
    /// The account that it holds for; every account in scope when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is stated.
    pub statement: String,
    /// Who states it.
    pub by: String,
    /// When.
    pub date: Date,
    /// The last day on which it counts.
    pub expires: Date,
    /// A link to the evidence, or the path of a file.
    pub evidence: String,
    /// SHA-256 of the file, when the evidence is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// The statements of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Attestations {
    /// In the order of the file.
    #[serde(rename = "attestation")]
    pub entries: Vec<Attestation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    attestation: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    recommendation: Spanned<String>,
    account: Option<String>,
    statement: String,
    by: String,
    date: Spanned<toml::Value>,
    expires: Spanned<toml::Value>,
    evidence: Spanned<String>,
    sha256: Option<String>,
}

impl Attestations {
    /// Reads `attestations.toml`.
    ///
    /// # Errors
    /// Every entry that is wrong, with its place: an unknown recommendation, no evidence, a wrong day.
    pub fn parse(
        path: &str,
        text: &str,
        is_recommendation: impl Fn(&str) -> bool,
    ) -> Result<Self, Vec<CatalogError>> {
        let file: File =
            toml::from_str(text).map_err(|e| vec![CatalogError::toml(path, text, &e)])?;
        let mut entries = Vec::new();
        let mut errors = Vec::new();
        for raw in file.attestation {
            match check(raw, &is_recommendation) {
                Ok(entry) => entries.push(entry),
                Err((span, message)) => {
                    errors.push(CatalogError::new(path, text, Some(span), message));
                }
            }
        }
        if errors.is_empty() {
            Ok(Self { entries })
        } else {
            Err(errors)
        }
    }

    /// The statement that holds longest for a recommendation and an account.
    #[must_use]
    pub fn newest(&self, recommendation: &str, account: &str) -> Option<&Attestation> {
        self.entries
            .iter()
            .filter(|a| a.recommendation == recommendation)
            .filter(|a| a.account.as_deref().is_none_or(|one| one == account))
            .max_by_key(|a| a.expires)
    }
}

fn check(
    raw: Spanned<Raw>,
    is_recommendation: &impl Fn(&str) -> bool,
) -> Result<Attestation, (std::ops::Range<usize>, String)> {
    let whole = raw.span();
    let raw = raw.into_inner();
    if !is_recommendation(raw.recommendation.get_ref()) {
        return Err((
            raw.recommendation.span(),
            format!(
                "no recommendation is called `{}`: see `palisade list recommendations`",
                raw.recommendation.get_ref()
            ),
        ));
    }
    if raw.evidence.get_ref().trim().is_empty() {
        return Err((
            raw.evidence.span(),
            "the evidence is empty: link to what shows it, or name a file".to_owned(),
        ));
    }
    for (what, text) in [("statement", &raw.statement), ("by", &raw.by)] {
        if text.trim().is_empty() {
            return Err((whole, format!("`{what}` is empty")));
        }
    }
    Ok(Attestation {
        recommendation: raw.recommendation.into_inner(),
        account: raw.account,
        statement: raw.statement,
        by: raw.by,
        date: day(raw.date)?,
        expires: day(raw.expires)?,
        evidence: raw.evidence.into_inner(),
        sha256: raw.sha256,
    })
}

fn day(value: Spanned<toml::Value>) -> Result<Date, (std::ops::Range<usize>, String)> {
    let span = value.span();
    let text = match value.into_inner() {
        toml::Value::String(s) => s,
        other => other.to_string(),
    };
    text.parse()
        .map_err(|_| (span, format!("`{text}` is not a day: write 2027-03-31")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[attestation]]\nrecommendation = 'red-team'\nstatement = 'yearly'\nby = 'ada'\ndate = 2026-01-02\nexpires = '2027-01-02'\nevidence = 'https://wiki/red'\n";

    #[test]
    fn a_good_one_is_read() {
        let all = Attestations::parse("a.toml", GOOD, |r| r == "red-team").unwrap();
        assert_eq!(all.entries.len(), 1);
        assert!(all.newest("red-team", "1").is_some());
        assert!(all.newest("blue-team", "1").is_none());
    }

    #[test]
    fn empty_evidence_is_refused_with_its_place() {
        let text = GOOD.replace("https://wiki/red", " ");
        let errors = Attestations::parse("a.toml", &text, |_| true).unwrap_err();
        assert!(
            errors[0]
                .one_line()
                .starts_with("a.toml:7:12: the evidence is empty")
        );
        let errors = Attestations::parse("a.toml", GOOD, |_| false).unwrap_err();
        assert!(
            errors[0]
                .one_line()
                .contains("no recommendation is called `red-team`")
        );
    }
}
