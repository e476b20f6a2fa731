//! Graphs as SVG 1.1: nodes in columns by their distance from the first, edges between them.

use std::fmt::Write as _;

/// Sizes in pixels.
const WIDTH: usize = 190;
const HEIGHT: usize = 34;
const GAP_X: usize = 130;
const GAP_Y: usize = 26;
const MARGIN: usize = 20;
/// Letters that fit into a box and beside an edge.
const NODE_TEXT: usize = 26;
const EDGE_TEXT: usize = 20;

/// The picture of nodes and edges (from, to, label); labels on one edge are joined.
pub(super) fn draw(nodes: &[String], edges: &[(usize, usize, String)]) -> String {
    let columns = columns(nodes.len(), edges);
    let mut rows = vec![0_usize; nodes.len()];
    let mut heights: Vec<usize> = Vec::new();
    for (row, column) in rows.iter_mut().zip(&columns) {
        if heights.len() <= *column {
            heights.resize(column + 1, 0);
        }
        if let Some(height) = heights.get_mut(*column) {
            *row = *height;
            *height += 1;
        }
    }
    let place = |at: usize| {
        let column = columns.get(at).copied().unwrap_or_default();
        let row = rows.get(at).copied().unwrap_or_default();
        (
            MARGIN + column * (WIDTH + GAP_X),
            MARGIN + row * (HEIGHT + GAP_Y),
        )
    };
    let wide =
        2 * MARGIN + heights.len() * (WIDTH + GAP_X) - if heights.is_empty() { 0 } else { GAP_X };
    let tall = 2 * MARGIN + heights.iter().max().copied().unwrap_or_default() * (HEIGHT + GAP_Y);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {tall}\" width=\"{wide}\" height=\"{tall}\" font-family=\"sans-serif\" font-size=\"12\">\n<style>rect{{fill:#eef2f7;stroke:#456}}path{{stroke:#456;fill:none}}text{{fill:#123}}.stop{{stroke:#b00020;stroke-dasharray:4}}@media(prefers-color-scheme:dark){{rect{{fill:#1d2733;stroke:#9ab}}path{{stroke:#9ab}}text{{fill:#dde}}}}</style>\n<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8\"/></marker></defs>\n"
    );
    for (from, to, labels) in joined(edges) {
        let ((x1, y1), (x2, y2)) = (place(from), place(to));
        let class = if labels == ["blocked"] {
            " class=\"stop\""
        } else {
            ""
        };
        // A route back, or within a column, leaves at the bottom.
        let line = if x2 > x1 {
            format!(
                "M{} {}L{x2} {}",
                x1 + WIDTH,
                y1 + HEIGHT / 2,
                y2 + HEIGHT / 2
            )
        } else {
            let (mid, low) = (x1 + WIDTH / 2, y1.max(y2) + HEIGHT + GAP_Y / 2);
            format!(
                "M{mid} {}Q{mid} {low} {} {}",
                y1 + HEIGHT,
                x2 + WIDTH / 2,
                y2 + HEIGHT
            )
        };
        let _ = writeln!(out, "<path d=\"{line}\" marker-end=\"url(#a)\"{class}/>");
        let label = labels.join(", ");
        if !label.is_empty() && x2 > x1 {
            let (x, y) = (x2 - 6, y2 + HEIGHT / 2 - 4);
            let text = text(&label, EDGE_TEXT);
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" font-size=\"10\">{text}<title>{}</title></text>",
                escaped(&label)
            );
        }
    }
    for (at, node) in nodes.iter().enumerate() {
        let (x, y) = place(at);
        let (mid, base) = (x + WIDTH / 2, y + HEIGHT / 2 + 4);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"4\"/><text x=\"{mid}\" y=\"{base}\" text-anchor=\"middle\">{}<title>{}</title></text>",
            text(node, NODE_TEXT),
            escaped(node)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// Steps from the nodes that nothing leads to, by the shortest way; the first node where all are led to.
fn columns(count: usize, edges: &[(usize, usize, String)]) -> Vec<usize> {
    let led = |at: &usize| edges.iter().any(|(from, to, _)| to == at && from != at);
    let mut wave: Vec<usize> = (0..count).filter(|at| !led(at)).collect();
    if wave.is_empty() && count > 0 {
        wave.push(0);
    }
    let mut columns: Vec<Option<usize>> = vec![None; count];
    let mut step = 0;
    while !wave.is_empty() {
        for at in &wave {
            if let Some(column) = columns.get_mut(*at) {
                column.get_or_insert(step);
            }
        }
        let open = |at: &usize| columns.get(*at).is_some_and(Option::is_none);
        let next = edges.iter().filter(|(from, _, _)| wave.contains(from));
        let mut next: Vec<usize> = next.map(|(_, to, _)| *to).filter(open).collect();
        next.sort_unstable();
        next.dedup();
        wave = next;
        step += 1;
    }
    columns.into_iter().map(Option::unwrap_or_default).collect()
}

/// Edges between the same nodes as one, in their order.
fn joined(edges: &[(usize, usize, String)]) -> Vec<(usize, usize, Vec<&str>)> {
    let mut out: Vec<(usize, usize, Vec<&str>)> = Vec::new();
    for (from, to, label) in edges {
        match out.iter_mut().find(|(f, t, _)| f == from && t == to) {
            Some((_, _, labels)) => labels.push(label),
            None => out.push((*from, *to, vec![label])),
        }
    }
    out
}

/// The text in at most so many letters, escaped.
fn text(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return escaped(text);
    }
    let head: String = text.chars().take(most - 1).collect();
    format!("{}…", escaped(&head))
}

/// For XML 1.0: names of resources are chosen by strangers.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_name_stays_text_and_a_circle_ends() {
        let nodes = ["<script>".to_owned(), "b\u{1}".to_owned()];
        let edges = [(0, 1, "x".to_owned()), (1, 0, "y".to_owned())];
        let picture = draw(&nodes, &edges);
        assert!(picture.contains("&lt;script&gt;") && !picture.contains("<script"));
        assert!(!picture.contains('\u{1}') && picture.ends_with("</svg>\n"));
        assert_eq!(columns(2, &edges), [0, 1]);
        assert!(draw(&[], &[]).ends_with("</svg>\n"));
    }
}
