//! Frameworks: named trees of requirements that point at recommendations.

use super::error::CatalogError;
use super::recommendation::{Kind, Recommendation};
use super::source::embedded_file;
use super::{Catalog, Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A framework, as its file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Equal to the file's name.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The edition that the list of ids is of.
    pub edition: String,
    /// Where it is published.
    pub source: String,
    /// The tool by whose name controls carry its ids in their `also` (`securityhub:IAM.4`); its own id, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also: Option<String>,
    /// Its requirements, complete, in its own order.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
    /// The file it stands in.
    #[serde(skip)]
    pub path: String,
    /// The file's text, for the place of an error.
    #[serde(skip)]
    pub text: Text,
}

/// One requirement of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// As the framework spells it.
    pub id: String,
    /// In own words.
    pub title: String,
    /// Category or chapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Maturity phase, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<u8>,
    /// What could show that it holds; the best of its recommendations' kinds when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceKind>,
    /// What answers it.
    #[serde(default)]
    pub recommendations: Vec<String>,
    /// The controls that carry its name see only a part of it: its recommendations decide with them (RFD 10).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partly: bool,
    /// Why nothing is mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}

/// What could show that a requirement holds, best first: what a machine reads, what a person states, what comes with the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceKind {
    /// Configuration.
    Config,
    /// An engine over configuration: access or network.
    Analysis,
    /// Log events.
    Logs,
    /// Code and pipelines.
    Code,
    /// A statement by a person.
    Attested,
    /// AWS, or whoever runs the site, answers for it.
    Inherited,
}

impl EvidenceKind {
    /// All of them, best first.
    pub const ALL: [Self; 6] = [
        Self::Config,
        Self::Analysis,
        Self::Logs,
        Self::Code,
        Self::Attested,
        Self::Inherited,
    ];

    /// The word used in files and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Analysis => "analysis",
            Self::Logs => "logs",
            Self::Code => "code",
            Self::Attested => "attested",
            Self::Inherited => "inherited",
        }
    }

    /// Whether a machine can read it.
    #[must_use]
    pub const fn is_machine(self) -> bool {
        matches!(
            self,
            Self::Config | Self::Analysis | Self::Logs | Self::Code
        )
    }
}

impl From<Kind> for EvidenceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Config => Self::Config,
            Kind::Analysis => Self::Analysis,
            Kind::Logs => Self::Logs,
            Kind::Code => Self::Code,
            Kind::Attested => Self::Attested,
        }
    }
}

/// What of a framework the catalogue reaches, in requirements. The four last add up to `total`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// All requirements.
    pub total: usize,
    /// Requirements by what could show them.
    pub could: BTreeMap<EvidenceKind, usize>,
    /// At least one control answers.
    pub measured: usize,
    /// No control answers, but a person can state it.
    pub stated: usize,
    /// A recommendation is mapped, and nothing answers it yet.
    pub waiting: usize,
    /// No recommendation is mapped.
    pub open: usize,
}

impl Reach {
    /// Requirements that machine evidence could touch at all.
    #[must_use]
    pub fn machine(&self) -> usize {
        self.could
            .iter()
            .filter(|(evidence, _)| evidence.is_machine())
            .map(|(_, n)| n)
            .sum()
    }

    /// Requirements of a kind of evidence.
    #[must_use]
    pub fn of(&self, evidence: EvidenceKind) -> usize {
        self.could.get(&evidence).copied().unwrap_or_default()
    }
}

impl Framework {
    /// What of it the catalogue reaches.
    #[must_use]
    pub fn reach(&self, catalog: &Catalog) -> Reach {
        let mut reach = Reach {
            total: self.requirements.len(),
            ..Reach::default()
        };
        let answered: BTreeSet<&str> = catalog
            .controls
            .values()
            .flat_map(|c| c.answers.iter().map(|a| a.get_ref().as_str()))
            .collect();
        let named = self.named(catalog);
        for requirement in &self.requirements {
            let rows = || {
                let ids = requirement.recommendations.iter();
                ids.filter_map(|id| catalog.recommendations.get(id))
            };
            let evidence = requirement
                .evidence
                .or_else(|| rows().map(|r| EvidenceKind::from(r.kind)).min());
            if let Some(evidence) = evidence {
                *reach.could.entry(evidence).or_default() += 1;
            }
            let controls = !named.of(requirement).is_empty()
                || rows().any(|r| answered.contains(r.id.as_str()));
            let slot = if controls {
                &mut reach.measured
            } else if rows().any(Recommendation::asks_a_person) {
                &mut reach.stated
            } else if requirement.recommendations.is_empty() {
                &mut reach.open
            } else {
                &mut reach.waiting
            };
            *slot += 1;
        }
        reach
    }

