//! Names of regions, as typed.

use crate::failure::Failure;
use palisade_aws::endpoint::Partitions;

/// The partitions of AWS, for names near to the one typed.
const PARTITIONS: [&str; 5] = ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"];

/// Refuses names that can be no region; gives a line on each that looks like one and is not known.
///
/// AWS opens regions more often than this program is released, so an unknown name is only told.
pub(crate) fn check(names: &[String], known: &Partitions) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    for name in names {
        let Err(near) = self::known(name, known) else {
            continue;
        };
        if known.name(name).is_none() {
            let failure = Failure::usage(format!("`{name}` is not a region"));
            return Err(match near {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("regions are written as `eu-west-1`"),
            });
        }
        let meant = near.map_or_else(String::new, |n| format!(": did you mean `{n}`?"));
        notes.push(format!("this version knows no region `{name}`{meant}"));
    }
    Ok(notes)
}

/// Whether this version knows a region; the name that was perhaps meant, where it does not.
pub(crate) fn known(name: &str, known: &Partitions) -> Result<(), Option<String>> {
    let all: Vec<&str> = PARTITIONS.iter().flat_map(|p| known.regions(p)).collect();
    if all.contains(&name) {
        return Ok(());
    }
    Err(near(name, &all).map(str::to_owned))
}

/// The known name that is one slip away: one character changed, left out, added, or two exchanged.
fn near<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .iter()
        .copied()
        .min_by_key(|k| slips(&name, k))
        .filter(|k| slips(&name, k) <= 2)
}

/// Characters that differ between the common beginning and the common end; the longer of both sides.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (
        a.get(head..).unwrap_or_default(),
        b.get(head..).unwrap_or_default(),
    );
    let tail = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    a.len().max(b.len()) - tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::models;

    fn checked(name: &str) -> Result<Vec<String>, Failure> {
        check(&[name.to_owned()], &models().partitions().unwrap())
    }

    #[test]
    fn a_region_is_known_or_told() {
        assert!(checked("eu-west-1").unwrap().is_empty());
        assert!(checked("cn-north-1").unwrap().is_empty());
        let notes = checked("eu-wst-1").unwrap();
        assert_eq!(
            notes,
            ["this version knows no region `eu-wst-1`: did you mean `eu-west-1`?"]
        );
        // It may have been opened since.
        assert!(!checked("eu-west-99").unwrap().is_empty());
    }

    #[test]
    fn what_can_be_no_region_is_refused() {
        for (name, near) in [
            ("EU-WEST-1", true),
            ("euwest1", false),
            ("", false),
            ("eu-west-1a", true),
        ] {
            let Err(Failure::Usage(message)) = checked(name) else {
                panic!("`{name}` is taken for a region")
            };
            assert_eq!(
                message.hint.as_deref() == Some("did you mean `eu-west-1`?"),
                near,
                "{name}: {message:?}"
            );
        }
    }
}
