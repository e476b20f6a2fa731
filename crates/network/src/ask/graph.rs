//! Pictures as text: Mermaid, Graphviz and SVG.

use super::path::{PathAnswer, Verdict};
use crate::eval::Network;
use crate::model::{Destination, Target};

/// The languages of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    /// Mermaid `flowchart`.
    Mermaid,
    /// Graphviz `digraph`.
    Dot,
    /// An image, with a style for light and dark pages.
    Svg,
}

/// The picture of one path; blockers hang at the hop before them.
#[must_use]
pub fn path_graph(answer: &PathAnswer, format: GraphFormat) -> String {
    let mut nodes: Vec<String> = answer.forward.iter().map(|hop| hop.id.clone()).collect();
    let mut edges: Vec<(usize, usize, String)> = Vec::new();
    for (at, hop) in answer.forward.iter().enumerate().skip(1) {
        let by = answer
            .forward
            .get(at - 1)
            .and_then(|before| before.by.clone())
            .unwrap_or_default();
        edges.push((
            at - 1,
            at,
            if by.is_empty() {
                format!("{} -> {}", hop.source, hop.destination)
            } else {
                by
            },
        ));
    }
    if answer.verdict == Verdict::Blocked {
        for blocker in &answer.blockers {
            nodes.push(format!("{} {}", blocker.code.word(), blocker.component));
            edges.push((
                blocker
                    .after
                    .saturating_sub(1)
                    .min(answer.forward.len().saturating_sub(1)),
                nodes.len() - 1,
                "blocked".to_owned(),
            ));
        }
    }
    draw(&nodes, &edges, format)
}

/// The picture of a VPC: its subnets and where their routes lead.
#[must_use]
pub fn vpc_graph(network: &Network, vpc: &str, format: GraphFormat) -> String {
    let mut nodes: Vec<String> = Vec::new();
    let mut edges = Vec::new();
    for subnet in network
        .estate
        .subnets
        .values()
        .filter(|subnet| subnet.vpc == vpc)
    {
        let from = place(&mut nodes, &subnet.id);
        let Some(table) = network.table(&subnet.id) else {
            continue;
        };
        for route in table.routes.iter().filter(|route| route.active) {
            let to = match &route.target {
                Target::Local => vpc,
                Target::Internet(id)
                | Target::EgressOnly(id)
                | Target::Nat(id)
                | Target::Vpn(id)
                | Target::Peering(id) => id,
                Target::Transit(id)
                | Target::Endpoint(id)
                | Target::Interface(id)
                | Target::Other(_, id) => id,
            };
            let to = place(&mut nodes, to);
            let label = match &route.destination {
                Destination::Block(block) => block.to_string(),
                Destination::List(id) => id.clone(),
            };
            edges.push((from, to, label));
        }
    }
    draw(&nodes, &edges, format)
}

fn place(nodes: &mut Vec<String>, name: &str) -> usize {
    nodes
        .iter()
        .position(|node| node == name)
        .unwrap_or_else(|| {
            nodes.push(name.to_owned());
            nodes.len() - 1
        })
}

fn draw(nodes: &[String], edges: &[(usize, usize, String)], format: GraphFormat) -> String {
    if format == GraphFormat::Svg {
        return super::svg::draw(nodes, edges);
    }
    let clean = |text: &str| text.replace(['"', '\n', '\r', '\\'], " ");
    let dot = format == GraphFormat::Dot;
    let mut out = String::from(if dot {
        "digraph network {\n  rankdir=LR;\n"
    } else {
        "flowchart LR\n"
    });
    for (at, node) in nodes.iter().enumerate() {
        out += &if dot {
            format!("  n{at} [label=\"{}\"];\n", clean(node))
        } else {
            format!("  n{at}[\"{}\"]\n", clean(node))
        };
    }
    for (from, to, label) in edges {
        out += &if dot {
            format!("  n{from} -> n{to} [label=\"{}\"];\n", clean(label))
        } else {
            format!("  n{from} -->|\"{}\"| n{to}\n", clean(label))
        };
    }
    if dot {
        out.push_str("}\n");
    }
    out
}
