//! `palisade report --framework ID --out DIR`: the auditor's pack.

mod earlier;
mod kept;
mod sign;

use crate::args::Report;
use crate::evaluate::Evaluation;
use crate::failure::{Done, Failure};
use crate::house::{self, House};
use crate::proof;
use crate::source::Source;
use crate::terminal::Terminal;
use earlier::earlier;
use kept::Kept;
use palisade_core::Clock;
use palisade_core::catalog::Selected;
use palisade_report::pack::{Changes, Evidence, MANIFEST, Manifest, Shown, Since};
use std::path::Path;

/// Evaluates a snapshot and writes the pack: whole, or not at all.
pub(crate) fn run(args: &Report, terminal: &Terminal, clock: Clock) -> Result<Done, Failure> {
    let house = proof::proved(House::open(&args.catalog, terminal)?, terminal)?;
    let catalog = &house.catalog;
    let framework = catalog.framework(&args.framework)?;
    // What is wrong with the surroundings is told before the work.
    free(&args.out)?;
    let key = args.sign.as_deref().map(sign::key).transpose()?;
    let before = args
        .since
        .as_deref()
        .map(|folder| earlier(folder, args.since_key.as_deref(), terminal))
        .transpose()?;
    if let Some((before, _)) = &before
        && before.framework.id != framework.id
    {
        return Err(Failure::usage(format!(
            "the earlier pack is of `{}`, not of `{}`",
            before.framework.id, framework.id
        )));
    }
    let (exceptions, attestations) = house::waivers(&args.waivers, catalog, clock, terminal)?;
    let source = Source::of(&args.source)?;

    let mut kept = Kept::beside(&args.out)?;
    let mut evidence = Evidence::new(catalog, framework, &mut kept);
    let summary = Evaluation {
        house: &house,
        selected: Selected::all(catalog),
        planned: None,
        exceptions: &exceptions,
        attestations: &attestations,
        demo: source.is_demo(),
        owner: None,
    }
    .run(source.path(), Some(&mut evidence), terminal)?;
    let header = evidence
        .header()
        .ok_or_else(|| Failure::unfinished("the snapshot gave no findings"))?;
    let files = kept.close()?;
    let requirements = Shown {
        catalog,
        summary: &summary,
        accounts: &header.accounts,
        attestations: &attestations,
        files: &files,
    }
    .requirements(framework);
    let mut manifest = Manifest::new(framework, &header, requirements);
    // The findings' hashes are known; those of the indexes are not yet.
    manifest.files = files;
    let changes = before.as_ref().map(|(before, hash)| {
        manifest.since = Some(Since {
            taken_at: before.taken_at,
            manifest_sha256: hash.clone(),
        });
        Changes::between(before, &manifest)
    });
    manifest.describe(changes.as_ref(), &mut kept)?;
    manifest.files = kept.close()?;
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(Failure::unfinished)?;
    text.push(b'\n');
    if let Some(key) = &key {
        let comment = format!(
            "palisade pack of {}, snapshot of {}",
            framework.id, manifest.taken_at
        );
        let signature = sign::signature(key, &text, &comment)?;
        kept.whole(&format!("{MANIFEST}.minisig"), signature.as_bytes())?;
    }
    kept.whole(MANIFEST, &text)?;
    kept.finish(&args.out)?;
    tell(
        &manifest,
        changes.as_ref(),
        &args.out,
        key.is_some(),
        terminal,
    );
    Ok(Done::Clean)
}

fn tell(
    manifest: &Manifest,
    changes: Option<&Changes>,
    out: &Path,
    signed: bool,
    terminal: &Terminal,
) {
    let met = manifest.requirements.iter().filter(|r| r.state.is_met());
    terminal.note(&format!(
        "{} of {} requirements of {} are met; {} files in {}",
        met.count(),
        manifest.requirements.len(),
        manifest.framework.title,
        manifest.files.len() + 1,
        out.display()
    ));
    if let Some(changes) = changes {
        terminal.note(&format!(
            "{} requirements have another state than before",
            changes.states.len()
        ));
    }
    if !signed {
        terminal.note(&format!(
            "it is not signed: `minisign -Sm {}` does it, or `--sign KEYFILE`",
            out.join(MANIFEST).display()
        ));
    }
}

/// A pack is not laid over other files.
fn free(out: &Path) -> Result<(), Failure> {
    let taken = match fs_err::read_dir(out) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => out.exists(),
    };
    if taken {
        return Err(
            Failure::usage(format!("`{}` is there already", out.display()))
                .hint("name a new folder; `--since` compares with an earlier pack"),
        );
    }
    Ok(())
}
