//! `policy_openness(text)`: whom a resource policy lets in, read from the policy alone.

mod judge;

use arrow::array::{Array, StringArray, StringBuilder};
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
pub(super) struct PolicyOpenness {
    signature: Signature,
}

impl PolicyOpenness {
    pub(super) fn new() -> Self {
        Self {
            signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
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
        let mut words = StringBuilder::new();
        for i in 0..texts.len() {
            let text = (!texts.is_null(i)).then(|| texts.value(i));
            words.append_option(text.and_then(judge::openness).map(judge::Openness::as_str));
        }
        Ok(ColumnarValue::Array(Arc::new(words.finish())))
    }
}
