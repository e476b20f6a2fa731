//! How long a throttled call is tried again.
//!
//! The runtime retries a throttle like any other fault: few times, from a bucket that all faults share,
//! and past the lane that should slow down. So throttles are kept from it, and tried again here: each
//! try waits in its lane, the waits double with full jitter, and only a service that lets nothing
//! through any more is given up ("Exponential Backoff And Jitter", AWS Architecture Blog).

use super::{ClientConfig, classify, failure};
use crate::limit::Lane;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use std::time::Duration;

/// No wait between two tries is longer, whatever a reply asks for.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Tells the runtime that a throttle is none of its business.
#[derive(Debug)]
pub(super) struct ThrottlesAreOurs;

impl ClassifyRetry for ThrottlesAreOurs {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        match error.and_then(failure::fault) {
            Some(fault) if classify::is_throttle(&fault.error) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "PalisadeThrottlesAreOurs"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// What one call has met.
#[derive(Debug, Default)]
pub(super) struct Patience {
    throttles: u32,
}

impl Patience {
    /// The wait before the next try after a throttle; none where there is no next one. `asked` is what
    /// the reply asked for.
    pub(super) fn wait(
        &mut self,
        config: &ClientConfig,
        lane: &Lane,
        asked: Option<Duration>,
    ) -> Option<Duration> {
        self.throttles += 1;
        if self.throttles >= config.throttled_attempts || lane.starved() >= config.patience {
            return None;
        }
        let most = longest(config.first_backoff, self.throttles);
        let wait = most.mul_f64(fastrand::f64());
        Some(wait.max(asked.unwrap_or_default()).min(LONGEST_WAIT))
    }
}

/// What the wait after that many throttles is at most.
fn longest(first: Duration, throttles: u32) -> Duration {
    let times = 1u32 << throttles.saturating_sub(1).min(16);
    first.saturating_mul(times).min(LONGEST_WAIT)
}

/// How long AWS asks to wait, in milliseconds of its own header or in seconds of HTTP's (RFC 9110,
/// 10.2.3; a date there is passed over).
pub(super) fn asked(response: Option<&HttpResponse>) -> Option<Duration> {
    let headers = response?.headers();
    let number = |name: &str| headers.get(name)?.trim().parse::<u64>().ok();
    number("x-amz-retry-after")
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let first = Duration::from_millis(500);
        let waits: Vec<u64> = (1..8)
            .map(|n| u64::try_from(longest(first, n).as_millis()).unwrap())
            .collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000]);
        assert_eq!(longest(first, u32::MAX), LONGEST_WAIT);
    }

    #[test]
    fn the_headers_of_aws_and_of_http() {
        use aws_smithy_types::body::SdkBody;
        let of = |name: &'static str, value: &'static str| {
            let mut response = HttpResponse::new(503.try_into().unwrap(), SdkBody::empty());
            response.headers_mut().insert(name, value);
            asked(Some(&response))
        };
        assert_eq!(
            of("x-amz-retry-after", "1500"),
            Some(Duration::from_millis(1_500))
        );
        assert_eq!(of("retry-after", "2"), Some(Duration::from_secs(2)));
        assert_eq!(of("retry-after", "Sat, 01 Jan 2050 00:00:00 GMT"), None);
        assert_eq!(of("retry-after", "-1"), None);
        assert_eq!(asked(None), None);
    }
}
