//! Condition operators ("IAM JSON policy elements: Condition operators", IAM User Guide).

/// How text is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextTest {
    /// The same characters.
    Equals,
    /// The same in full Unicode lower case.
    EqualsIgnoreCase,
    /// With `*` and `?`.
    Like,
}

/// How two ordered values are compared: request `order` policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Equal.
    Equals,
    /// The request's value is less.
    Less,
    /// The request's value is less or equal.
    LessOrEqual,
    /// The request's value is greater.
    Greater,
    /// The request's value is greater or equal.
    GreaterOrEqual,
}

impl Order {
    /// Whether `request` stands in this order to `policy`.
    #[must_use]
    pub fn holds<T: Ord>(self, request: &T, policy: &T) -> bool {
        match self {
            Self::Equals => request == policy,
            Self::Less => request < policy,
            Self::LessOrEqual => request <= policy,
            Self::Greater => request > policy,
            Self::GreaterOrEqual => request >= policy,
        }
    }
}

/// What an operator tests, before negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Text.
    Text(TextTest),
    /// Exact decimal numbers.
    Number(Order),
    /// Moments.
    Date(Order),
    /// True or not.
    Bool,
    /// Base64 text.
    Binary,
    /// Address in range.
    Address,
    /// ARN part by part; `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Whether the key is absent.
    Null,
}

/// The set operator in front of an operator, for multivalued keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Every value of the request passes; true when there is none.
    ForAllValues,
    /// At least one value of the request passes.
    ForAnyValue,
}

/// A condition operator with its prefix and suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// As written.
    pub written: String,
    /// What is tested.
    pub test: Test,
    /// `Not...`: passes when no policy value does.
    pub negated: bool,
    /// `...IfExists`: passes when the key is absent.
    pub if_exists: bool,
    /// `ForAllValues:`, `ForAnyValue:`.
    pub set: Option<SetOperator>,
}

impl Operator {
    /// Reads an operator's name, without regard to case. `None` for an unknown one.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let lower = written.to_ascii_lowercase();
        let (set, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Some(SetOperator::ForAllValues), rest),
            Some(("foranyvalue", rest)) => (Some(SetOperator::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, lower.as_str()),
        };
        let (name, if_exists) = match rest.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (test, negated) = test(name)?;
        if test == Test::Null && if_exists {
            return None;
        }
        Some(Self {
            written: written.to_owned(),
            test,
            negated,
            if_exists,
            set,
        })
    }

    /// Whether policy variables are read in its values: in text and ARN operators.
    #[must_use]
    pub fn takes_variables(&self) -> bool {
        matches!(self.test, Test::Text(_) | Test::Arn)
    }

    /// The name as AWS writes it.
    #[must_use]
    pub fn canonical(&self) -> String {
        let set = match self.set {
            Some(SetOperator::ForAllValues) => "ForAllValues:",
            Some(SetOperator::ForAnyValue) => "ForAnyValue:",
            None => "",
        };
        let name = NAMES
            .iter()
            .find(|(name, ..)| self.names(name))
            .map_or(self.written.as_str(), |(name, ..)| name);
        let suffix = if self.if_exists { "IfExists" } else { "" };
        format!("{set}{name}{suffix}")
    }

    fn names(&self, name: &str) -> bool {
        let lower = self.written.to_ascii_lowercase();
        let base = lower.rsplit(':').next().unwrap_or_default();
        base.strip_suffix("ifexists").unwrap_or(base) == name.to_ascii_lowercase()
    }
}

const NAMES: [(&str, Test, bool); 27] = [
    ("StringEquals", Test::Text(TextTest::Equals), false),
    ("StringNotEquals", Test::Text(TextTest::Equals), true),
    (
        "StringEqualsIgnoreCase",
        Test::Text(TextTest::EqualsIgnoreCase),
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Test::Text(TextTest::EqualsIgnoreCase),
        true,
    ),
    ("StringLike", Test::Text(TextTest::Like), false),
    ("StringNotLike", Test::Text(TextTest::Like), true),
    ("NumericEquals", Test::Number(Order::Equals), false),
    ("NumericNotEquals", Test::Number(Order::Equals), true),
    ("NumericLessThan", Test::Number(Order::Less), false),
    (
        "NumericLessThanEquals",
        Test::Number(Order::LessOrEqual),
        false,
    ),
    ("NumericGreaterThan", Test::Number(Order::Greater), false),
    (
        "NumericGreaterThanEquals",
        Test::Number(Order::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Test::Date(Order::Equals), false),
    ("DateNotEquals", Test::Date(Order::Equals), true),
    ("DateLessThan", Test::Date(Order::Less), false),
    ("DateLessThanEquals", Test::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Test::Date(Order::Greater), false),
    (
        "DateGreaterThanEquals",
        Test::Date(Order::GreaterOrEqual),
        false,
    ),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::Binary, false),
    ("IpAddress", Test::Address, false),
    ("NotIpAddress", Test::Address, true),
    ("ArnEquals", Test::Arn, false),
    ("ArnNotEquals", Test::Arn, true),
    ("ArnLike", Test::Arn, false),
    ("ArnNotLike", Test::Arn, true),
    ("Null", Test::Null, false),
];

fn test(lower: &str) -> Option<(Test, bool)> {
    NAMES
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(lower))
        .map(|(_, test, negated)| (*test, *negated))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_suffixes() {
        let operator = Operator::parse("ForAllValues:StringNotLikeIfExists").unwrap();
        assert_eq!(operator.set, Some(SetOperator::ForAllValues));
        assert!(operator.negated && operator.if_exists);
        assert_eq!(operator.test, Test::Text(TextTest::Like));
        assert_eq!(
            Operator::parse("stringequals").unwrap().canonical(),
            "StringEquals"
        );
        for unknown in [
            "StringMatches",
            "NullIfExists",
            "ForSome:StringEquals",
            "",
            "IfExists",
        ] {
            assert_eq!(Operator::parse(unknown), None, "{unknown}");
        }
    }
}
