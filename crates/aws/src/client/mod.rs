//! Calls any operation that a model describes, on AWS's own runtime.
//!
//! Signing, credentials, retries, time-outs and clock skew are the runtime's, put together as a
//! generated client does it (see `plugins`); the wire format is [`crate::wire`]'s, the address
//! [`crate::endpoint`]'s. What is said here is what a scanner of many accounts adds: lanes, a pace, a
//! budget, and failures in few kinds.

mod address;
mod call;
mod classify;
mod config;
mod error;
mod failure;
mod models;
mod patience;
mod plugins;
mod redirect;
mod serde;
mod watch;

pub use call::{Call, Reply};
pub use config::ClientConfig;
pub use error::{CallError, ErrorKind};
pub(crate) use failure::chain;
pub use models::{Models, ModelsError};

use crate::limit::{Lanes, Pace, lock};
use crate::paging::Pages;
use address::Address;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugins;
use aws_types::SdkConfig;
use redirect::BucketRegions;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Calls AWS. Cheap to clone; clones share limits, budget and caches.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
    own: Arc<Own>,
}

/// What all clients of a run share.
#[derive(Debug)]
struct Shared {
    config: ClientConfig,
    pace: Pace,
    lanes: Lanes,
    buckets: BucketRegions,
}

/// What belongs to one set of credentials.
#[derive(Debug)]
struct Own {
    sdk: SdkConfig,
    /// By lane: the runtime keeps the clock skew of a service in its plugins.
    plugins: Mutex<BTreeMap<String, RuntimePlugins>>,
    /// By lane: where calls go whose input has no say in it.
    addresses: Mutex<BTreeMap<String, Address>>,
}

impl Own {
    fn new(sdk: SdkConfig) -> Self {
        Self {
            sdk,
            plugins: Mutex::default(),
            addresses: Mutex::default(),
        }
    }
}

impl Client {
    /// A client with limits of its own.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        let own = Own::new(config.sdk.clone());
        let shared = Shared {
            pace: Pace::new(config.max_rps, config.max_calls),
            lanes: Lanes::new(config.max_in_flight),
            buckets: BucketRegions::default(),
            config,
        };
        Self {
            shared: Arc::new(shared),
            own: Arc::new(own),
        }
    }

    /// The same client with other credentials, as those of another account: limits, budget and models
    /// stay shared.
    #[must_use]
    pub fn with_sdk(&self, sdk: SdkConfig) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            own: Arc::new(Own::new(sdk)),
        }
    }

    /// Makes one call: one page, retries included.
    ///
    /// # Errors
    /// See [`ErrorKind`]; nothing is retried that the runtime has given up on.
    pub async fn call(&self, call: Call<'_>) -> Result<Reply, CallError> {
        self.call_while(call, &|| true).await
    }

    /// The same for as long as it is wanted: a call may wait long for its turn, and what it was to
    /// tell may be known by then, or lost. Asked whenever the call is about to be sent.
    ///
    /// # Errors
    /// As [`Client::call`], and [`ErrorKind::Unwanted`].
    pub async fn call_while(
        &self,
        call: Call<'_>,
        wanted: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Reply, CallError> {
        // The future of an exchange is large, and collectors hold many.
        Box::pin(call::make(self, call, wanted)).await
    }

    /// The pages of a listing; of an operation that does not page, the one reply.
    #[must_use]
    pub fn pages(&self, call: Call<'_>) -> Pages {
        Pages::new(self.clone(), call, self.shared.config.max_pages)
    }

    /// The models that it calls from.
    #[must_use]
    pub fn models(&self) -> &Models {
        &self.shared.config.models
    }

    /// Calls made so far, by all clones.
    #[must_use]
    pub fn calls_made(&self) -> u64 {
        self.shared.pace.made()
    }

    fn plugins(&self, lane: &str, make: impl FnOnce() -> RuntimePlugins) -> RuntimePlugins {
        let mut plugins = lock(&self.own.plugins);
        plugins.entry(lane.to_owned()).or_insert_with(make).clone()
    }

    /// Where the calls of a lane go; `find` is asked for the first.
    fn address(
        &self,
        lane: &str,
        find: impl FnOnce() -> Result<Address, CallError>,
    ) -> Result<Address, CallError> {
        if let Some(known) = lock(&self.own.addresses).get(lane) {
            return Ok(known.clone());
        }
        let found = find()?;
        lock(&self.own.addresses).insert(lane.to_owned(), found.clone());
        Ok(found)
    }
}
