//! `palisade access minimise`

use super::documents;
use crate::args::Minimise;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_iam::Grammar;
use palisade_iam::minimise::{MinimiseError, minimise};
use palisade_iam::validate::{PolicyType, guess};

/// Writes the policy in fewer words.
pub(crate) fn run(args: &Minimise, terminal: &Terminal) -> Result<Done, Failure> {
    if args.policy.is_dir() {
        return Err(
            Failure::usage(format!("`{}` is a folder", args.policy.display()))
                .hint("name one policy"),
        );
    }
    for document in documents::texts(std::slice::from_ref(&args.policy))? {
        let grammar = match args.kind.as_deref() {
            Some("resource") => Grammar::Resource,
            Some(_) => Grammar::Identity,
            None => match guess(&document.text) {
                Some(PolicyType::Resource | PolicyType::Trust) => Grammar::Resource,
                _ => Grammar::Identity,
            },
        };
        let found = minimise(&document.text, grammar).map_err(|error| match &error {
            MinimiseError::Document(wrong) => Failure::usage(format!(
                "{}:{}:{}: {}",
                document.name, wrong.at.line, wrong.at.column, wrong.problem
            ))
            .hint(format!(
                "`palisade access validate {}` tells all that is wrong",
                args.policy.display()
            )),
            MinimiseError::Undecided(_) => Failure::unfinished(&error),
        })?;
        let mut output = terminal.output(args.out.as_deref())?;
        output.json(&found.document)?;
        output.finish()?;
        terminal.note(&format!(
            "{} of {} characters, {} of {} statements; the same access both ways{}",
            found.size.1,
            found.size.0,
            found.statements.1,
            found.statements.0,
            if found.complete {
                ""
            } else {
                ", and there is more that was not tried"
            }
        ));
    }
    Ok(Done::Clean)
}
