//! Counts the attempts of one try of a call and tells its lane what they met.

use super::{Shared, classify, failure};
use crate::limit::Lane;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug, Clone)]
pub(super) struct Watch {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
    attempts: Arc<AtomicU32>,
}

impl Watch {
    pub(super) fn new(shared: Arc<Shared>, lane: Arc<Lane>) -> Self {
        Self {
            shared,
            lane,
            attempts: Arc::default(),
        }
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "PalisadeWatch"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // The first attempt has waited for its turn; a retry takes one from those that follow.
        if self.attempts.fetch_add(1, Ordering::Relaxed) > 0 {
            self.shared.pace.charge();
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.output_or_error() {
            Some(Ok(_)) => self.lane.answered(),
            Some(Err(error)) => match failure::fault(error).map(|fault| &fault.error) {
                Some(error) if classify::is_throttle(error) => self.lane.throttled(),
                // A refusal is an answer too; a server that fails lets nothing through.
                Some(error) if error.status < 500 => self.lane.answered(),
                _ => {}
            },
            None => {}
        }
        Ok(())
    }
}
