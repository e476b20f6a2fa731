//! Arguments of `palisade attest`.

use super::CatalogArgs;
use clap::Args;
use jiff::civil::Date;
use palisade_iam::model::is_account;
use std::path::PathBuf;

/// `palisade attest`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade attest red-team --by ada@example.com --statement \"run every May\" --evidence https://wiki/red-team
  palisade attest ir-game-days --by ada --statement \"held 3 March\" --evidence minutes.pdf --expires 2027-03-03
  palisade attest ir-game-days --by ada --statement \"held 3 March\" --evidence minutes.pdf --expires 180d
  palisade attest --due 30d")]
pub(crate) struct Attest {
    /// The recommendation
    #[arg(required_unless_present = "due")]
    pub(crate) recommendation: Option<String>,
    /// Who states it
    #[arg(long, required_unless_present = "due")]
    pub(crate) by: Option<String>,
    /// What is stated
    #[arg(long, required_unless_present = "due")]
    pub(crate) statement: Option<String>,
    /// A link, or a file (its hash is recorded, and counts: changed evidence shows nothing)
    #[arg(long, required_unless_present = "due")]
    pub(crate) evidence: Option<String>,
    /// The last day on which it counts, or for how long: `180d`, `26w`; after the recommendation's own period when left
    /// out
    #[arg(long, value_name = "DAY", value_parser = expires)]
    pub(crate) expires: Option<Expires>,
    /// Only for this account
    #[arg(long, value_parser = account)]
    pub(crate) account: Option<String>,
    /// The file to write to
    #[arg(long, value_name = "FILE", default_value = "attestations.toml")]
    pub(crate) attestations: PathBuf,
    /// List the statements that run out within so many days: `30`, `30d` or `4w`
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(crate) due: Option<u32>,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// When a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expires {
    /// On that day.
    On(Date),
    /// So many days from now.
    After(u32),
}

/// A hundred years.
const MOST_DAYS: u32 = 36_525;

fn days(text: &str) -> Result<u32, String> {
    let (digits, each) = match (text.strip_suffix('d'), text.strip_suffix('w')) {
        (Some(digits), _) => (digits, 1),
        (_, Some(digits)) => (digits, 7),
        (None, None) => (text, 1),
    };
    let number = digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse::<u32>().ok())
        .flatten();
    number
        .and_then(|number| number.checked_mul(each))
        .filter(|days| *days <= MOST_DAYS)
        .ok_or_else(|| "write it as `30`, `30d` or `4w`".to_owned())
}

fn expires(text: &str) -> Result<Expires, String> {
    if let Ok(day) = text.parse() {
        return Ok(Expires::On(day));
    }
    Some(text)
        .filter(|text| text.ends_with(['d', 'w']))
        .and_then(|text| days(text).ok())
        .filter(|days| *days > 0)
        .map(Expires::After)
        .ok_or_else(|| "write a day, `2027-03-31`, or for how long, `180d` or `26w`".to_owned())
}

fn account(text: &str) -> Result<String, String> {
    if is_account(text) {
        return Ok(text.to_owned());
    }
    Err("an account is 12 digits: `111122223333`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_with_and_without_their_unit() {
        for (text, number) in [("30", 30), ("30d", 30), ("4w", 28), ("0", 0)] {
            assert_eq!(days(text), Ok(number), "{text}");
        }
        for wrong in [
            "",
            "d",
            "30 d",
            "+30",
            "-1d",
            "5y",
            "99999999999d",
            "99999w",
        ] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_end_is_a_day_or_a_time_from_now() {
        let day = "2027-03-31".parse().unwrap();
        assert_eq!(expires("2027-03-31"), Ok(Expires::On(day)));
        assert_eq!(expires("26w"), Ok(Expires::After(182)));
        for wrong in ["", "30", "0d", "soon", "2027-13-01"] {
            assert!(expires(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_account_is_twelve_digits() {
        assert!(account("111122223333").is_ok());
        for wrong in ["", "1111-2222-3333", "11112222333", "production12"] {
            assert!(account(wrong).is_err(), "{wrong}");
        }
    }
}
