//! Numbers that tell numbers apart: each of them, one between each two neighbours, and one on either side.

use crate::model::scalar::Decimal;

/// An exponent beyond this is not written out.
const EXPONENT: i32 = 300;

/// The numbers, as they stand in the policies, with numbers around them; what is no number meets nothing and is left
/// out. `None`: one is too long to be written out.
pub(super) fn around(texts: &[&str]) -> Option<Vec<String>> {
    let mut numbers: Vec<(Decimal, Plain)> = Vec::new();
    for text in texts {
        if let Some(number) = Decimal::parse(text) {
            numbers.push((number, Plain::read(text)?));
        }
    }
    numbers.sort_by(|one, other| one.0.cmp(&other.0));
    numbers.dedup_by(|one, other| one.0 == other.0);
    let plain: Vec<Plain> = numbers.into_iter().map(|(_, plain)| plain).collect();
    let places = plain
        .iter()
        .map(|plain| plain.fraction.len())
        .max()
        .unwrap_or_default();
    let mut all: Vec<String> = plain.iter().map(Plain::text).collect();
    let (Some(least), Some(most)) = (plain.first(), plain.last()) else {
        return Some(all);
    };
    let zero = || "0".to_owned();
    all.push(if least.sign() > 0 {
        zero()
    } else {
        least.larger(true, places)
    });
    all.push(if most.sign() < 0 {
        zero()
    } else {
        most.larger(false, places)
    });
    for (one, next) in plain.iter().zip(plain.iter().skip(1)) {
        all.push(match (one.sign(), next.sign()) {
            (0 | 1, _) => one.larger(false, places),
            (_, 1) => zero(),
            _ => next.larger(true, places),
        });
    }
    Some(all)
}

/// A number written out.
struct Plain {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Plain {
    fn read(text: &str) -> Option<Self> {
        // Digits of other scripts are digits too, and are not written out.
        if !text.is_ascii() {
            return None;
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        if exponent.abs() > EXPONENT {
            return None;
        }
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.trim_start_matches(['-', '+']);
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let (mut whole, mut fraction): (Vec<char>, Vec<char>) =
            (before.chars().collect(), after.chars().collect());
        for _ in 0..exponent {
            let next = if fraction.is_empty() {
                '0'
            } else {
                fraction.remove(0)
            };
            whole.push(next);
        }
        for _ in exponent..0 {
            fraction.insert(0, whole.pop().unwrap_or('0'));
        }
        let whole: String = whole.into_iter().collect();
        let fraction: String = fraction.into_iter().collect();
        Some(Self {
            negative,
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }

    fn sign(&self) -> i8 {
        match (
            self.whole.is_empty() && self.fraction.is_empty(),
            self.negative,
        ) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn text(&self) -> String {
        let sign = if self.sign() < 0 { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        if self.fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{}", self.fraction)
        }
    }

    /// A little further from zero, on its side of it; nearer than any number with so many places.
    fn larger(&self, negative: bool, places: usize) -> String {
        let sign = if negative { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        format!("{sign}{whole}.{:0<places$}1", self.fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_every_cell() {
        let all = |texts: &[&str]| {
            let mut all = around(texts).unwrap();
            all.sort_by_key(|text| Decimal::parse(text).unwrap());
            all.join(" ")
        };
        assert_eq!(all(&["10", "9.9", "10.0", "x"]), "0 9.9 9.91 10 10.01");
        assert_eq!(all(&["-1", "-2"]), "-2.1 -2 -1.1 -1 0");
        assert_eq!(all(&["-1", "0", "1e1"]), "-1.1 -1 -0.1 0 0.1 10 10.1");
        assert_eq!(all(&["-5", "5e-1"]), "-5.01 -5 0 0.5 0.51");
        assert_eq!(all(&[]), "");
        assert_eq!(around(&["1e999999"]), None);
    }
}
