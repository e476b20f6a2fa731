//! What the answers share: packets, hops, blockers and gaps in words.

use palisade_core::State;
use palisade_network::ask::{HopAnswer, Packet, Resource, Verdict};
use palisade_network::explain::Gap;
use palisade_network::headers::{Kind, Traffic};
use palisade_report::Page;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The far side's words, told in one line; more are counted.
const PLACES: usize = 4;

/// `tcp 22, 80-90`; ports that are all are left out.
pub(super) fn ports(traffic: &Traffic) -> String {
    let name = match traffic.protocol {
        Kind::Other => "other protocols".to_owned(),
        kind => kind.to_string(),
    };
    match traffic.ports.as_str() {
        "all" if traffic.protocol == Kind::Other => name,
        "all" => format!("{name} all"),
        ports => format!("{name} {ports}"),
    }
}

/// `anywhere`, or the blocks.
pub(super) fn places(traffic: &Traffic) -> String {
    let word = |word: &String| match word.as_str() {
        "internet" => "anywhere".to_owned(),
        "internet-ipv6" => "anywhere (IPv6)".to_owned(),
        other => other
            .replace("internet-ipv6 except", "anywhere (IPv6) except")
            .replace("internet except", "anywhere except"),
    };
    let mut words: Vec<String> = traffic.addresses.iter().take(PLACES).map(word).collect();
    let more = traffic.addresses.len().saturating_sub(PLACES);
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}

/// Lines of traffic, those that differ in ports only together.
pub(super) fn traffic(
    page: &mut Page<'_>,
    label: &str,
    all: &[Traffic],
    side: &str,
) -> io::Result<()> {
    let mut by_place: Vec<(String, Vec<String>)> = Vec::new();
    for one in all {
        let mut place = format!("{side} {}", places(one));
        if let Some(ports) = &one.source_ports {
            place.push_str(&format!(", source ports {ports}"));
        }
        match by_place.iter_mut().find(|(p, _)| *p == place) {
            Some((_, words)) => words.push(ports(one)),
            None => by_place.push((place, vec![ports(one)])),
        }
    }
    for (at, (place, words)) in by_place.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        page.pair(label, &format!("{} {place}", words.join(", ")))?;
    }
    Ok(())
}

/// `instance i-1`, or the kind alone.
pub(super) fn resource(resource: &Resource, interface: &str) -> String {
    let kind = resource.kind.replace('_', " ");
    if resource.id.is_empty() || resource.id == interface {
        return format!("{kind} {interface}");
    }
    format!("{kind} {} ({interface})", resource.id)
}

pub(super) const fn state(verdict: Verdict, good: Verdict) -> State {
    match (verdict, good) {
        (Verdict::Unknown, _) => State::Unknown,
        (Verdict::Reachable, Verdict::Reachable) | (Verdict::Blocked, Verdict::Blocked) => {
            State::Pass
        }
        _ => State::Fail,
    }
}

pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reachable => "reachable",
        Verdict::Unknown => "unknown",
        Verdict::Blocked => "blocked",
    }
}

/// A packet as people write it.
pub(super) fn packet(packet: &Packet) -> String {
    let Packet {
        protocol,
        source,
        source_port,
        destination,
        port,
    } = packet;
    match (protocol, source_port) {
        (Kind::Icmp | Kind::Icmp6, _) => {
            format!(
                "{protocol} type {} code {}, {source} to {destination}",
                port / 256,
                port % 256
            )
        }
        (Kind::Other, _) => format!("protocol {port}, {source} to {destination}"),
        (_, Some(from)) => format!("{protocol}, {source} port {from} to {destination} port {port}"),
        (_, None) => format!("{protocol}, {source} to {destination} port {port}"),
    }
}

/// Hops, one a line, with the route taken and the addresses where they change.
pub(super) fn hops(page: &mut Page<'_>, hops: &[HopAnswer]) -> io::Result<()> {
    let mut before: Option<(&str, &str)> = None;
    for (at, hop) in hops.iter().enumerate() {
        let mut line = format!("{}. {}", at + 1, hop.id);
        if let Some(by) = &hop.by {
            line.push_str(&format!("  by {by}"));
        }
        let now = (hop.source.as_str(), hop.destination.as_str());
        if before.is_some_and(|before| before != now) {
            line.push_str(&format!("  now {} to {}", now.0, now.1));
        }
        if let Some(port) = hop.port {
            line.push_str(&format!("  now to port {port}"));
        }
        before = Some(now);
        page.text(2, &line)?;
    }
    Ok(())
}

/// What could change an answer, each thing once.
pub(super) fn gaps<'g>(
    page: &mut Page<'_>,
    label: &str,
    gaps: impl IntoIterator<Item = &'g Gap>,
) -> io::Result<()> {
    const SHOWN: usize = 10;
    // What is said of several places, and of several constructs, is said once.
    let mut by_text: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for gap in gaps {
        let key = (gap.construct.as_str(), gap.detail.as_str());
        by_text.entry(key).or_default().insert(&gap.component);
    }
    let mut by_place: BTreeMap<(BTreeSet<&str>, &str), Vec<String>> = BTreeMap::new();
    for ((construct, detail), places) in by_text {
        let constructs = by_place.entry((places, detail)).or_default();
        constructs.push(construct.replace('_', " "));
    }
    let words: Vec<String> = by_place
        .into_iter()
        .map(|((places, detail), constructs)| {
            let places: Vec<&str> = places.into_iter().filter(|p| !p.is_empty()).collect();
            let at = match places.as_slice() {
                [] => String::new(),
                [one] => format!(" ({one})"),
                [one, rest @ ..] => format!(" ({one} and {} more)", rest.len()),
            };
            format!("{}{at}: {detail}", constructs.join(", "))
        })
        .collect();
    for (at, word) in words.iter().take(SHOWN).enumerate() {
        page.pair(if at == 0 { label } else { "" }, word)?;
    }
    let more = words.len().saturating_sub(SHOWN);
    if more > 0 {
        page.pair("", &format!("and {more} more (--format json has all)"))?;
    }
    Ok(())
}

/// `1 interface`, `2 interfaces`.
pub(super) fn plural(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{s}")
}
