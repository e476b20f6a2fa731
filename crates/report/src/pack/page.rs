//! The index as a page that needs nothing else: no script, no other file but the evidence that it links to.

use super::index::kinds;
use super::{Changes, Manifest, MovedIn, RequirementMovedIn, RequirementOf};
use crate::html::text;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_core::assess::StandingState;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// On a narrow screen a row is a block with its cells below each other: four columns do not fit.
const STYLE: &str = "\
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #8886}\
code{font-size:.85em;overflow-wrap:anywhere}small{opacity:.8}.s{font-weight:600;white-space:nowrap}\
.met,.attested{color:#1a7f37}.not_met,.expired{color:#cf222e}.unknown{color:#9a6700}\
@media (max-width:46rem){body{margin:1rem auto;overflow-wrap:anywhere}thead{display:none}table,tbody,tr,td{display:block}tr{padding:.6rem 0;border-bottom:1px solid #8886}\
td{padding:.2rem 0;border:0}ul{padding-left:1.2rem}ul:empty{display:none}}\
@media (prefers-color-scheme:dark){.met,.attested{color:#3fb950}.not_met,.expired{color:#ff7b72}.unknown{color:#d29922}}";

/// `index.html`.
pub(super) fn html(manifest: &Manifest, changes: Option<&Changes>) -> String {
    let of = &manifest.framework;
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title} <small>{edition}</small></h1>\n\
         <p>Palisade {version}, snapshot of {when}, {accounts} account(s){demo}. Unknown is never counted as met.</p>\n",
        title = text(&of.title),
        edition = text(&of.edition),
        version = text(&manifest.palisade),
        when = manifest.taken_at,
        accounts = manifest.accounts.len(),
        demo = if manifest.demo { ", demo estate" } else { "" },
    );
    states(&mut page, manifest);
    unreached(&mut page, manifest);
    if let Some(changes) = changes {
        changed(&mut page, manifest, changes);
    }
    page.push_str(
        "<h2>Requirements</h2>\n<table>\n<thead><tr><th>Requirement</th><th>State</th><th>Evidence</th><th>Statements and gaps</th></tr></thead>\n<tbody>\n",
    );
    for one in &manifest.requirements {
        requirement(&mut page, one);
    }
    page.push_str("</tbody>\n</table>\n</body>\n</html>\n");
    page
}

/// How many requirements there are of each state.
fn states(page: &mut String, manifest: &Manifest) {
    let all = [
        StandingState::Met,
        StandingState::Attested,
        StandingState::NotMet,
        StandingState::Expired,
        StandingState::Unknown,
        StandingState::Excepted,
        StandingState::NotApplicable,
    ];
    let parts: Vec<String> = all
        .into_iter()
        .filter_map(|state| {
            let n = manifest
                .requirements
                .iter()
                .filter(|r| r.state == state)
                .count();
            (n > 0).then(|| format!("{n} {}", word(state)))
        })
        .collect();
    let total = manifest.requirements.len();
    // Writing to a string cannot fail.
    let _ = writeln!(page, "<p>{total} requirements: {}</p>", parts.join(" · "));
}

fn word(state: StandingState) -> String {
    let name = state.as_str();
    format!("<span class=\"s {name}\">{}</span>", name.replace('_', " "))
}

fn unreached(page: &mut String, manifest: &Manifest) {
    let lost: Vec<String> = manifest
        .accounts
        .iter()
        .filter_map(|account| {
            let why = account.not_reached.as_ref()?;
            Some(format!(
                "<li>{} {}: {}</li>",
                text(&account.id),
                text(&account.name),
                text(why)
            ))
        })
        .collect();
    if !lost.is_empty() {
        let _ = writeln!(
            page,
            "<h2>Accounts that were not reached</h2>\n<ul>{}</ul>",
            lost.concat()
        );
    }
}