    /// What is wrong with it: ids that stand twice or are not of its edition, recommendations that are none, silence.
    pub(super) fn check(&self, is_recommendation: impl Fn(&str) -> bool) -> Vec<CatalogError> {
        let mut errors = Vec::new();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let edition = self.ids_of_edition();
        for requirement in &self.requirements {
            let id = requirement.id.as_str();
            let nth = seen.entry(id).or_default();
            let before = *nth;
            *nth += 1;
            let mut wrong = |word: &str, message: String, hint: &str| {
                let at = self.place(id, before);
                let span = self.word_after(at.as_ref(), word);
                let error = CatalogError::new(&self.path, &self.text, span, message);
                errors.push(error.with_hint(hint));
            };
            if *nth > 1 {
                let message = format!("the requirement `{id}` is there twice");
                wrong(id, message, "one row has all of its recommendations");
            }
            if let Some(edition) = &edition
                && !edition.contains(id)
            {
                let message = format!(
                    "`{}` has no `{id}` in its edition {}",
                    self.id, self.edition
                );
                wrong(
                    id,
                    message,
                    "another edition is a framework with an id of its own",
                );
            }
            for row in &requirement.recommendations {
                if !is_recommendation(row) {
                    let message = format!("`{id}` points at `{row}`, which is no recommendation");
                    wrong(
                        row,
                        message,
                        "`palisade list recommendations` names them all",
                    );
                }
            }
            let gap = requirement.gap.as_deref().unwrap_or_default().trim();
            if requirement.recommendations.is_empty() && gap.is_empty() {
                let message = format!("`{id}` points at nothing and does not say why");
                wrong(
                    id,
                    message,
                    "name `recommendations`, or say in `gap` why there are none",
                );
            }
        }
        let missing: Vec<&String> = edition
            .iter()
            .flatten()
            .filter(|id| !seen.contains_key(id.as_str()))
            .collect();
        if let Some(first) = missing.first() {
            let message = format!(
                "`{}` lacks {} of its edition {}, `{first}` first",
                self.id,
                match missing.len() {
                    1 => "1 id".to_owned(),
                    n => format!("{n} ids"),
                },
                self.edition
            );
            errors.push(CatalogError::new(&self.path, &self.text, None, message));
        }
        errors
    }

    /// All ids of the edition, where the catalogue has the list (`editions/ID.txt`).
    fn ids_of_edition(&self) -> Option<BTreeSet<String>> {
        let list = embedded_file(&format!("editions/{}.txt", self.id))?;
        Some(
            String::from_utf8_lossy(&list)
                .lines()
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Where the nth row of an id begins: the id in its quotes.
    fn place(&self, id: &str, nth: usize) -> Option<Range<usize>> {
        let quoted = format!("\"{id}\"");
        self.text
            .match_indices(&quoted)
            .filter(|(at, _)| {
                let line = self.text.get(..*at).and_then(|t| t.rsplit('\n').next());
                line.is_some_and(|l| l.trim_start().starts_with("id"))
            })
            .map(|(at, _)| at + 1..at + 1 + id.len())
            .nth(nth)
    }

    /// The first place of a word from a place on; the place itself when it is not there.
    fn word_after(&self, at: Option<&Range<usize>>, word: &str) -> Option<Range<usize>> {
        let at = at?;
        let rest = self.text.get(at.start..)?;
        Some(
            rest.find(word)
                .map_or_else(|| at.clone(), |n| at.start + n..at.start + n + word.len()),
        )
    }
}
