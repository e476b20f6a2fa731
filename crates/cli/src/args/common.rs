//! Arguments that several commands share.

use clap::Args;
use palisade_core::Severity;
use palisade_core::catalog::DAY;
use std::path::{Path, PathBuf};

/// Where the tables come from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArgs {
    /// Read this snapshot in place of AWS
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Estate",
        conflicts_with = "demo"
    )]
    pub(crate) snapshot: Option<PathBuf>,
    /// Read the embedded snapshot of a fictitious organization
    #[arg(long, help_heading = "Estate")]
    pub(crate) demo: bool,
}

/// Which controls are asked.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SelectArgs {
    /// Only this control, by any of its names; repeat for more
    #[arg(
        long = "control",
        value_name = "ID",
        help_heading = "Selection",
        value_delimiter = ','
    )]
    pub(crate) controls: Vec<String>,
    /// Only what this framework asks; repeat for more
    #[arg(
        long = "framework",
        value_name = "ID",
        help_heading = "Selection",
        value_delimiter = ','
    )]
    pub(crate) frameworks: Vec<String>,
    /// Only what answers this recommendation; repeat for more
    #[arg(
        long = "recommendation",
        value_name = "ID",
        help_heading = "Selection",
        value_delimiter = ','
    )]
    pub(crate) recommendations: Vec<String>,
    /// Only controls of at least this severity
    #[arg(long, value_name = "SEVERITY", help_heading = "Selection", value_parser = severity)]
    pub(crate) severity: Option<Severity>,
}

/// How AWS is reached; the environment and the profile files count as in every AWS tool.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AwsArgs {
    /// The profile of your AWS configuration
    #[arg(long, env = "AWS_PROFILE", help_heading = "AWS")]
    pub(crate) profile: Option<String>,
    /// Only this region, and the global services
    #[arg(long, help_heading = "AWS", conflicts_with = "regions")]
    pub(crate) region: Option<String>,
    /// `all` enabled regions (the default), or a list: a,b
    #[arg(long, help_heading = "AWS", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,
    /// Assume this role first; repeat to read several accounts in one run
    #[arg(long = "role-arn", value_name = "ARN", help_heading = "AWS")]
    pub(crate) role_arns: Vec<String>,
    /// Read every active account of the organization, from its management account or a delegated administrator; an
    /// account whose role can't be assumed is listed, and unknown
    #[arg(long, help_heading = "AWS")]
    pub(crate) org: bool,
    /// The name of the role to assume in each other account of the organization. `palisade-audit` when left out: the
    /// role of `palisade permissions --org-template`, which may only read what is asked. Accounts that the organization
    /// made also have `OrganizationAccountAccessRole`, but it is administrator, and only the management account enters it
    #[arg(long, value_name = "NAME", requires = "org", help_heading = "AWS")]
    pub(crate) org_role: Option<String>,
    /// The external id that the role asks for
    #[arg(long, value_name = "ID", help_heading = "AWS")]
    pub(crate) external_id: Option<String>,
    /// Send every call to this address
    #[arg(
        long,
        value_name = "URL",
        env = "AWS_ENDPOINT_URL",
        help_heading = "AWS",
        value_parser = endpoint
    )]
    pub(crate) endpoint_url: Option<String>,
}

/// How much is called, and how.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CollectArgs {
    /// Print the calls and their number; send nothing that reads the estate
    #[arg(long, help_heading = "Collection")]
    pub(crate) plan: bool,
    /// Go on with the run that was cut off, without repeating a call
    #[arg(long, help_heading = "Collection")]
    pub(crate) resume: bool,
    /// At most so many calls a second, over everything
    #[arg(long, value_name = "N", help_heading = "Collection", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_rps: Option<u32>,
    /// At most so many calls in all; what is left is unknown
    #[arg(long, value_name = "N", help_heading = "Collection", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_calls: Option<u64>,
    /// Give a call up after so many seconds, retries included
    #[arg(long, value_name = "SECONDS", default_value_t = 60, help_heading = "Collection", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) call_timeout: u64,
}

/// Where the report goes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OutputArgs {
    /// The report's form
    #[arg(long, short, default_value = "table", help_heading = "Output",
          value_parser = ["table", "json", "csv", "ocsf", "asff", "sarif", "junit", "html", "parquet"])]
    pub(crate) format: String,
    /// Write the report here in place of stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,
    /// Exit with 1 if something fails at or above this severity
    #[arg(long, value_name = "SEVERITY", help_heading = "Output", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,
    /// Exit with 3 if something at or above that severity could not be decided
    #[arg(long, help_heading = "Output")]
    pub(crate) fail_on_unknown: bool,
    /// List every finding, not only the summary
    #[arg(long, help_heading = "Output")]
    pub(crate) findings: bool,
}

