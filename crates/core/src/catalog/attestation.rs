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
    /// Those that do not count: whoever reads their evidence sets them aside.
    #[serde(skip)]
    pub void: Vec<Void>,
    /// What each of the file's statements is about, and where it says so.
    #[serde(skip)]
    pub(super) about: Vec<About>,
}

/// A statement that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Void {
    /// The statement.
    pub statement: Attestation,
    /// What is wrong with its evidence, after the word: "has changed since".
    pub why: String,
}

impl Void {
    /// In one line, for a report.
    #[must_use]
    pub fn told(&self) -> String {
        let Attestation { by, date, .. } = &self.statement;
        let evidence = &self.statement.evidence;
        format!(
            "{by}'s statement of {date} does not count: its evidence `{evidence}` {}",
            self.why
        )
    }
}

/// What a statement is about, with its places in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    pub(super) recommendation: String,
    /// `attestations.toml:2:18`.
    pub(super) at: String,
    /// The account with its place.
    pub(super) account: Option<(String, String)>,
}

impl About {
    fn new(path: &str, text: &str, raw: &Raw) -> Self {
        let at =
            |word: &Spanned<String>| CatalogError::new(path, text, Some(word.span()), "").place();
        Self {
            recommendation: raw.recommendation.get_ref().clone(),
            at: at(&raw.recommendation),
            account: raw
                .account
                .as_ref()
                .map(|account| (account.get_ref().clone(), at(account))),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    attestation: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    recommendation: Spanned<String>,
    account: Option<Spanned<String>>,
    statement: Spanned<String>,
    by: Spanned<String>,
    date: Spanned<toml::Value>,
    expires: Spanned<toml::Value>,
    evidence: Spanned<String>,
    sha256: Option<String>,
}

/// Statements that stand in no file yet.
impl From<Vec<Attestation>> for Attestations {
    fn from(entries: Vec<Attestation>) -> Self {
        Self {
            entries,
            void: Vec::new(),
            about: Vec::new(),
        }
    }
}

impl Attestations {
    /// Reads `attestations.toml`; `today` is the last day that a statement can be of.
    ///
    /// # Errors
    /// Every entry that is wrong, with its place: an unknown recommendation, nobody's name, no evidence, a day that is
    /// wrong or has not come yet.
    pub fn parse(
        path: &str,
        text: &str,
        today: Date,
        is_recommendation: impl Fn(&str) -> bool,
    ) -> Result<Self, Vec<CatalogError>> {
        let file: File =
            toml::from_str(text).map_err(|e| vec![CatalogError::toml(path, text, &e)])?;
        let mut entries = Vec::new();
        let mut about = Vec::new();
        let mut errors = Vec::new();
        for raw in file.attestation {
            about.push(About::new(path, text, &raw));
            match check(raw, today, &is_recommendation) {
                Ok(entry) => entries.push(entry),
                Err((span, message)) => {
                    errors.push(CatalogError::new(path, text, Some(span), message));
                }
            }
        }
        if errors.is_empty() {
            Ok(Self {
                entries,
                void: Vec::new(),
                about,
            })
        } else {
            Err(errors)
        }
    }

    /// The statement that holds longest for a recommendation and an account.
    #[must_use]
    pub fn newest(&self, recommendation: &str, account: &str) -> Option<&Attestation> {
        self.entries
            .iter()
            .filter(|a| a.is_about(recommendation, account))
            .max_by_key(|a| a.expires)
    }

    /// The last statement on a recommendation and an account that does not count.
    #[must_use]
    pub fn void(&self, recommendation: &str, account: &str) -> Option<&Void> {
        self.void
            .iter()
            .filter(|void| void.statement.is_about(recommendation, account))
            .max_by_key(|void| void.statement.date)
    }
}

impl Attestation {
    fn is_about(&self, recommendation: &str, account: &str) -> bool {
        self.recommendation == recommendation
            && self.account.as_deref().is_none_or(|one| one == account)
    }
}

fn check(
    raw: Raw,
    today: Date,
    is_recommendation: &impl Fn(&str) -> bool,
) -> Result<Attestation, (std::ops::Range<usize>, String)> {
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
    for (what, text, hint) in [
        ("statement", &raw.statement, "say what is so"),
        ("by", &raw.by, "a statement is somebody's: write their name"),
    ] {
        if text.get_ref().trim().is_empty() {
            return Err((text.span(), format!("`{what}` is empty: {hint}")));
        }
    }
    let (date, expires) = (raw.date.span(), raw.expires.span());
    let (made, ends) = (day(raw.date)?, day(raw.expires)?);
    if made > today {
        return Err((
            date,
            format!(
                "the statement is of {made}, which is yet to come: it counts from the day it is made"
            ),
        ));
    }
    if ends < made {
        return Err((
            expires,
            format!("the statement runs out on {ends}, before it is made on {made}"),
        ));
    }
    Ok(Attestation {
        recommendation: raw.recommendation.into_inner(),
        account: raw.account.map(Spanned::into_inner),
        statement: raw.statement.into_inner(),
        by: raw.by.into_inner(),
        date: made,
        expires: ends,
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

    fn read(text: &str) -> Result<Attestations, Vec<String>> {
        let today = "2026-06-01".parse().unwrap();
        Attestations::parse("a.toml", text, today, |r| r == "red-team")
            .map_err(|errors| errors.iter().map(CatalogError::one_line).collect())
    }

    /// What is said of the good one with something else in it.
    fn wrong(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from));
        let [error] = read(&GOOD.replace(from, to))
            .unwrap_err()
            .try_into()
            .unwrap();
        error
    }

    #[test]
    fn a_good_one_is_read() {
        let all = read(GOOD).unwrap();
        assert_eq!(all.entries.len(), 1);
        assert!(all.newest("red-team", "1").is_some());
        assert!(all.newest("blue-team", "1").is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let evidence = wrong("https://wiki/red", " ");
        assert!(evidence.starts_with("a.toml:7:12: the evidence is empty"));
        assert_eq!(
            wrong("red-team", "red-tea"),
            "a.toml:2:18: no recommendation is called `red-tea`: see `palisade list recommendations`"
        );
        assert_eq!(
            wrong("'ada'", "' '"),
            "a.toml:4:6: `by` is empty: a statement is somebody's: write their name"
        );
        assert_eq!(
            wrong("'yearly'", "''"),
            "a.toml:3:13: `statement` is empty: say what is so"
        );
        assert_eq!(
            wrong("= 2026-01-02", "= 2026-06-02"),
            "a.toml:5:8: the statement is of 2026-06-02, which is yet to come: it counts from the day it is made"
        );
        assert_eq!(
            wrong("'2027-01-02'", "2026-01-01"),
            "a.toml:6:11: the statement runs out on 2026-01-01, before it is made on 2026-01-02"
        );
        assert!(wrong("= 2026-01-02", "= 'soon'").contains("`soon` is not a day"));
        assert!(read(&GOOD.replace("2026-01-02", "2026-06-01")).is_ok());
    }
}
