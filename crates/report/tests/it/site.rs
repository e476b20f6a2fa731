//! The reference as a site: whole, linked, and the text of `explain`.

use crate::fixture::catalog;
use palisade_core::schema::Schemas;
use palisade_report::{Options, explain_control, site};
use std::collections::BTreeMap;

fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let count = site(&catalog(), &Schemas::new(), &mut |path, text| {
        assert!(pages.insert(path.to_owned(), text.to_owned()).is_none());
        Ok(())
    })
    .unwrap();
    assert_eq!(count, pages.len());
    pages
}

/// What stands in an attribute, each time.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    let after = page.split(start.as_str()).skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

/// Text of a page without its marks, as a reader sees it.
fn seen(page: &str) -> String {
    let body = page.split("</nav>").nth(1).unwrap();
    let body = body.split("<footer>").next().unwrap();
    let mut text = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[test]
fn every_entry_has_a_page_and_no_link_is_dead() {
    let catalog = catalog();
    let pages = pages();
    let entries = catalog.controls.len()
        + catalog.recommendations.len()
        + catalog.frameworks.len()
        + catalog.tables.len()
        + catalog.derived.len();
    assert_eq!(pages.len(), entries + 1);
    let mut links = 0;
    for (path, page) in &pages {
        for to in attributes(page, "href") {
            links += 1;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let target = match to.strip_prefix("../") {
                Some(rest) if !folder.is_empty() => rest.to_owned(),
                _ => to.to_owned(),
            };
            assert!(pages.contains_key(&target), "{path}: {to}");
        }
    }
    assert!(links > 3 * entries, "{links}");
    // Nothing comes from elsewhere.
    for page in pages.values() {
        assert!(attributes(page, "src").is_empty());
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn a_page_says_what_explain_says() {
    let catalog = catalog();
    let options = Options {
        width: 100,
        ..Options::default()
    };
    let words = |text: &str| {
        let words = text.split_whitespace().map(str::to_owned);
        words.collect::<Vec<_>>()
    };
    let pages = pages();
    for (id, control) in &catalog.controls {
        let mut said = Vec::new();
        explain_control(&mut said, &catalog, control, options).unwrap();
        let said = String::from_utf8(said).unwrap();
        let page = &pages[&format!("controls/{id}.html")];
        assert_eq!(words(&seen(page)), words(&said), "{id}");
    }
}

#[test]
fn a_page_and_the_index() {
    let pages = pages();
    let body = |path: &str| {
        let page = &pages[path];
        let from = page.find("<body>").unwrap();
        let to = page.find("<footer>").unwrap();
        page.get(from..to).unwrap().to_owned()
    };
    insta::assert_snapshot!(body("controls/root-mfa.html"));
    insta::assert_snapshot!(body("index.html"));
}
