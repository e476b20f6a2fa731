//! The fixed parts of the page.

use super::escape::{Escaped, text};
use crate::overview::account_label;
use crate::text::plural;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_core::assess::Header;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

const STYLE: &str = include_str!("../../assets/report.css");
const SCRIPT: &str = concat!(
    include_str!("../../assets/data.js"),
    include_str!("../../assets/dom.js"),
    include_str!("../../assets/overview.js"),
    include_str!("../../assets/explorer.js"),
    include_str!("../../assets/main.js"),
);

/// A palisade: five pales and a rail.
const MARK: &str = r#"<svg width="22" height="22" viewBox="0 0 22 22" fill="currentColor" aria-hidden="true"><path d="M1 7l1.5-2.5L4 7v12H1zm4.25-1l1.5-2.5L8.25 6v13h-3zM9.5 4.5L11 2l1.5 2.5V19h-3zM13.75 6l1.5-2.5 1.5 2.5v13h-3zM18 7l1.5-2.5L21 7v12h-3z"/></svg>"#;

/// A source of the content security policy: this very text.
fn hash(source: &str) -> String {
    format!(
        "'sha256-{}'",
        STANDARD.encode(Sha256::digest(source.as_bytes()))
    )
}

/// The pages that stand beside this one.
#[derive(Debug, Default, Serialize)]
pub(super) struct Links {
    /// The folder of the accounts' pages, in an overview.
    pub(super) pages: Option<String>,
    /// The overview, in an account's page.
    pub(super) overview: Option<String>,
}

/// Everything before the findings.
pub(super) fn write(out: &mut dyn Write, header: &Header, links: &Links) -> io::Result<()> {
    let who = match header.accounts.as_slice() {
        [one] => account_label(&header.accounts, &one.id),
        all => plural(all.len() as u64, "account"),
    };
    let who = text(&who);
    let when = header.taken_at.strftime("%Y-%m-%d %H:%M UTC");
    let demo = if header.demo {
        r#" <span class="notice">demo estate</span>"#
    } else {
        ""
    };
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    write!(
        out,
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Palisade {version}">
<title>Palisade: {who}, {when}</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#all">Skip to all recommendations</a>
<div class="bar"><div>
<h1 class="brand">{MARK}Palisade</h1>
<p class="facts">{who} · {when} · {controls}{demo}</p>
<div class="tools" id="tools"></div>
</div></div>
<main id="main"><noscript><p class="card">This page needs its own script to show what it holds; it loads nothing. The same data can be had with <code>--format json</code>.</p></noscript></main>
<footer>Palisade {version}. Unknown is never counted as met. This page is complete in itself and sends nothing anywhere; it names resources of the estate, so share it with care.</footer>
"##,
        version = text(&header.palisade),
        controls = plural(header.controls, "control"),
    )?;
    #[derive(Serialize)]
    struct Head<'a> {
        #[serde(flatten)]
        header: &'a Header,
        #[serde(flatten)]
        links: &'a Links,
    }
    out.write_all(b"<script type=\"application/json\" id=\"head\">")?;
    serde_json::to_writer(Escaped(&mut *out), &Head { header, links })?;
    out.write_all(b"</script>\n")
}

/// Everything after the data.
pub(super) fn close(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_assets_fit_into_their_elements_and_make_no_markup() {
        assert!(!STYLE.contains("</"));
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
        for way in [
            "innerHTML =",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ] {
            assert!(!SCRIPT.contains(way), "{way}");
        }
        for way in ["http://", "https://", "url(", "@import", "fetch("] {
            assert!(!STYLE.contains(way) && !SCRIPT.contains(way), "{way}");
        }
    }
}
