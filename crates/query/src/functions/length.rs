//! `array_length` over lists, from the offsets: the engine's own slices the list of every row to ask its length, which
//! over lists of structures was a sixteenth of a run over a million resources.

use arrow::array::Array as _;
use arrow::compute::cast;
use arrow::compute::kernels::length::length;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::functions_nested::length::ArrayLength;
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature,
};

/// The engine's function, but of lists in columns and one dimension.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Length(ArrayLength);

impl Length {
    pub(super) fn new() -> Self {
        Self(ArrayLength::new())
    }
}

impl ScalarUDFImpl for Length {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(lists)] if matches!(lists.data_type(), DataType::List(_)) => Ok(
                ColumnarValue::Array(cast(&length(lists)?, &DataType::UInt64)?),
            ),
            _ => self.0.invoke_with_args(args),
        }
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, ListArray};
    use arrow::datatypes::{Field, Int32Type};
    use datafusion::config::ConfigOptions;
    use std::sync::Arc;

    #[test]
    fn as_the_engines_own() {
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([
            Some(vec![Some(1), None, Some(3)]),
            None,
            Some(vec![]),
            Some(vec![Some(7)]),
        ]);
        let cut: ArrayRef = Arc::new(lists.slice(1, 3));
        let whole: ArrayRef = Arc::new(lists);
        for lists in [whole, cut] {
            let args = || ScalarFunctionArgs {
                number_rows: lists.len(),
                args: vec![ColumnarValue::Array(Arc::clone(&lists))],
                arg_fields: vec![Arc::new(Field::new("l", lists.data_type().clone(), true))],
                return_field: Arc::new(Field::new("n", DataType::UInt64, true)),
                config_options: Arc::new(ConfigOptions::default()),
            };
            let own = Length::new().invoke_with_args(args()).unwrap();
            let engine = ArrayLength::new().invoke_with_args(args()).unwrap();
            let array = |value: ColumnarValue| value.into_array(lists.len()).unwrap();
            assert_eq!(&array(own), &array(engine));
        }
    }
}
