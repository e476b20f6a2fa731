//! `policy_openness(text)`: whom a resource policy lets in, read from the policy alone.

use super::judge::{Openness, openness};
use super::known::Known;
use arrow::array::StringArray;
use arrow::datatypes::DataType;
use datafusion::common::{Result, cast::as_string_array};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;

/// The widest door of a resource policy, as the access engine decides it: `open` (a stranger has a request that is
/// allowed), `bound` (everyone, but on conditions that no stranger fulfils), `closed` (named principals only).
/// Null for null, for text that is no policy, and where the engine does not decide.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct PolicyOpenness {
    signature: Signature,
    known: Known<Openness>,
}

impl PolicyOpenness {
    pub(in crate::functions) fn new() -> Self {
        Self {
            signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
            known: Known::default(),
        }
    }
}

impl ScalarUDFImpl for PolicyOpenness {
    fn name(&self) -> &'static str {
        "policy_openness"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let Some(arg) = args.args.into_iter().next() else {
            return datafusion::common::plan_err!("`policy_openness` takes a text");
        };
        let array = arg.into_array(rows)?;
        let texts: &StringArray = as_string_array(&array)?;
        let words: StringArray = texts
            .iter()
            .map(|text| self.known.find(text?, openness).map(Openness::as_str))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(words)))
    }
}