/// How an answer is written.
#[derive(Debug, Clone, Args)]
pub(crate) struct AnswerArgs {
    /// table or json (docs/formats)
    #[arg(long, default_value = "table", value_parser = ["table", "json"], help_heading = "Output")]
    pub(crate) format: String,
    /// Write here in place of stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,
}

/// Accepted risks and statements.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WaiverArgs {
    /// Accepted risks: exceptions.toml, or a Prowler mutelist (.yaml)
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Exceptions and attestations"
    )]
    pub(crate) exceptions: Option<PathBuf>,
    /// Statements of people
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Exceptions and attestations"
    )]
    pub(crate) attestations: Option<PathBuf>,
}

/// The user's own catalogue.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CatalogArgs {
    /// Your own catalogue, laid over the built-in one
    #[arg(long = "catalog", value_name = "DIR", help_heading = "Selection")]
    pub(crate) catalog: Option<PathBuf>,
    /// What your organization declares of itself; `palisade.toml` here when left out
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub(crate) config: Option<PathBuf>,
}

impl CatalogArgs {
    /// A folder laid over the built-in catalogue, where a command takes it by another argument.
    pub(crate) fn over(dir: Option<&Path>) -> Self {
        Self {
            catalog: dir.map(Path::to_owned),
            config: None,
        }
    }
}

/// Reads an amount of work, as minutes of it.
pub(super) fn work(text: &str) -> Result<u64, String> {
    let wrong = || "write it as `30min`, `4h`, `5d` or `2w`".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.strip_prefix(digits).unwrap_or_default();
    let each = match unit {
        "min" => 1,
        "h" => 60,
        "d" => DAY,
        "w" => 5 * DAY,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    match number.checked_mul(each) {
        Some(0) => Err("no step takes no work: write `30min` or more".to_owned()),
        work => work.ok_or_else(wrong),
    }
}

/// Reads a maturity phase.
pub(super) fn phase(text: &str) -> Result<u8, String> {
    let phase = text.parse::<u8>().ok();
    let phase = phase.filter(|phase| (1..=4).contains(phase));
    phase.ok_or_else(|| "phases are 1 to 4".to_owned())
}

/// Reads a number of things.
pub(super) fn some(text: &str) -> Result<usize, String> {
    let number = text.parse::<usize>().ok();
    let number = number.filter(|number| *number > 0);
    number.ok_or_else(|| "a number, 1 or more".to_owned())
}

/// Reads the address of a server. None is empty: so an environment can unset it.
fn endpoint(text: &str) -> Result<String, String> {
    let schemes = ["http://", "https://"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(*scheme));
    let place = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let fits = place.is_some_and(|place| {
        let port = match place.rsplit_once(']') {
            Some((_, after)) => after.strip_prefix(':'),
            None => place.rsplit_once(':').map(|(_, port)| port),
        };
        !place.is_empty()
            && !place.starts_with(':')
            && port.is_none_or(|port| port.parse::<u16>().is_ok())
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    });
    if fits || text.is_empty() {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no address: write `http://host:port`"))
    }
}

/// Reads a severity.
pub(super) fn severity(text: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|s| s.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| "one of critical, high, medium, low".to_owned())
}

impl From<&SelectArgs> for palisade_core::catalog::Selection {
    fn from(args: &SelectArgs) -> Self {
        Self {
            controls: args.controls.clone(),
            frameworks: args.frameworks.clone(),
            recommendations: args.recommendations.clone(),
            severity: args.severity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_read_in_working_days() {
        assert_eq!(work("5d"), Ok(2400));
        assert_eq!(work("1w"), work("5d"));
        assert_eq!(work("4h"), Ok(240));
        for wrong in [
            "",
            "d",
            "5",
            "5 d",
            "-1d",
            "5y",
            "0d",
            "99999999999999999999d",
        ] {
            assert!(work(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_phase_and_a_number_are_in_their_range() {
        assert_eq!((phase("1"), phase("4")), (Ok(1), Ok(4)));
        for wrong in ["0", "5", "9", "one"] {
            assert!(phase(wrong).is_err(), "{wrong}");
        }
        assert_eq!(some("5"), Ok(5));
        assert!(some("0").is_err() && some("-1").is_err());
    }

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for good in [
            "",
            "http://127.0.0.1:5000",
            "https://sqs.eu-west-1.amazonaws.com/",
            "http://[::1]:4566/base",
            "http://localhost",
        ] {
            assert_eq!(endpoint(good).as_deref(), Ok(good));
        }
        for wrong in [
            "nonsense",
            "localhost:5000",
            "http://",
            "http:// x",
            "http://:80",
            "http://x:port",
            "ftp://x",
        ] {
            let error = endpoint(wrong).unwrap_err();
            assert!(error.contains("write `http://host:port`"), "{error}");
        }
    }
}
