//! JUnit XML: a suite per control, a case per resource; what CI systems show as tests.
//!
//! The counts that suites may carry are left out: they would have to be known before the cases are written.

use crate::Report;
use crate::lookup::Lookup;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding, Verdict};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::fmt;
use std::io::{self, Write};

/// Writes JUnit XML.
pub(crate) struct JUnit<'a> {
    out: Writer<Box<dyn Write + Send + 'a>>,
    lookup: Lookup<'a>,
    open: Option<String>,
    taken_at: String,
}

impl fmt::Debug for JUnit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JUnit")
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

impl<'a> JUnit<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out: Writer::new_with_indent(out, b' ', 1),
            lookup: Lookup::new(catalog),
            open: None,
            taken_at: String::new(),
        }
    }

    fn close_suite(&mut self) -> io::Result<()> {
        if self.open.take().is_some() {
            self.out
                .write_event(Event::End(BytesEnd::new("testsuite")))?;
        }
        Ok(())
    }

    /// An element with a message and a text, inside a case.
    fn problem(
        &mut self,
        element: &str,
        ty: Option<&str>,
        message: &str,
        text: &str,
    ) -> io::Result<()> {
        let mut start = BytesStart::new(element);
        if let Some(ty) = ty {
            start.push_attribute(("type", ty));
        }
        start.push_attribute(("message", &*legal(message)));
        self.out.write_event(Event::Start(start))?;
        self.out
            .write_event(Event::Text(BytesText::new(&legal(text))))?;
        self.out.write_event(Event::End(BytesEnd::new(element)))
    }
}

/// The text without what XML 1.0 (section 2.2) has no way to write, and on one line.
fn legal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => '\u{fffd}',
            c => c,
        })
        .collect()
}

impl Report for JUnit<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.taken_at = header.taken_at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        self.out
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut start = BytesStart::new("testsuites");
        start.push_attribute(("name", "Palisade"));
        self.out.write_event(Event::Start(start))
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.close_suite()?;
        self.out
            .write_event(Event::End(BytesEnd::new("testsuites")))?;
        self.out.get_mut().write_all(b"\n")?;
        self.out.get_mut().flush()
    }
}

impl FindingSink for JUnit<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.open.as_deref() != Some(&*finding.control) {
            self.close_suite()?;
            let mut start = BytesStart::new("testsuite");
            start.push_attribute(("name", &*finding.control));
            start.push_attribute(("timestamp", self.taken_at.as_str()));
            self.out.write_event(Event::Start(start))?;
            self.open = Some(finding.control.to_string());
        }
        let at = &finding.resource;
        let mut case = BytesStart::new("testcase");
        let resource = if at.arn.is_empty() { &at.name } else { &at.arn };
        let name = format!("{resource} [{} {}]", at.account_id, at.region);
        case.push_attribute(("classname", &*format!("palisade.{}", finding.control)));
        case.push_attribute(("name", &*legal(&name)));
        if matches!(finding.verdict, Verdict::Pass(_)) {
            return self.out.write_event(Event::Empty(case));
        }
        self.out.write_event(Event::Start(case))?;
        let reason = &*finding.reason();
        let title = self.lookup.title(&finding.control).to_owned();
        match &finding.verdict {
            Verdict::Pass(_) => {}
            Verdict::Fail(_) => {
                let repair = self
                    .lookup
                    .get(&finding.control)
                    .map_or_else(String::new, |k| k.control.repair.text.clone());
                self.problem(
                    "failure",
                    Some(finding.severity.as_str()),
                    reason,
                    &format!("{title}. {repair}"),
                )?;
            }
            Verdict::Unknown(calls) => {
                let calls: Vec<String> = calls
                    .iter()
                    .filter(|c| !c.outcome.is_measured())
                    .map(|c| format!("{} {}", c.operation, c.word()))
                    .collect();
                self.problem("error", Some("unknown"), reason, &calls.join(", "))?;
            }
            Verdict::NotApplicable(_) => self.problem("skipped", None, reason, "not applicable")?,
            Verdict::Excepted(_, accepted) => {
                self.problem("skipped", None, reason, &accepted.to_string())?;
            }
        }
        self.out.write_event(Event::End(BytesEnd::new("testcase")))
    }
}
