//! Expressions that are ready to run, kept from one run to the next: the tests of a control ask the same of other rows.

use super::evaluate::Grounded;
use crate::plan::Compiled;
use datafusion::common::DFSchema;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// By control, with the columns that the expressions were made ready for.
#[derive(Debug, Default)]
pub(crate) struct Ready(Mutex<BTreeMap<Arc<str>, (Arc<DFSchema>, Arc<Grounded>)>>);

impl Ready {
    pub(super) fn find(&self, control: &Compiled, schema: &DFSchema) -> Option<Arc<Grounded>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, grounded) = kept.get(&control.id)?;
        (**of == *schema).then(|| Arc::clone(grounded))
    }

    pub(super) fn keep(
        &self,
        control: &Compiled,
        schema: &Arc<DFSchema>,
        grounded: &Arc<Grounded>,
    ) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = (Arc::clone(schema), Arc::clone(grounded));
        kept.insert(Arc::clone(&control.id), ready);
    }
}
