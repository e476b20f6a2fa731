//! A condition: operator, key, values.

use ipnet::IpNet;

use super::{
    Position, Template,
    operator::{Operator, Test, TextTest},
    scalar::{Decimal, Instant, network},
};

/// The values of a condition, read once for its operator. `None`: not a value of that kind; it matches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operands {
    /// Text and ARNs.
    Templates(Vec<Template>),
    /// Numbers.
    Numbers(Vec<Option<Decimal>>),
    /// Moments.
    Dates(Vec<Option<Instant>>),
    /// `Bool` and `Null`: whether the value is `true`, ignoring case.
    Flags(Vec<bool>),
    /// Base64 text.
    Binaries(Vec<String>),
    /// Ranges.
    Networks(Vec<Option<IpNet>>),
}

/// One operator, one key, its values: one of them has to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator; `None` for an unknown one: never met.
    pub operator: Option<Operator>,
    /// The operator as written.
    pub operator_text: String,
    /// The key as written.
    pub key_text: String,
    /// The key, lower case.
    pub key: String,
    /// The values as written.
    pub values: Vec<String>,
    /// The values, read.
    pub operands: Operands,
    /// Where the key stands.
    pub at: Position,
}

impl Condition {
    /// Reads the values for the operator. `variables`: the policy's version has policy variables.
    #[must_use]
    pub fn new(
        operator_text: &str,
        key: &str,
        values: Vec<String>,
        variables: bool,
        at: Position,
    ) -> Self {
        let operator = Operator::parse(operator_text);
        let operands = match operator.as_ref().map(|operator| operator.test) {
            Some(Test::Number(_)) => {
                Operands::Numbers(values.iter().map(|v| Decimal::parse(v)).collect())
            }
            Some(Test::Date(_)) => {
                Operands::Dates(values.iter().map(|v| Instant::parse(v)).collect())
            }
            Some(Test::Bool | Test::Null) => Operands::Flags(
                values
                    .iter()
                    .map(|v| v.eq_ignore_ascii_case("true"))
                    .collect(),
            ),
            Some(Test::Binary) => Operands::Binaries(values.clone()),
            Some(Test::Address) => Operands::Networks(values.iter().map(|v| network(v)).collect()),
            Some(test @ (Test::Text(_) | Test::Arn)) => {
                let wildcards = matches!(test, Test::Text(TextTest::Like) | Test::Arn);
                Operands::Templates(
                    values
                        .iter()
                        .map(|value| Template::new(value, wildcards, variables))
                        .collect(),
                )
            }
            None => Operands::Templates(Vec::new()),
        };
        Self {
            operator,
            operator_text: operator_text.to_owned(),
            key_text: key.to_owned(),
            key: key.to_lowercase(),
            values,
            operands,
            at,
        }
    }
}
