//! The index: what the catalogue has, what it reaches of each framework, and every entry by name.

use super::{KINDS, Kind, file, frame};
use crate::html::escape::text;
use crate::text::plural;
use palisade_core::Catalog;

pub(super) fn page(catalog: &Catalog) -> String {
    let mut body = String::from("<h1>Palisade reference</h1>\n");
    let tables = catalog.tables.len() + catalog.derived.len();
    let counts = [
        (catalog.recommendations.len(), "recommendation"),
        (catalog.controls.len(), "control"),
        (tables, "table"),
        (catalog.frameworks.len(), "framework"),
    ];
    let counts = counts.map(|(n, noun)| plural(n as u64, noun)).join(", ");
    body.push_str(&format!("<p>{}.</p>\n", text(&counts)));
    body.push_str(
        "<p id=\"search\" hidden><label for=\"find\">Search by words, or by the name that another tool has for it</label>\
         <input id=\"find\" type=\"search\" autocomplete=\"off\"> <span id=\"told\" role=\"status\"></span></p>\n",
    );
    body.push_str(&reach(catalog));
    for kind in KINDS {
        let rows = rows(catalog, kind);
        body.push_str(&format!(
            "<details><summary>{}</summary>\n<ul>\n",
            text(&plural(rows.len() as u64, kind.noun))
        ));
        for row in rows {
            body.push_str(&row);
        }
        body.push_str("</ul>\n</details>\n");
    }
    frame::index(&body)
}

/// The frameworks with what of each is reached.
fn reach(catalog: &Catalog) -> String {
    let mut out = String::from(
        "<div class=\"wide\"><table>\n<thead><tr><th>Framework</th><th>Requirements</th><th>A machine could show</th>\
         <th>Controls show</th><th>Statements alone</th><th>Nothing yet</th><th>Not covered</th></tr></thead>\n<tbody>\n",
    );
    for framework in catalog.frameworks.values() {
        let reach = framework.reach(catalog);
        let numbers = [
            reach.total,
            reach.machine(),
            reach.measured,
            reach.stated,
            reach.waiting,
            reach.open,
        ];
        let cells: String = numbers
            .iter()
            .map(|n| format!("<td class=\"n\">{n}</td>"))
            .collect();
        out.push_str(&format!(
            "<tr><td><a href=\"frameworks/{}.html\">{}</a> {}</td>{cells}</tr>\n",
            file(&framework.id),
            text(&framework.title),
            text(&framework.edition),
        ));
    }
    out.push_str("</tbody>\n</table></div>\n");
    out
}

/// The entries of a kind, a line each.
fn rows(catalog: &Catalog, kind: Kind) -> Vec<String> {
    let row = |id: &str, said: &str, also: &str| {
        let also = if also.is_empty() {
            String::new()
        } else {
            format!(" data-also=\"{}\"", text(also))
        };
        format!(
            "<li{also}><a href=\"{}/{}.html\">{}</a> <span>{}</span></li>\n",
            kind.folder,
            file(id),
            text(id),
            text(said)
        )
    };
    match kind.folder {
        "recommendations" => {
            let all = catalog.recommendations.values();
            all.map(|r| row(&r.id, &r.title, "")).collect()
        }
        "controls" => {
            let all = catalog.controls.values();
            all.map(|c| row(&c.id, &c.title, &c.also.join(" ")))
                .collect()
        }
        "frameworks" => {
            let all = catalog.frameworks.values();
            all.map(|f| row(&f.id, &f.title, &f.edition)).collect()
        }
        _ => {
            let tables = catalog.tables.values().map(|t| (&t.id, &t.about));
            let derived = catalog.derived.values().map(|d| (&d.id, &d.about));
            let all = tables.chain(derived);
            all.map(|(id, about)| row(id, about, "")).collect()
        }
    }
}
