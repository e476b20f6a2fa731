//! `palisade attest RECOMMENDATION`: writes a statement; `--due N`: lists those that run out.

use crate::args::{Attest, Expires};
use crate::evidence::{from_beside, has_host, is_link, sha256};
use crate::failure::{Done, Failure, said};
use crate::house;
use crate::output::replace;
use crate::state::State;
use crate::terminal::Terminal;
use jiff::ToSpan as _;
use jiff::civil::Date;
use palisade_core::Clock;
use palisade_core::catalog::{Attestation, Attestations, Catalog, Recommendation};
use palisade_query::Snapshot;
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

/// Days that a statement counts, where the recommendation says nothing.
const USUAL_DAYS: u32 = 365;

/// Writes or lists.
pub(crate) fn run(args: &Attest, terminal: &Terminal, clock: Clock) -> Result<Done, Failure> {
    let catalog = house::catalog(args.catalog.catalog.as_deref(), terminal)?;
    let today = house::day(clock);
    if let Some(days) = args.due {
        return due(args, &catalog, days, clock, terminal);
    }
    let (entry, usual) = entry(args, &catalog, today)?;
    // The file must stay readable as a whole: it is read before anything is added.
    house::attestations(Some(&args.attestations), &catalog, true, clock)?;
    append(&args.attestations, &entry)?;
    if entry.expires > usual {
        terminal.note(&format!(
            "warning: a statement on `{}` is to be made anew by {usual}; this one ends on {}",
            entry.recommendation, entry.expires
        ));
    }
    terminal.note(&format!(
        "recorded in {}: `{}` counts as attested until {}",
        args.attestations.display(),
        entry.recommendation,
        entry.expires
    ));
    Ok(Done::Clean)
}

/// The statement, and the last day that the recommendation's own period gives one of today.
fn entry(args: &Attest, catalog: &Catalog, today: Date) -> Result<(Attestation, Date), Failure> {
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
    may_be_stated(row, catalog)?;
    let (evidence, sha256) = shown(text(&args.evidence, "evidence")?, &args.attestations)?;
    let after = |days: u32| {
        let day = today.checked_add(i64::from(days).days());
        day.map_err(Failure::usage)
    };
    let usual = after(row.attest.as_ref().map_or(USUAL_DAYS, |a| a.expires_days))?;
    let expires = match args.expires {
        Some(Expires::On(day)) if day < today => {
            return Err(Failure::usage(format!("`--expires {day}` is in the past")));
        }
        Some(Expires::On(day)) => day,
        Some(Expires::After(days)) => after(days)?,
        None => usual,
    };
    let entry = Attestation {
        recommendation,
        account: args.account.clone(),
        statement: text(&args.statement, "statement")?,
        by: text(&args.by, "by")?,
        date: today,
        expires,
        evidence,
        sha256,
    };
    Ok((entry, usual))
}

/// Refuses a statement on what is measured: no word of a person stands against it, or for it.
fn may_be_stated(row: &Recommendation, catalog: &Catalog) -> Result<(), Failure> {
    let Some(decided) = catalog.decided_without_people(row) else {
        return Ok(());
    };
    let failure = Failure::usage(format!("nobody can attest `{}`: {decided}", row.id));
    Err(failure.hint(format!(
        "`palisade explain {}` tells what is looked at; an accepted risk goes into exceptions.toml",
        row.id
    )))
}

/// The evidence as the file of statements names it; with its hash where it is a file and no link.
fn shown(evidence: String, statements: &Path) -> Result<(String, Option<String>), Failure> {
    if is_link(&evidence) {
        if !has_host(&evidence) {
            return Err(
                Failure::usage(format!("`{evidence}` is a link that names no host"))
                    .hint("the evidence is a link (https://...) or a file that exists"),
            );
        }
        return Ok((evidence, None));
    }
    let path = Path::new(&evidence);
    let bytes = fs_err::read(path).map_err(|e| {
        Failure::usage(said(&e)).hint("the evidence is a link (https://...) or a file that exists")
    })?;
    if bytes.is_empty() {
        return Err(
            Failure::usage(format!("`{evidence}` is empty: it shows nothing"))
                .hint("the evidence is a link (https://...) or a file with what was seen"),
        );
    }
    let named = from_beside(statements, path)?;
    Ok((named.display().to_string(), Some(sha256(&bytes))))
}

/// Adds a statement at the end of the file. All of it is written anew, so that a full disk leaves the old one as it was.
fn append(path: &Path, entry: &Attestation) -> Result<(), Failure> {
    let all = Attestations::from(vec![entry.clone()]);
    let added = toml::to_string(&all).map_err(Failure::unfinished)?;
    let mut text = match fs_err::read_to_string(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    if !text.is_empty() {
        // A last line without an end would run into the next one.
        text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
    }
    text.push_str(&added);
    replace(path, text.as_bytes())
}

/// The accounts of the newest snapshot that is kept, if there is one.
fn newest_estate() -> Option<BTreeSet<String>> {
    let folder = State::find().ok()?.latest().ok()?;
    let snapshot = Snapshot::open(folder).ok()?;
    let accounts = snapshot.manifest().accounts.iter();
    Some(accounts.map(|account| account.id.clone()).collect())
}

fn due(
    args: &Attest,
    catalog: &Catalog,
    days: u32,
    clock: Clock,
    terminal: &Terminal,
) -> Result<Done, Failure> {
    let all = house::attestations(Some(&args.attestations), catalog, false, clock)?;
    terminal.notes(&all.unheard(catalog));
    if let Some(estate) = newest_estate().filter(|_| all.name_accounts()) {
        terminal.notes(&all.of_strangers(&estate));
    }
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
