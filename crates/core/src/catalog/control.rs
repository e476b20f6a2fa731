//! Controls: one testable requirement on one subject.

use super::Text;
use crate::severity::Severity;
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::ops::Range;
use toml::Spanned;

/// SQL as it stands in a file, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// Where it stands in the file, quotes included.
    pub span: Range<usize>,
}

impl<'de> Deserialize<'de> for Sql {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self {
            span: spanned.span(),
            text: spanned.into_inner(),
        })
    }
}

/// What a control asks about: the rows of a table, or of a query that gives `arn`, `account_id`, `region` and
/// whatever the requirement reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A table.
    Table(Sql),
    /// A query.
    Query(Sql),
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a table's name, or { sql = \"select arn, account_id, region, ...\" }"
)]
enum RawSubject {
    Table(String),
    Query(RawQuery),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuery {
    sql: String,
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Spanned::<RawSubject>::deserialize(deserializer)?;
        let span = raw.span();
        Ok(match raw.into_inner() {
            RawSubject::Table(text) => Self::Table(Sql { text, span }),
            RawSubject::Query(RawQuery { sql: text }) => Self::Query(Sql { text, span }),
        })
    }
}

impl Subject {
    /// Narrows a query's span from `{ sql = "..." }` to the text in its quotes.
    pub(super) fn locate(&mut self, source: &str) {
        let Self::Query(sql) = self else { return };
        let Some(at) = source
            .get(sql.span.clone())
            .and_then(|whole| whole.find(sql.text.as_str()))
        else {
            // Escapes stand between the file and the text: the whole value is the place.
            return;
        };
        let start = sql.span.start + at;
        let end = start + sql.text.len();
        let quote = |c: &char| matches!(c, '\'' | '"');
        let before = source.get(..start).unwrap_or_default();
        let before = before.trim_end_matches('\n');
        let quotes = before.chars().rev().take_while(quote).count();
        sql.span = before.len() - quotes..end + quotes;
    }
}

/// A control, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Equal to the file's name.
    pub id: String,
    /// The requirement, in the positive, one line.
    pub title: String,
    /// How bad a fail is.
    pub severity: Severity,
    /// The recommendations that it is evidence for.
    #[serde(default)]
    pub answers: Vec<Spanned<String>>,
    /// Names that people know it by: `tool:id`.
    #[serde(default)]
    pub also: Vec<String>,
    /// What it asks about.
    pub subject: Subject,
    /// Rows for which the question makes sense; all, when left out.
    #[serde(default)]
    pub applies: Option<Sql>,
    /// True: pass, false: fail, null: unknown.
    pub require: Sql,
    /// One line on what was seen, as an SQL text.
    #[serde(default)]
    pub reason: Option<Sql>,
    /// Why it matters.
    pub why: String,
    /// How to repair it.
    #[serde(default)]
    pub repair: Repair,
    /// Its own proofs.
    #[serde(default, rename = "test")]
    pub tests: Vec<ControlTest>,
    /// The file it stands in.
    #[serde(skip)]
    pub path: String,
    /// The file's text, for the place of an error.
    #[serde(skip)]
    pub source: Text,
}

/// How to repair a failed control.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repair {
    /// In words.
    #[serde(default)]
    pub text: String,
    /// The AWS command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cli: Option<String>,
    /// The Terraform argument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// The playbook that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playbook: Option<String>,
    /// How much work it is.
    #[serde(default)]
    pub effort: Effort,
}

/// A day of work, in minutes.
pub const DAY: u64 = 8 * 60;

/// How much work a repair is, for one team and one account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// A setting.
    Minutes,
    /// A change that needs a look at who uses the thing.
    #[default]
    Hours,
    /// A project.
    Days,
}

impl Effort {
    /// What it is taken to cost in one account, in minutes of work: a quarter of an hour, half a day, three days. Rough,
    /// so that steps can be compared and a budget filled.
    #[must_use]
    pub const fn minutes(self) -> u64 {
        match self {
            Self::Minutes => 15,
            Self::Hours => 4 * 60,
            Self::Days => 3 * DAY,
        }
    }

