//! How a client is set up.

use super::models::Models;
use aws_types::SdkConfig;
use std::time::Duration;

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Credentials, region, HTTP client, endpoint overrides: as [`crate::creds::load`] gives it.
    pub sdk: SdkConfig,
    /// The services that can be called.
    pub models: Models,
    /// HTTP requests per second of the whole process, retries included; none for no limit of our own.
    pub max_rps: Option<u32>,
    /// Calls that may be made in all; none for no limit.
    pub max_calls: Option<u64>,
    /// A call is cut off after this, with its retries. Time that it waits for its turn, and between
    /// tries that were throttled, does not count.
    pub call_timeout: Duration,
    /// One attempt is cut off after this.
    pub attempt_timeout: Duration,
    /// Attempts of a call that meets faults of the service or the network, the first included.
    pub max_attempts: u32,
    /// Attempts of a call that is throttled, the first included.
    pub throttled_attempts: u32,
    /// A service that has answered nothing but throttles for so long is tried no further.
    pub patience: Duration,
    /// The first wait before a retry at most; waits double up to 20 s and are shortened at random.
    pub first_backoff: Duration,
    /// Calls in flight per account, region and service.
    pub max_in_flight: usize,
    /// Pages per listing; a listing that goes on is reported as an error.
    pub max_pages: u32,
}

impl ClientConfig {
    /// The defaults: no limits of our own, 8 attempts of 20 s in at most 2 minutes, 20 where they are
    /// throttled, 3 minutes of patience, 10 calls in flight.
    #[must_use]
    pub fn new(sdk: SdkConfig, models: Models) -> Self {
        Self {
            sdk,
            models,
            max_rps: None,
            max_calls: None,
            call_timeout: Duration::from_secs(120),
            attempt_timeout: Duration::from_secs(20),
            max_attempts: 8,
            throttled_attempts: 20,
            patience: Duration::from_secs(180),
            first_backoff: Duration::from_millis(500),
            max_in_flight: 10,
            max_pages: 10_000,
        }
    }
}
