//! `palisade attest RECOMMENDATION`: writes a statement; `--due N`: lists those that run out.

use crate::args::Attest;
use crate::failure::{Done, Failure, said};
use crate::house;
use crate::terminal::Terminal;
use jiff::ToSpan as _;
use jiff::civil::Date;
use palisade_core::Clock;
use palisade_core::catalog::{Attestation, Attestations, Catalog};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Days that a statement counts, where the recommendation says nothing.
const USUAL_DAYS: u32 = 365;

/// Writes or lists.
pub(crate) fn run(args: &Attest, terminal: &Terminal, clock: Clock) -> Result<Done, Failure> {
    let catalog = house::catalog(args.catalog.catalog.as_deref())?;
    let today = house::day(clock);
    if let Some(days) = args.due {
        return due(args, &catalog, days, clock, terminal);
    }
    let entry = entry(args, &catalog, today)?;
    // The file must stay readable as a whole: it is read before anything is added.
    house::attestations(Some(&args.attestations), &catalog, true, clock)?;
    append(&args.attestations, &entry)?;
    terminal.note(&format!(
        "recorded in {}: `{}` counts as attested until {}",
        args.attestations.display(),
        entry.recommendation,
        entry.expires
    ));
    Ok(Done::Clean)
}

fn entry(args: &Attest, catalog: &Catalog, today: Date) -> Result<Attestation, Failure> {
    let text = |value: &Option<String>, what: &str| {
        value
            .as_deref()
            .map(str::trim)
            .filter(|v| !v.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| Failure::usage(format!("`--{what}` is empty")))
    };
    let recommendation = text(&args.recommendation, "recommendation")?;
    let row = catalog.recommendation(&recommendation)?;
    let evidence = text(&args.evidence, "evidence")?;
    let sha256 = hash_if_file(&evidence)?;
    let expires = match args.expires {
        Some(day) if day < today => {
            return Err(Failure::usage(format!("`--expires {day}` is in the past")));
        }
        Some(day) => day,
        None => {
            let days = row.attest.as_ref().map_or(USUAL_DAYS, |a| a.expires_days);
            today
                .checked_add(i64::from(days).days())
                .map_err(Failure::usage)?
        }
    };
    Ok(Attestation {
        recommendation,
        account: args.account.clone(),
        statement: text(&args.statement, "statement")?,
        by: text(&args.by, "by")?,
        date: today,
        expires,
        evidence,
        sha256,
    })
}

/// The hash of a file; `None` for a link.
fn hash_if_file(evidence: &str) -> Result<Option<String>, Failure> {
    if evidence.contains("://") {
        return Ok(None);
    }
    let bytes = fs_err::read(Path::new(evidence)).map_err(|e| {
        Failure::usage(said(&e)).hint("the evidence is a link (https://...) or a file that exists")
    })?;
    let mut hex = String::new();
    for byte in Sha256::digest(&bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(Some(hex))
}

fn append(path: &Path, entry: &Attestation) -> Result<(), Failure> {
    let all = Attestations {
        entries: vec![entry.clone()],
    };
    let text = toml::to_string(&all).map_err(Failure::unfinished)?;
    let mut file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    let gap = if file.metadata()?.len() > 0 { "\n" } else { "" };
    write!(file, "{gap}{text}")?;
    Ok(())
}

fn due(
    args: &Attest,
    catalog: &Catalog,
    days: u32,
    clock: Clock,
    terminal: &Terminal,
) -> Result<Done, Failure> {
    let all = house::attestations(Some(&args.attestations), catalog, false, clock)?;
    let today = house::day(clock);
    let horizon = today
        .checked_add(i64::from(days).days())
        .map_err(Failure::usage)?;
    let mut output = terminal.output(None)?;
    let mut entries: Vec<&Attestation> = all
        .entries
        .iter()
        .filter(|a| a.expires <= horizon)
        .collect();
    entries.sort_by_key(|a| a.expires);
    for a in &entries {
        let word = if a.expires < today {
            "ran out"
        } else {
            "runs out"
        };
        writeln!(
            output,
            "{}  {word} on {}  {} ({})",
            a.recommendation, a.expires, a.by, a.evidence
        )?;
    }
    output.finish()?;
    if entries.is_empty() {
        terminal.note(&format!("no statement runs out within {days} days"));
    }
    Ok(Done::Clean)
}
