//! Exact decimal numbers, in the syntax of Java's `BigDecimal` constructor, which IAM accepts.

use std::cmp::Ordering;

/// An exact decimal number: `0.d₁d₂… × 10^scale`, negative or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Significant digits as ASCII, without zeros at either end; empty for zero.
    digits: String,
    scale: i64,
}

/// Where each Unicode block of decimal digits starts (general category Nd, BMP).
const ZEROS: [u32; 36] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xAA50, 0xABF0, 0xFF10,
];

impl Decimal {
    /// Reads a number: sign, digits with at most one point, exponent (within 32 bits). `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = sign(text);
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, whole(exponent)?),
            None => (text, 0),
        };
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if before.is_empty() && after.is_empty() {
            return None;
        }
        let mut digits = String::with_capacity(mantissa.len());
        for character in before.chars().chain(after.chars()) {
            digits.push(digit(character)?);
        }
        let mut scale = i64::try_from(before.chars().count()).ok()? + exponent;
        let significant = digits.trim_start_matches('0');
        scale -= i64::try_from(digits.len() - significant.len()).ok()?;
        let significant = significant.trim_end_matches('0').to_owned();
        if significant.is_empty() {
            return Some(Self {
                negative: false,
                digits: significant,
                scale: 0,
            });
        }
        Some(Self {
            negative,
            digits: significant,
            scale,
        })
    }

    fn signum(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = self.signum().cmp(&other.signum());
        if signs != Ordering::Equal {
            return signs;
        }
        // Digits without trailing zeros compare as text once the scales are equal.
        let size = self
            .scale
            .cmp(&other.scale)
            .then_with(|| self.digits.cmp(&other.digits));
        if self.negative { size.reverse() } else { size }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn whole(text: &str) -> Option<i64> {
    let (negative, text) = sign(text);
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    let digits: String = text.chars().map(digit).collect::<Option<_>>()?;
    let value = i64::from(digits.parse::<i32>().ok()?);
    Some(if negative { -value } else { value })
}

fn digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let zero = ZEROS.iter().rev().find(|zero| **zero <= code)?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(a: &str, b: &str) -> bool {
        Decimal::parse(a).unwrap() == Decimal::parse(b).unwrap()
    }

    #[test]
    fn equal_values_in_other_words() {
        assert!(equal("1e1", "10"));
        assert!(equal("+010.0", "10"));
        assert!(equal("-0", "0.000"));
        assert!(equal(".5", "5e-1"));
        assert!(equal("٣", "3"));
        assert!(!equal("0.1", "0.10000000000000000000000000001"));
    }

    #[test]
    fn order() {
        let order = [
            "-1e9", "-10", "-9.5", "-0.1", "0", "1e-9", "0.1", "0.11", "2", "10", "1e300",
        ];
        for pair in order.windows(2) {
            assert!(
                Decimal::parse(pair[0]) < Decimal::parse(pair[1]),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn not_numbers() {
        for text in [
            "",
            "+",
            "1.2.3",
            "e5",
            "1e",
            "0x10",
            "1 ",
            "NaN",
            "1e99999999999",
            ".",
            "1_0",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
