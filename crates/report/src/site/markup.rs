//! A text for the terminal as HTML: bold lines become headings, colours classes, and ids that have a page links.

use super::file;
use crate::html::escape::text as escaped;
use palisade_core::Catalog;
use std::collections::BTreeMap;

/// The folders that have a page of an id, in the order in which `explain` looks it up.
#[derive(Debug)]
pub(super) struct Links<'a>(BTreeMap<&'a str, Vec<&'static str>>);

impl<'a> Links<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        let mut all: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
        let mut add = |folder, id: &'a String| all.entry(id.as_str()).or_default().push(folder);
        catalog.controls.keys().for_each(|id| add("controls", id));
        let recommendations = catalog.recommendations.keys();
        recommendations.for_each(|id| add("recommendations", id));
        catalog
            .frameworks
            .keys()
            .for_each(|id| add("frameworks", id));
        let tables = catalog.tables.keys().chain(catalog.derived.keys());
        tables.for_each(|id| add("tables", id));
        Self(all)
    }

    /// The page that a word on the page `here` means: never that page itself.
    fn of(&self, word: &str, here: (&str, &str)) -> Option<String> {
        let folders = self.0.get(word)?;
        let folder = folders.iter().find(|f| (**f, word) != here)?;
        Some(format!("../{folder}/{}.html", file(word)))
    }
}

const BOLD: &str = "\u{1b}[1m";
const END: &str = "\u{1b}[0m";

/// The body of a page; `here` is its folder and id.
pub(super) fn body(text: &str, links: &Links<'_>, here: (&str, &str)) -> String {
    let mut out = String::new();
    let mut heading = String::new();
    let mut block: Vec<String> = Vec::new();
    let mut level = 1;
    for line in text.lines() {
        match line.strip_prefix(BOLD).and_then(|l| l.strip_suffix(END)) {
            // A long title is bold over several lines.
            Some(bold) if block.is_empty() && !heading.is_empty() => {
                heading.push(' ');
                heading.push_str(bold);
            }
            Some(bold) => {
                close(&mut out, &mut heading, &mut block, &mut level);
                bold.clone_into(&mut heading);
            }
            None => block.push(marked(line, links, here)),
        }
    }
    close(&mut out, &mut heading, &mut block, &mut level);
    out
}

/// Writes a heading and what stands below it.
fn close(out: &mut String, heading: &mut String, block: &mut Vec<String>, level: &mut u8) {
    if !heading.is_empty() {
        let title = escaped(heading);
        out.push_str(&format!("<h{level}>{title}</h{level}>\n"));
        *level = 2;
        heading.clear();
    }
    while block.first().is_some_and(|line| line.trim().is_empty()) {
        block.remove(0);
    }
    while block.last().is_some_and(|line| line.trim().is_empty()) {
        block.pop();
    }
    if !block.is_empty() {
        out.push_str(&format!("<pre>{}</pre>\n", block.join("\n")));
        block.clear();
    }
}

/// A line with its colours as classes.
fn marked(line: &str, links: &Links<'_>, here: (&str, &str)) -> String {
    let mut out = String::new();
    let mut pieces = line.split("\u{1b}[");
    if let Some(first) = pieces.next() {
        linked(&mut out, first, links, here);
    }
    let mut open = false;
    for piece in pieces {
        let (code, rest) = piece.split_once('m').unwrap_or(("", piece));
        if open {
            out.push_str("</span>");
            open = false;
        }
        if let Some(class) = class(code) {
            out.push_str(&format!("<span class=\"{class}\">"));
            open = true;
        }
        linked(&mut out, rest, links, here);
    }
    if open {
        out.push_str("</span>");
    }
    out
}

/// The class of a colour's code.
fn class(code: &str) -> Option<&'static str> {
    Some(match code {
        "2" => "d",
        "32" => "g",
        "33" => "y",
        "31" | "1;31" => "r",
        _ => return None,
    })
}

/// Text with every word that is an id as a link.
fn linked(out: &mut String, text: &str, links: &Links<'_>, here: (&str, &str)) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        // A full stop ends a sentence, not an id.
        let word = run.trim_end_matches('.');
        match links.of(word, here) {
            Some(to) => {
                let tail = run.strip_prefix(word).unwrap_or_default();
                let (to, word) = (escaped(&to), escaped(word));
                out.push_str(&format!("<a href=\"{to}\">{word}</a>{tail}"));
            }
            None => out.push_str(&escaped(run)),
        }
        let next = after.find(is_word).unwrap_or(after.len());
        let (between, beyond) = after.split_at(next);
        out.push_str(&escaped(between));
        rest = beyond;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> String {
        let links = Links(BTreeMap::from([
            ("a-b", vec!["controls", "recommendations"]),
            ("aws_x", vec!["tables"]),
        ]));
        body(text, &links, ("controls", "a-b"))
    }

    #[test]
    fn headings_colours_and_links() {
        let text = "\u{1b}[1mOne title\u{1b}[0m\n\u{1b}[1mgoes on\u{1b}[0m\n\u{1b}[31mhigh\u{1b}[0m · a-b\n\n\u{1b}[1mNext <b>\u{1b}[0m\n  from aws_x. x-aws_x\n\n";
        assert_eq!(
            page(text),
            "<h1>One title goes on</h1>\n\
             <pre><span class=\"r\">high</span> · <a href=\"../recommendations/a-b.html\">a-b</a></pre>\n\
             <h2>Next &lt;b&gt;</h2>\n\
             <pre>  from <a href=\"../tables/aws_x.html\">aws_x</a>. x-aws_x</pre>\n"
        );
    }

    #[test]
    fn what_is_no_mark_of_ours_is_text() {
        assert_eq!(page("\u{1b}[5mx<script>"), "<pre>x&lt;script&gt;</pre>\n");
        assert_eq!(page("\u{1b}["), "");
    }
}