fn changed(page: &mut String, manifest: &Manifest, changes: &Changes) {
    let since = manifest.since.as_ref();
    let when = since.map(|s| s.taken_at.to_string()).unwrap_or_default();
    let _ = writeln!(page, "<h2>Since {}</h2>\n<ul>", text(&when));
    for moved in &changes.states {
        let _ = writeln!(
            page,
            "<li>{}: {} → {} <small>{}</small></li>",
            text(&moved.requirement),
            word(moved.before),
            word(moved.now),
            text(&moved.why)
        );
    }
    named(page, &changes.requirements);
    rows(page, &changes.recommendations);
    for one in &changes.statements {
        let statement = &one.statement;
        let _ = writeln!(
            page,
            "<li>statement {}: {}, {} on {}, until {}: {}</li>",
            one.change.as_str(),
            text(&statement.recommendation),
            text(&statement.by),
            statement.date,
            statement.expires,
            text(&statement.statement)
        );
    }
    for (what, list) in [
        ("new requirements", &changes.requirements_only_now),
        ("requirements gone", &changes.requirements_only_before),
        ("new accounts", &changes.accounts_only_now),
        ("accounts gone", &changes.accounts_only_before),
    ] {
        if !list.is_empty() {
            let _ = writeln!(page, "<li>{what}: {}</li>", text(&list.join(", ")));
        }
    }
    let _ = writeln!(
        page,
        "<li>{} files of findings say something else</li>\n</ul>",
        changes.evidence.len()
    );
}

/// Rows that the page names; an organization may have thousands.
const ROWS: usize = 100;

fn named(page: &mut String, moved: &[RequirementMovedIn]) {
    for one in moved.iter().take(ROWS) {
        let _ = writeln!(
            page,
            "<li>{} in {}: {} → {} <small>{}</small></li>",
            text(&one.requirement),
            text(&one.account_id),
            word(one.before),
            word(one.now),
            text(&one.why)
        );
    }
    more(page, moved.len(), "requirements in accounts");
}

fn more(page: &mut String, all: usize, what: &str) {
    let more = all.saturating_sub(ROWS);
    if more > 0 {
        let _ = writeln!(page, "<li>{more} more {what}: see changes.json</li>");
    }
}

fn rows(page: &mut String, moved: &[MovedIn]) {
    let state = |state: Option<StandingState>| state.map_or_else(|| "no row".to_owned(), word);
    for one in moved.iter().take(ROWS) {
        let _ = writeln!(
            page,
            "<li>{} in {}: {} → {} <small>{}</small></li>",
            text(&one.recommendation),
            text(&one.account_id),
            state(one.before),
            state(one.now),
            text(&one.why)
        );
    }
    more(page, moved.len(), "rows");
}

fn requirement(page: &mut String, one: &RequirementOf) {
    let group = one.group.as_deref().unwrap_or_default();
    let _ = write!(
        page,
        "<tr id=\"{id}\"><td><b>{id}</b> {title}<br><small>{group}</small></td><td>{state}<br><small>{why}</small></td><td><small>{kinds}</small><ul>",
        id = text(&one.id),
        title = text(&one.title),
        group = text(group),
        state = word(one.state),
        why = text(&one.why),
        kinds = text(&kinds(&one.kinds)),
    );
    for evidence in &one.evidence {
        let counts = &evidence.counts;
        let name = text(&evidence.control);
        let link = evidence.file.as_ref().map_or_else(
            || name.clone(),
            |file| format!("<a href=\"{}\">{name}</a>", text(file)),
        );
        let hash = evidence.sha256.as_deref().unwrap_or("no findings");
        let _ = write!(
            page,
            "<li>{link}: {} pass, {} fail, {} unknown, {} excepted, {} not applicable<br><code>{}</code></li>",
            counts.pass,
            counts.fail,
            counts.unknown,
            counts.excepted,
            counts.not_applicable,
            text(hash)
        );
    }
    page.push_str("</ul></td><td><ul>");
    for statement in &one.statements {
        let hash = statement.sha256.as_ref();
        let hash = hash.map_or_else(String::new, |h| format!(" <code>{}</code>", text(h)));
        let _ = write!(
            page,
            "<li>{} on {}, until {}: {} ({}){hash}</li>",
            text(&statement.by),
            statement.date,
            statement.expires,
            text(&statement.statement),
            text(&statement.evidence)
        );
    }
    for gap in &one.gaps {
        let _ = write!(page, "<li><i>gap</i> {}</li>", text(gap));
    }
    page.push_str("</ul></td></tr>\n");
}
