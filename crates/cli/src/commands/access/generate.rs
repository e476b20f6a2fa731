//! `palisade access generate`

use super::trail;
use crate::args::Generate;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::source;
use crate::terminal::Terminal;
use palisade_iam::generate::{Generated, LeftOut, Proof, generate};
use palisade_iam::model::Policy;

/// Writes the least policy for what a principal did.
pub(crate) fn run(args: &Generate, terminal: &Terminal) -> Result<Done, Failure> {
    let records = trail::read(&args.trail, terminal)?;
    let data = palisade_query::authorization()?;
    let today = match &args.snapshot {
        Some(folder) => {
            let house = House::open(&args.catalog, terminal)?;
            let (_, session) = source::open(folder, &house, terminal)?;
            let estate = session.access()?;
            let subject = estate
                .subjects
                .iter()
                .find(|subject| subject.arn == args.principal)
                .ok_or_else(|| none(&args.principal, estate.subjects.len()))?;
            if let Some(why) = &subject.unseen {
                return Err(Failure::unfinished(format!(
                    "the policies of `{}` were not seen whole: {why}",
                    args.principal
                )));
            }
            Some(subject.identity.clone())
        }
        None => None,
    };
    let today: Option<Vec<&Policy>> = today
        .as_ref()
        .map(|all| all.iter().map(|named| named.policy.as_ref()).collect());
    let found = generate(&records, &args.principal, today.as_deref(), &data);
    if found.records.0 == 0 {
        return Err(Failure::usage(format!(
            "none of the {} records is of `{}`",
            found.records.1, args.principal
        ))
        .hint("`--principal` takes the ARN of the user or role, not of a session"));
    }
    let mut output = terminal.output(args.out.as_deref())?;
    if args.report {
        output.json(&found.report())?;
    } else {
        output.json(&found.document)?;
    }
    output.finish()?;
    tell(&found, terminal);
    let open = matches!(found.proof, Proof::Unknown(_))
        || !found.unknown.is_empty()
        || !found.roles_untold.is_empty();
    Ok(if open { Done::Incomplete } else { Done::Clean })
}

fn none(principal: &str, all: usize) -> Failure {
    Failure::usage(format!(
        "`{principal}` is none of the {all} users and roles of the snapshot"
    ))
    .hint("`palisade query \"select arn from aws_iam_role\"` names the roles")
}

/// What the policy rests on, and what is not in it.
fn tell(found: &Generated, terminal: &Terminal) {
    terminal.note(&format!(
        "{} actions from {} of {} records{}",
        found.used.len(),
        found.records.0,
        found.records.1,
        match &found.proof {
            Proof::NotAsked => String::new(),
            Proof::NoWider => "; no wider than today's policies, proved".to_owned(),
            Proof::Unknown(why) =>
                format!("; whether it is wider than today's is not decided: {why}"),
        }
    ));
    let told = |what: &str, all: &[LeftOut]| {
        for one in all {
            let reason = one.what.as_deref().unwrap_or("no such action is known");
            terminal.note(&format!(
                "{what}: {} {} ({reason}), {} records, the first is number {}",
                one.source, one.event, one.times, one.record
            ));
        }
    };
    told("left out, denied", &found.denied);
    told("left out, unknown", &found.unknown);
    for one in &found.roles_untold {
        terminal.note(&format!(
            "`iam:PassRole` is not allowed for what no record names: {} {}: {}, {} records, the first is number {}",
            one.source,
            one.event,
            one.what.as_deref().unwrap_or("a role"),
            one.times,
            one.record
        ));
    }
    for one in &found.beyond {
        terminal.note(&format!(
            "left out, not of its own policies: {} on {}: {}",
            one.action, one.resource, one.reason
        ));
    }
}
