//! For people: each issue with the lines that it is about, then how many there are.

use super::Checked;
use super::span::{Places, Window};
use crate::failure::Failure;
use crate::output::Output;
use crate::terminal::Terminal;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError,
    MietteSpanContents, Report, Severity, SourceCode, SourceSpan, SpanContents,
};
use palisade_iam::validate::{Issue, Weight};
use std::io::Write as _;

pub(super) fn write(
    all: &[Checked],
    terminal: &Terminal,
    on_screen: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let theme = if terminal.colour && on_screen {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(terminal.width)
        .with_context_lines(1);
    for checked in all {
        let places = Places::new(&checked.document.text);
        for issue in &checked.issues {
            let mut text = String::new();
            let report = report(checked, &places, issue);
            if handler.render_report(&mut text, report.as_ref()).is_err() {
                text = line(checked, issue);
            }
            writeln!(output, "{}\n", text.trim_end())?;
        }
    }
    summary(all, output)
}

/// What is shown of a document, by its own lines and columns: of a long line only what is around the finding, as miette
/// pads with columns of at most 16 bits.
struct Excerpt {
    name: String,
    window: Window,
    /// The finding's column, from 0.
    column: usize,
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text: &'a str = self.window.text.as_str();
        let found = text.read_span(span, context_lines_before, context_lines_after)?;
        // Without lines around it, the finding's own place is asked for.
        let column = if context_lines_before == 0 {
            self.column
        } else {
            found.column()
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            found.data(),
            *found.span(),
            self.window.lines + found.line(),
            column,
            found.line_count(),
        )))
    }
}

fn report(checked: &Checked, places: &Places<'_>, issue: &Issue) -> Report {
    let line = usize::try_from(issue.at.line).unwrap_or(1);
    let column = usize::try_from(issue.at.column).unwrap_or(1);
    let window = Window::around(&checked.document.text, places.span(issue.at), line);
    let span = window.span;
    let severity = match issue.code.weight() {
        Weight::Error => Severity::Error,
        Weight::SecurityWarning | Weight::Warning => Severity::Warning,
        Weight::Suggestion => Severity::Advice,
    };
    let label = LabeledSpan::at(
        span.start..span.end,
        issue
            .suggestion
            .as_deref()
            .unwrap_or(issue.code.weight().words()),
    );
    let diagnostic = MietteDiagnostic::new(issue.message.clone())
        .with_code(format!("{}: {}", issue.code.weight().words(), issue.code))
        .with_severity(severity)
        .with_label(label);
    Report::from(diagnostic).with_source_code(Excerpt {
        name: checked.document.name.clone(),
        window,
        column: column.saturating_sub(1),
    })
}

fn line(checked: &Checked, issue: &Issue) -> String {
    format!(
        "{}:{}:{}: {}: {}: {}",
        checked.document.name,
        issue.at.line,
        issue.at.column,
        issue.code.weight().words(),
        issue.code,
        issue.message
    )
}

fn summary(all: &[Checked], output: &mut Output) -> Result<(), Failure> {
    let count = |weight: Weight| {
        all.iter()
            .flat_map(|checked| &checked.issues)
            .filter(|issue| issue.code.weight() == weight)
            .count()
    };
    let told: Vec<String> = [
        Weight::Error,
        Weight::SecurityWarning,
        Weight::Warning,
        Weight::Suggestion,
    ]
    .into_iter()
    .map(|weight| (count(weight), weight))
    .filter(|(count, _)| *count > 0)
    .map(|(count, weight)| match count {
        1 => format!("1 {}", weight.words()),
        _ => format!("{count} {}s", weight.words()),
    })
    .collect();
    let policies = match all.len() {
        1 => "1 policy".to_owned(),
        many => format!("{many} policies"),
    };
    let told = if told.is_empty() {
        "nothing to say".to_owned()
    } else {
        told.join(", ")
    };
    writeln!(output, "{policies}: {told}")?;
    Ok(())
}
