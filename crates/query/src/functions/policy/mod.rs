//! `policy_openness(text)`: whom a resource policy lets in, read from the policy alone.

mod judge;

use arrow::array::{Array, StringArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, cast::as_string_array};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use judge::Openness;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// The widest door of a resource policy, as the access engine decides it: `open` (a stranger has a request that is
/// allowed), `bound` (everyone, but on conditions that no stranger fulfils), `closed` (named principals only).
/// Null for null, for text that is no policy, and where the engine does not decide.
#[derive(Debug)]
pub(super) struct PolicyOpenness {
    signature: Signature,
    known: Known,
}

/// What was decided of a text, by its hash: several controls ask of one policy, each several times.
#[derive(Debug, Default)]
struct Known(Mutex<BTreeMap<[u8; 32], Option<Openness>>>);

/// Answers that are kept; beyond, all are let go of. Some MiB.
const KEPT: usize = 65_536;

impl Known {
    fn openness(&self, text: &str) -> Option<Openness> {
        let hash: [u8; 32] = Sha256::digest(text).into();
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known().get(&hash) {
            return *answer;
        }
        let answer = judge::openness(text);
        let mut known = known();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(hash, answer);
        answer
    }
}

impl PolicyOpenness {
    pub(super) fn new() -> Self {
        Self {
            signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
            known: Known::default(),
        }
    }
}

/// What is kept makes no other function of it.
impl PartialEq for PolicyOpenness {
    fn eq(&self, other: &Self) -> bool {
        self.signature == other.signature
    }
}

impl Eq for PolicyOpenness {}

impl Hash for PolicyOpenness {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.signature.hash(state);
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
            let openness = text.and_then(|text| self.known.openness(text));
            words.append_option(openness.map(Openness::as_str));
        }
        Ok(ColumnarValue::Array(Arc::new(words.finish())))
    }
}
