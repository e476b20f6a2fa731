//! No text that a user hands over makes a parser panic or hang; fuzz/fuzz_targets/files.rs does the same for longer.

use palisade_core::catalog::{Attestations, Catalog, Control, Exceptions, Source, Table, Text};
use palisade_core::template::Template;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn read_all(text: &str) {
    let _ = Exceptions::parse("exceptions.toml", text, |c| Some(c.to_owned()));
    let _ = Exceptions::from_mutelist("mutelist.yaml", text, &Catalog::default());
    let _ = Attestations::parse(
        "attestations.toml",
        text,
        "2026-01-01".parse().unwrap_or_default(),
        |_| true,
    );
    let _ = toml::from_str::<Control>(text);
    let _ = toml::from_str::<BTreeMap<String, Table>>(text);
    let _ = Template::parse(text);
}

/// A good file with one piece of it replaced.
fn mutated(base: &'static str) -> impl Strategy<Value = String> {
    (0..base.len(), 0usize..12, ".{0,12}").prop_map(move |(at, cut, piece)| {
        let mut text: Vec<char> = base.chars().collect();
        let at = at.min(text.len());
        let end = (at + cut).min(text.len());
        text.splice(at..end, piece.chars());
        text.into_iter().collect()
    })
}

const EXCEPTIONS: &str = "[[exception]]\ncontrol = 'a'\nresource = 'arn:*'\nowner = 'o'\nreason = 'r'\nexpires = 2027-01-01\n";
const MUTELIST: &str = "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        a:\n          Regions: ['*']\n          Resources: ['x.*']\n";
const CONTROL: &str = "id = 'a'\ntitle = 't'\nseverity = 'low'\nsubject = { sql = 'select 1' }\nrequire = 'true'\nwhy = 'w'\n[[test]]\nname = 'n'\ngiven.t = [{ a = 1 }]\nexpect = ['pass']\n";

proptest! {
    #[test]
    fn arbitrary_text(text in ".{0,400}") {
        read_all(&text);
    }

    #[test]
    fn broken_exceptions(text in mutated(EXCEPTIONS)) {
        read_all(&text);
    }

    #[test]
    fn broken_mutelists(text in mutated(MUTELIST)) {
        read_all(&text);
    }

    #[test]
    fn broken_controls(text in mutated(CONTROL)) {
        read_all(&text);
    }
}

#[test]
fn a_document_made_to_eat_memory_is_refused_or_small() {
    let bomb = format!("a: &a [x,x,x,x,x,x,x,x,x]\n{}", (b'b'..=b'k').map(|c| {
        let (this, last) = (char::from(c), char::from(c - 1));
        format!("{this}: &{this} [*{last},*{last},*{last},*{last},*{last},*{last},*{last},*{last},*{last}]\n")
    }).collect::<String>());
    assert!(Exceptions::from_mutelist("bomb.yaml", &bomb, &Catalog::default()).is_err());
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(toml::from_str::<Control>(&deep).is_err());
    let deep = "[".repeat(100_000);
    assert!(Exceptions::from_mutelist("deep.yaml", &deep, &Catalog::default()).is_err());
}

/// A tree of files in memory.
struct Memory(BTreeMap<&'static str, String>);

impl Source for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }
    fn paths(&self) -> std::io::Result<Vec<String>> {
        Ok(self.0.keys().map(|k| (*k).to_owned()).collect())
    }
    fn text(&self, path: &str) -> std::io::Result<Text> {
        self.0
            .get(path)
            .map(|text| text.clone().into())
            .ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

fn errors(path: &'static str, text: &str) -> Vec<String> {
    let tree = Memory([(path, text.to_owned())].into());
    Catalog::load(&[&tree])
        .map(|_| Vec::new())
        .unwrap_or_else(|errors| {
            errors
                .iter()
                .map(palisade_core::catalog::CatalogError::one_line)
                .collect()
        })
}

#[test]
fn a_wrong_control_file_is_told_with_its_place_and_what_to_write() {
    let told = errors(
        "controls/sqs/a.toml",
        &CONTROL.replace("severity = 'low'", "severity = 'lo'"),
    );
    assert!(
        told[0].starts_with("memory/controls/sqs/a.toml:3:12: unknown variant `lo`"),
        "{told:?}"
    );
    let told = errors("controls/sqs/a.toml", &CONTROL.replace("why", "whyy"));
    assert!(told[0].contains(":6:1: unknown field `whyy`"), "{told:?}");
    let told = errors("controls/sqs/b.toml", CONTROL);
    assert!(
        told.iter()
            .any(|t| t.contains("the id `a` is not the file's name (hint: write `id = \"b\"`")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|t| t.contains("no test expects `unknown` (hint: a control proves itself")),
        "{told:?}"
    );
    let told = errors(
        "controls/sqs/a.toml",
        &CONTROL
            .replace("expect = ['pass']", "expect = ['pass', 'fail', 'unknown']")
            .replace("subject = { sql = 'select 1' }", "subject = 'aws_no_table'"),
    );
    assert!(
        told.iter()
            .any(|t| t.contains(":4:11: no table is called `aws_no_table`")),
        "{told:?}"
    );
}

#[test]
fn a_derived_table_names_what_it_reads_once() {
    let file = |like: &str| {
        format!(
            "[one]\nabout = 'a'\nscope = 'region'\nreads.aws_a = []\ncolumn = {{}}\n[two]\nabout = 'b'\nscope = 'region'\n{like}column = {{}}\n"
        )
    };
    let told = |like: &str| {
        let mut told = errors("derived/engine.toml", &file(like));
        told.retain(|t| !t.contains("which is no table"));
        told
    };
    assert_eq!(told("like = 'one'\n"), Vec::<String>::new());
    for wrong in [
        "",
        "like = 'three'\n",
        "like = 'two'\n",
        "like = 'one'\nreads.aws_b = []\n",
    ] {
        let told = told(wrong);
        assert_eq!(told.len(), 1, "{wrong}{told:?}");
        assert!(
            told[0].starts_with("memory/derived/engine.toml:6:2: `two` names what it reads"),
            "{told:?}"
        );
    }
}
