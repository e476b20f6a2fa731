//! The index as CSV, and the word on how to check a pack.

use super::{MANIFEST, Manifest};
use crate::csv::cell;
use palisade_core::catalog::Kind;
use std::collections::BTreeSet;
use std::io;

/// The columns, in order. New ones are added at the end.
const COLUMNS: [&str; 14] = [
    "requirement",
    "title",
    "group",
    "state",
    "why",
    "evidence_kinds",
    "pass",
    "fail",
    "unknown",
    "excepted",
    "not_applicable",
    "evidence_files",
    "statements",
    "gaps",
];

/// `index.csv`: one requirement a line.
pub(super) fn csv(manifest: &Manifest) -> io::Result<Vec<u8>> {
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    for one in &manifest.requirements {
        let mut counts = palisade_core::assess::Counts::default();
        for evidence in &one.evidence {
            counts.merge(&evidence.counts);
        }
        let files: Vec<&str> = one
            .evidence
            .iter()
            .filter_map(|e| e.file.as_deref())
            .collect();
        let statements: Vec<String> = one
            .statements
            .iter()
            .map(|s| {
                format!(
                    "{} on {}, until {}: {}",
                    s.by, s.date, s.expires, s.statement
                )
            })
            .collect();
        let number = |n: u64| n.to_string();
        let record = [
            one.id.clone(),
            one.title.clone(),
            one.group.clone().unwrap_or_default(),
            one.state.as_str().to_owned(),
            one.why.clone(),
            kinds(&one.kinds),
            number(counts.pass),
            number(counts.fail),
            number(counts.unknown),
            number(counts.excepted),
            number(counts.not_applicable),
            files.join(" "),
            statements.join("; "),
            one.gaps.join("; "),
        ];
        out.write_record(record.iter().map(|text| cell(text).into_owned()))?;
    }
    out.into_inner()
        .map_err(|e| io::Error::other(e.to_string()))
}

/// The kinds of evidence, in words.
pub(super) fn kinds(kinds: &BTreeSet<Kind>) -> String {
    let words: Vec<&str> = kinds
        .iter()
        .map(|kind| match kind {
            Kind::Config => "configuration",
            Kind::Analysis => "analysis",
            Kind::Logs => "logs",
            Kind::Code => "code",
            Kind::Attested => "statement",
        })
        .collect();
    words.join(", ")
}

/// `README.md`.
pub(super) fn readme(manifest: &Manifest) -> String {
    let of = &manifest.framework;
    let demo = if manifest.demo {
        "\nThe estate is the fictitious one of `--demo`: this pack shows nothing of anybody's.\n"
    } else {
        ""
    };
    let unreached = manifest
        .accounts
        .iter()
        .filter(|a| a.not_reached.is_some())
        .count();
    format!(
        "# {title} ({edition})\n\n\
         Made by Palisade {version} from a snapshot of {when}, over {accounts} account(s), of which {unreached} could not be \
         reached.\n{demo}\n\
         - `index.html` and `index.csv`: each requirement with its state, the kinds of evidence, files, statements and gaps.\n\
         - `evidence/`: the findings of each control: the verdict, the values seen and the API calls that they rest on.\n\
         - `{MANIFEST}`: all of it for programs, with the SHA-256 hash of every other file.\n\n\
         A requirement that controls carry the name of (`named_by`) is as good as what these have found; another is as good as \
         the worst of the recommendations that answer it. `unknown` was not measured, and is never counted as met.\n\n\
         ## Checking it\n\n\
         The files are those of the manifest:\n\n\
         ```sh\njq -r '.files | to_entries[] | \"\\(.value.sha256)  \\(.key)\"' {MANIFEST} | sha256sum -c\n```\n\n\
         The manifest is that of whoever has the key, if it was signed (`palisade report --sign KEYFILE`, or \
         `minisign -Sm {MANIFEST}`):\n\n\
         ```sh\nminisign -Vm {MANIFEST} -p KEY.pub\n```\n",
        title = of.title,
        edition = of.edition,
        version = manifest.palisade,
        when = manifest.taken_at,
        accounts = manifest.accounts.len(),
    )
}
