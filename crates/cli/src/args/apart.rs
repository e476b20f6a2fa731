//! Arguments that mean nothing together. How AWS is reached, and how much of it is called, is of no use where the tables
//! come from elsewhere: whoever asks for both would take the answer for what it is not.

use clap::ArgMatches;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::parser::ValueSource;

/// What takes the place of AWS.
const INSTEAD: [&str; 3] = ["demo", "snapshot", "from_dir"];

/// What is about AWS and its calls.
const LIVE: [&str; 13] = [
    "profile",
    "region",
    "regions",
    "role_arns",
    "org",
    "org_role",
    "external_id",
    "endpoint_url",
    "plan",
    "resume",
    "max_rps",
    "max_calls",
    "call_timeout",
];

/// An error where something that takes the place of AWS was typed with something that is about AWS. The environment of
/// a user may name a profile all the time: only what was typed counts.
pub(super) fn check(command: &mut clap::Command, matches: &ArgMatches) -> Result<(), Error> {
    let Some((name, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let typed = |id: &&str| {
        matches.ids().any(|known| known.as_str() == *id)
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    let instead = INSTEAD.into_iter().find(typed);
    let live = LIVE.into_iter().find(typed);
    let (Some(instead), Some(live)) = (instead, live) else {
        return Ok(());
    };
    command.build();
    let Some(command) = command.find_subcommand_mut(name) else {
        return Ok(());
    };
    let spelled = |id: &str| {
        let arg = command.get_arguments().find(|arg| arg.get_id() == id);
        ContextValue::String(arg.map(ToString::to_string).unwrap_or_default())
    };
    let mut error = Error::new(ErrorKind::ArgumentConflict);
    error.insert(ContextKind::InvalidArg, spelled(live));
    error.insert(ContextKind::PriorArg, spelled(instead));
    let usage = command.render_usage();
    error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    Err(error.with_cmd(command))
}

#[cfg(test)]
mod tests {
    use super::super::read_from;
    use clap::error::ErrorKind;

    fn read(words: &[&str]) -> Result<(), ErrorKind> {
        let words = ["palisade"].iter().chain(words);
        read_from(words).map(drop).map_err(|e| e.kind())
    }

    #[test]
    fn what_is_about_aws_is_refused_where_aws_is_not_asked() {
        let live: [&[&str]; 13] = [
            &["--plan"],
            &["--resume"],
            &["--region", "eu-west-1"],
            &["--regions", "a,b"],
            &["--profile", "audit"],
            &["--role-arn", "arn:aws:iam::111122223333:role/x"],
            &["--org"],
            &["--org", "--org-role", "x"],
            &["--external-id", "x"],
            &["--endpoint-url", "http://localhost:1"],
            &["--max-rps", "5"],
            &["--max-calls", "5"],
            &["--call-timeout", "60"],
        ];
        for instead in [
            &["assess", "--demo"][..],
            &["assess", "--snapshot", "x"],
            &["collect", "--from-dir", "x"],
        ] {
            assert_eq!(read(instead), Ok(()));
            for more in live {
                let words = [instead, more].concat();
                assert_eq!(read(&words), Err(ErrorKind::ArgumentConflict), "{words:?}");
            }
        }
        for more in live {
            assert_eq!(read(&[&["assess"], more].concat()), Ok(()));
        }
    }
}
