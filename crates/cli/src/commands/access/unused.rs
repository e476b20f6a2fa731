//! `palisade access unused`

use super::{answer, trail};
use crate::args::Unused as Args;
use crate::failure::{Done, Failure, said};
use crate::house::House;
use crate::source::{self, Source};
use crate::terminal::Terminal;
use palisade_iam::generate::generate;
use palisade_iam::unused::{Events, Finding, Report, Unused, Window, last_accessed, permissions};
use palisade_query::Session;
use std::path::Path;

/// Tells what was not used.
pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Done, Failure> {
    let house = House::open(&args.ask.catalog, terminal)?;
    let source = Source::of(&args.ask.source)?;
    let (_, session) = source::open(source.path(), &house, terminal)?;
    let window = Window::new(session.now(), args.days)
        .map_err(|why| Failure::usage(format!("`--days {}`: {why}", args.days)))?;
    let report = match (&args.principal, &args.last_accessed) {
        (Some(principal), Some(file)) => {
            of_one(&session, principal, file, args, &window, terminal)?
        }
        _ => session.unused(&window)?,
    };
    answer::write(&args.ask.form, terminal, &report.document(&window), || {
        lines(&report, &window)
    })?;
    Ok(if report.unknown.is_empty() {
        Done::Clean
    } else {
        Done::Incomplete
    })
}

/// The permissions of one principal.
fn of_one(
    session: &Session,
    principal: &str,
    file: &Path,
    args: &Args,
    window: &Window,
    terminal: &Terminal,
) -> Result<Report, Failure> {
    let estate = session.access()?;
    let subject = estate
        .subjects
        .iter()
        .find(|subject| subject.arn == principal)
        .ok_or_else(|| {
            Failure::usage(format!(
                "`{principal}` is none of the {} users and roles of the snapshot",
                estate.subjects.len()
            ))
        })?;
    let text = fs_err::read_to_string(file).map_err(|e| Failure::usage(said(&e)))?;
    let accessed =
        last_accessed(&text).map_err(|why| Failure::usage(format!("{}: {why}", file.display())))?;
    let data = palisade_query::authorization()?;
    let events = if args.trail.is_empty() {
        Events::default()
    } else {
        let records = trail::read(&args.trail, terminal)?;
        let used = generate(&records, principal, None, &data).used;
        let last = used.iter().filter_map(|used| {
            let at = used.last.as_ref()?.parse().ok()?;
            Some((used.action.to_lowercase(), at))
        });
        Events {
            last: last.collect(),
            ..Events::default()
        }
    };
    Ok(permissions(
        &estate,
        subject,
        None,
        &Ok(accessed),
        &events,
        &data,
        window,
    ))
}

fn lines(report: &Report, window: &Window) -> Vec<String> {
    let mut lines: Vec<String> = report.findings.iter().flat_map(found).collect();
    if lines.is_empty() && report.unknown.is_empty() {
        lines.push(format!("everything was used within {} days", window.days()));
    }
    let open = report.unknown.iter();
    lines.extend(open.map(|one| {
        format!(
            "unknown     {} {}: {}",
            one.resource, one.finding_type, one.reason
        )
    }));
    lines
}

fn found(one: &Finding) -> Vec<String> {
    let last = one.last.map_or_else(
        || "never used".to_owned(),
        |at| format!("last used {}", at.strftime("%Y-%m-%d")),
    );
    let services = match &one.unused {
        Unused::Role => return vec![format!("role        {}  {last}", one.resource)],
        Unused::User => return vec![format!("user        {}  {last}", one.resource)],
        Unused::Password => return vec![format!("password    {}  {last}", one.resource)],
        Unused::AccessKey(id) => {
            return vec![format!("access key  {id} of {}  {last}", one.resource)];
        }
        Unused::Permissions(services) => services,
    };
    let mut lines = vec![format!("permissions {}", one.resource)];
    for service in services {
        if service.actions.is_empty() {
            lines.push(format!("  {}: all of it", service.namespace));
        } else {
            let names: Vec<&str> = service.actions.iter().map(|a| a.action.as_str()).collect();
            lines.push(format!("  {}: {}", service.namespace, names.join(" ")));
        }
    }
    lines
}
