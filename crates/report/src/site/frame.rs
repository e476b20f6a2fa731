//! What stands around every page.

use crate::html::escape::text;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("../../assets/docs.css");
const SCRIPT: &str = include_str!("../../assets/docs.js");

/// A source of the content security policy: this very text.
fn hash(source: &str) -> String {
    let digest = STANDARD.encode(Sha256::digest(source.as_bytes()));
    format!("'sha256-{digest}'")
}

/// A page of one entry.
pub(super) fn page(noun: &str, id: &str, body: &str) -> String {
    let nav = format!(
        "<nav><a href=\"../index.html\">Palisade reference</a> · {} <code>{}</code></nav>\n",
        text(noun),
        text(id)
    );
    whole(id, &format!("{nav}{body}"), false)
}

/// The index, which alone has a script.
pub(super) fn index(body: &str) -> String {
    whole("Palisade reference", body, true)
}

fn whole(title: &str, body: &str, searched: bool) -> String {
    let title = text(title);
    let style = hash(STYLE);
    let (allowed, script) = if searched {
        let allowed = format!("; script-src {}", hash(SCRIPT));
        (allowed, format!("<script>{SCRIPT}</script>\n"))
    } else {
        (String::new(), String::new())
    };
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {style}{allowed}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
{body}<footer>Made from the catalogue by <code>palisade catalog docs</code>: the text is that of <code>palisade explain</code>.</footer>
{script}</body>
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_assets_fit_into_their_elements_and_load_nothing() {
        assert!(!STYLE.contains("</"));
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
        for way in ["innerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!SCRIPT.contains(way), "{way}");
        }
        for way in ["http://", "https://", "url(", "@import", "fetch("] {
            assert!(!STYLE.contains(way) && !SCRIPT.contains(way), "{way}");
        }
    }
}