    /// The word used in files and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }
}

/// A control's own proof: rows in, verdicts out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTest {
    /// What it shows.
    pub name: String,
    /// Rows by table.
    #[serde(default)]
    pub given: IndexMap<String, Vec<Map<String, Value>>>,
    /// Operations that are denied.
    #[serde(default)]
    pub denied: Vec<String>,
    /// Where AWS documents that a member left out means the safe thing: its page, and what it says. A control that
    /// passes on a row of which nothing was told needs a passing test with it, or it would pass on something not seen.
    #[serde(default)]
    pub documented: Option<String>,
    /// The moment of the snapshot; 2026-01-01T00:00:00Z when left out.
    #[serde(default)]
    pub now: Option<jiff::Timestamp>,
    /// The verdicts, in the order of the resources' ARNs.
    pub expect: Vec<crate::verdict::State>,
}

impl Control {
    /// What a person has to write: field and text.
    pub(super) fn said(&self) -> Vec<(&'static str, &str)> {
        let mut all = vec![
            ("title", self.title.as_str()),
            ("require", &self.require.text),
            ("why", &self.why),
            ("repair.text", &self.repair.text),
        ];
        all.extend(self.tests.iter().map(|t| ("test.name", t.name.as_str())));
        all
    }

    /// The table that a finding names as the resource's kind: the subject, or the first table that the query names.
    #[must_use]
    pub fn kind(&self) -> &str {
        match &self.subject {
            Subject::Table(table) => &table.text,
            Subject::Query(query) => first_table(&query.text).unwrap_or("query"),
        }
    }

    /// Whether a name on the command line means this control: its id or one of `also`, in any case, with or without
    /// the tool. Trivy's ids were `AVD-AWS-0089` and are `AWS-0089`; both are known.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let known = |(tool, id): (&str, &str)| match name.split_once(':') {
            Some((said, rest)) => tool.eq_ignore_ascii_case(said) && id.eq_ignore_ascii_case(rest),
            None => id.eq_ignore_ascii_case(name),
        };
        let spellings = |a: &str| {
            let (tool, id) = a.split_once(':')?;
            Some(known((tool, id)) || id.strip_prefix("AVD-").is_some_and(|id| known((tool, id))))
        };
        self.id.eq_ignore_ascii_case(name) || self.also.iter().any(|a| spellings(a) == Some(true))
    }
}

/// How names of tables begin: of AWS's, of the engines', of the ledger.
const TABLES: [&str; 6] = ["aws_", "iam_", "kms_", "network_", "org_", "_"];

/// The first name of a table after a `from`.
fn first_table(sql: &str) -> Option<&str> {
    let mut words = sql.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("from")
            && let Some(table) = words.by_ref().find(|w| !w.is_empty())
            && TABLES.iter().any(|head| table.starts_with(head))
        {
            return Some(table);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_query_is_its_first_table() {
        assert_eq!(first_table("select a.arn from (select 1) x, b"), None);
        assert_eq!(
            first_table(
                "with t as (select * from aws_cloudtrail_trail) select * from aws_account a"
            ),
            Some("aws_cloudtrail_trail")
        );
    }

    #[test]
    fn a_querys_place_is_its_text() {
        let source = "subject = { sql = 'select 1' }\n";
        #[derive(Deserialize)]
        struct File {
            subject: Subject,
        }
        let mut file: File = toml::from_str(source).unwrap();
        file.subject.locate(source);
        let Subject::Query(sql) = file.subject else {
            panic!("a query");
        };
        assert_eq!(source.get(sql.span), Some("'select 1'"));
        let Err(error) = toml::from_str::<File>("subject = 3\n") else {
            panic!("3 is no subject");
        };
        assert!(error.message().contains("a table's name"), "{error}");
    }
}
