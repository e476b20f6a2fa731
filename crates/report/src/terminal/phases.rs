//! The maturity phases over units and accounts: the minimum and its account beside the mean.

use crate::overview::{account_label, framework_title, phases_in_words};
use crate::page::Page;
use crate::text;
use palisade_core::Catalog;
use palisade_core::assess::{ENOUGH, Header, Matrix, Phase, Spread, Summary};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Accounts named; an organization has thousands, and the worst come first.
const ACCOUNTS: usize = 20;
/// Columns of a share.
const CELL: usize = 9;

pub(super) fn write(
    page: &mut Page<'_>,
    catalog: &Catalog,
    header: &Header,
    summary: &Summary,
) -> io::Result<()> {
    if header.accounts.len() < 2 {
        return Ok(());
    }
    for score in &summary.scores {
        let matrix = Matrix::of(score, &header.accounts);
        let Some(stand) = phases_in_words(&matrix) else {
            continue;
        };
        let title = framework_title(catalog, score);
        page.heading(&text::cut_end(&format!("{title}: phases"), page.width))?;
        page.text(0, &format!("{stand}."))?;
        let enough = text::percent(ENOUGH);
        let rule = format!(
            "Shares are of recommendations met. A phase is reached when {enough} of its recommendations, and of every lower phase's, are met in every account in scope."
        );
        for line in text::wrap(&rule, page.width) {
            let line = page.paint.dim(&line);
            page.line(&line)?;
        }
        table(page, header, &matrix)?;
    }
    Ok(())
}

fn table(page: &mut Page<'_>, header: &Header, matrix: &Matrix) -> io::Result<()> {
    let phases = &matrix.phases;
    let heads: Vec<String> = phases
        .iter()
        .map(|p| format!("phase {}", p.phase))
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    row(page, &heads, "")?;
    let percents = |share: &dyn Fn(&Phase) -> Option<f64>| -> Vec<String> {
        let cells = phases
            .iter()
            .map(|p| share(p).map_or_else(|| "-".to_owned(), text::percent));
        cells.collect()
    };
    let mut told = |cells: Vec<String>, label: &str| -> io::Result<()> {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        row(page, &cells, label)
    };
    told(percents(&|p| Some(p.all.mean)), "mean of all accounts")?;
    told(
        percents(&|p| Some(p.all.minimum)),
        &worst(header, phases, |p| Some(&p.all), "minimum"),
    )?;
    let units: BTreeSet<&String> = phases.iter().flat_map(|p| p.units.keys()).collect();
    for unit in units {
        told(
            percents(&|p| Some(p.units.get(unit)?.mean)),
            &format!("{unit}: mean"),
        )?;
        let label = worst(
            header,
            phases,
            |p| p.units.get(unit),
            &format!("{unit}: minimum"),
        );
        told(percents(&|p| Some(p.units.get(unit)?.minimum)), &label)?;
    }
    let accounts = worst_first(phases);
    for id in accounts.iter().take(ACCOUNTS) {
        let label = account_label(&header.accounts, id);
        told(percents(&|p| p.accounts.get(*id).copied()), &label)?;
    }
    let more = accounts.len().saturating_sub(ACCOUNTS);
    if more > 0 {
        page.line(&format!(
            "... and {} that stand better",
            text::plural(more as u64, "account")
        ))?;
    }
    Ok(())
}

/// The accounts, those with the lowest share in any phase first.
fn worst_first(phases: &[Phase]) -> Vec<&str> {
    let mut least: BTreeMap<&str, f64> = BTreeMap::new();
    for (id, share) in phases.iter().flat_map(|p| &p.accounts) {
        let known = least.entry(id).or_insert(*share);
        *known = known.min(*share);
    }
    let mut all: Vec<(&str, f64)> = least.into_iter().collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all.into_iter().map(|(id, _)| id).collect()
}

/// The word with the account that is worst in the first phase that is not whole.
fn worst<'p>(
    header: &Header,
    phases: &'p [Phase],
    of: impl Fn(&'p Phase) -> Option<&'p Spread>,
    word: &str,
) -> String {
    let open = phases
        .iter()
        .filter_map(of)
        .find(|spread| spread.minimum < ENOUGH);
    match open {
        Some(spread) => format!("{word}, {}", account_label(&header.accounts, &spread.worst)),
        None => word.to_owned(),
    }
}

fn row(page: &mut Page<'_>, cells: &[&str], label: &str) -> io::Result<()> {
    let cells: String = cells.iter().map(|cell| format!("{cell:>CELL$}")).collect();
    let room = page.width.saturating_sub(text::width(&cells) + 2);
    let line = format!("{cells}  {}", text::cut_end(label, room));
    page.line(line.trim_end())
}
