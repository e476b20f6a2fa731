//! `cargo bench -p palisade-network`: how long the exposure of an estate takes, by size, from memory and from JSON, after a change of
//! one rule, one question with its explanation, and all pairs of interfaces. CPU time of the one thread, as the kernel counts it; wall time where it does not.

mod accounts;
mod estate;
mod json;

use estate::Ports;
use palisade_network::ask::{Exposure, PathQuestion};
use palisade_network::model::Place;
use palisade_network::{Document, Edit, Network, from_dump};
use std::io::{BufReader, BufWriter, Write};
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "times are {}",
        if counted().is_some() {
            "CPU time of one thread"
        } else {
            "wall time"
        }
    )?;
    for size in [1_000, 10_000, 100_000] {
        let estate = estate::estate(size, Ports::Pool);
        let rules: usize = estate
            .groups
            .values()
            .map(|group| group.ingress.len() + group.egress.len())
            .sum();
        let entries: usize = estate.acls.values().map(|acl| acl.entries.len()).sum();
        writeln!(
            out,
            "\n{size} interfaces, {} groups with {rules} rules, {} network ACLs with {entries} entries",
            estate.groups.len(),
            estate.acls.len(),
        )?;
        let document = json::json(&estate);
        let (network, prepared) = timed(|| Network::new(estate));
        let (answer, exposed) = timed(|| network.exposed());
        line(&mut out, "prepare", prepared)?;
        line(&mut out, "exposure of every interface", exposed)?;
        writeln!(
            out,
            "  {} of them exposed, {} rows",
            answer.exposed,
            answer.rows.len()
        )?;
        let (_, egress) = timed(|| network.egress());
        line(&mut out, "egress of every interface", egress)?;
        let question = PathQuestion {
            from: "internet".into(),
            to: "eni-3".into(),
            port: Some(443),
            ..PathQuestion::default()
        };
        let (answered, paths) = timed(|| {
            (0..100)
                .map(|_| network.path(&question))
                .filter(Result::is_ok)
                .count()
        });
        line(&mut out, "one path explained", paths / 100)?;
        drop(answer);
        if size <= 10_000 {
            pairs(&mut out, &network, "all pairs")?;
        }
        edits(&mut out, network)?;
        let (bytes, read) = from_disk(&document)?;
        line(
            &mut out,
            &format!("exposure from {} MB of JSON on disk", bytes >> 20),
            read,
        )?;
        writeln!(
            out,
            "  {answered} of 100 questions answered; memory at most {} MB",
            peak()
        )?;
    }
    let network = Network::new(estate::estate(10_000, Ports::Any));
    writeln!(out, "\n10000 interfaces, ports of rules anywhere")?;
    let (_, exposed) = timed(|| network.exposed());
    line(&mut out, "exposure of every interface", exposed)?;
    pairs(&mut out, &network, "all pairs")?;
    for count in [1_000, 10_000] {
        let estate = accounts::accounts(count);
        let interfaces = estate.interfaces.len();
        writeln!(
            out,
            "\n{count} accounts that are alike, {interfaces} interfaces"
        )?;
        let (network, prepared) = timed(|| Network::new(estate));
        line(&mut out, "prepare", prepared)?;
        let (_, exposed) = timed(|| network.exposed());
        line(&mut out, "exposure of every interface", exposed)?;
        let (_, egress) = timed(|| network.egress());
        line(&mut out, "egress of every interface", egress)?;
    }
    Ok(())
}

/// All ordered pairs of interfaces.
fn pairs(out: &mut impl Write, network: &Network, what: &str) -> std::io::Result<()> {
    let (answer, took) = timed(|| network.pairs());
    line(out, what, took)?;
    writeln!(
        out,
        "  {} classes, {} pairs of them with one of {} sets, {} pairs of interfaces; memory at most {} MB",
        answer.classes.len(),
        answer.pairs().count(),
        answer.sets.len(),
        answer.connected(),
        peak()
    )
}

/// One rule of a security group, or one entry of a network ACL, taken away, and the exposure brought up to date: on average, and at most.
fn edits(out: &mut impl Write, mut network: Network) -> std::io::Result<()> {
    let mut exposure = Exposure::of(&network);
    let groups = network.estate.groups.values().step_by(17).take(200);
    let rules = groups.map(|group| Edit::Rules {
        group: group.id.clone(),
        ingress: group.ingress.iter().skip(1).cloned().collect(),
        egress: group.egress.clone(),
    });
    let rules: Vec<Edit> = rules.collect();
    let entries = network.estate.acls.values().map(|acl| Edit::Entries {
        acl: acl.id.clone(),
        entries: acl.entries.iter().skip(1).cloned().collect(),
    });
    let entries: Vec<Edit> = entries.take(100).collect();
    for (what, edits) in [
        ("after one rule of a group changed", rules),
        ("after one entry of a network ACL changed", entries),
    ] {
        let (mut all, mut most, mut walks) = (Duration::ZERO, Duration::ZERO, 0);
        let count = u32::try_from(edits.len()).unwrap_or(1).max(1);
        for edit in edits {
            let (touched, took) = timed(|| {
                let touched = network.edit(edit);
                touched.map(|touched| exposure.update(&network, &touched))
            });
            walks += touched.unwrap_or_default();
            (all, most) = (all + took, most.max(took));
        }
        line(out, &format!("exposure {what}"), all / count)?;
        writeln!(
            out,
            "  {:.2} ms at most; {walks} walks for {count} changes",
            most.as_secs_f64() * 1000.0
        )?;
    }
    Ok(())
}

/// Reads an estate from a file and asks for its exposure.
fn from_disk(document: &serde_json::Value) -> std::io::Result<(u64, Duration)> {
    let path = std::env::temp_dir().join(format!("palisade-bench-{}.json", std::process::id()));
    let mut file = BufWriter::new(fs_err::File::create(&path)?);
    serde_json::to_writer(&mut file, document)?;
    file.flush()?;
    drop(file);
    let bytes = fs_err::metadata(&path)?.len();
    let (read, took) = timed(|| -> std::io::Result<usize> {
        let file = BufReader::with_capacity(1 << 16, fs_err::File::open(&path)?);
        let document = Document {
            name: "bench".to_owned(),
            place: Place::default(),
            json: serde_json::from_reader(file)?,
        };
        Ok(Network::new(from_dump([&document]).0).exposed().exposed)
    });
    read?;
    fs_err::remove_file(&path)?;
    Ok((bytes, took))
}

fn line(out: &mut impl Write, what: &str, took: Duration) -> std::io::Result<()> {
    writeln!(out, "  {what:<44} {:>10.2} ms", took.as_secs_f64() * 1000.0)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (start, before) = (Instant::now(), counted());
    let value = work();
    let took = counted().zip(before).map(|(after, before)| after - before);
    (value, took.unwrap_or_else(|| start.elapsed()))
}

/// CPU time of this thread so far, where the kernel tells.
fn counted() -> Option<Duration> {
    let text = fs_err::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// The most memory that the process has held, in MB.
fn peak() -> u64 {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() >> 10
}
