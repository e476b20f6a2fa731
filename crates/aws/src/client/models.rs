//! The models of the services, read when they are first needed.

use crate::endpoint::{EndpointError, Partitions};
use crate::limit::lock;
use crate::model::{Model, ModelError};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::sync::{Arc, Mutex};

/// A file of the catalogue's `models` folder by its name (`iam.json.zst`).
type Source = dyn Fn(&str) -> Option<Cow<'static, [u8]>> + Send + Sync;

/// Larger models are refused: the largest of AWS, cut to reads, has less than a tenth.
const LARGEST: u64 = 64 << 20;

/// The models, cached; cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Models(Arc<Inner>);

struct Inner {
    source: Box<Source>,
    services: Mutex<BTreeMap<String, Arc<Model>>>,
    partitions: Mutex<Option<Arc<Partitions>>>,
}

/// Why a service's model is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// The catalogue has no model of that service.
    #[error("there is no model of the service `{0}`")]
    Unknown(String),
    /// The file is damaged.
    #[error("the model `{0}` cannot be decompressed: {1}")]
    Damaged(String, std::io::Error),
    /// The document is not a model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The document is not the list of partitions.
    #[error(transparent)]
    Partitions(#[from] EndpointError),
}

impl Models {
    /// Models from wherever the catalogue is kept; `source` is asked for a file when it is first needed.
    pub fn new(
        source: impl Fn(&str) -> Option<Cow<'static, [u8]>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            source: Box::new(source),
            services: Mutex::default(),
            partitions: Mutex::default(),
        }))
    }

    /// The model of a service, by botocore's name of it.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn service(&self, name: &str) -> Result<Arc<Model>, ModelsError> {
        if let Some(model) = lock(&self.0.services).get(name) {
            return Ok(Arc::clone(model));
        }
        // Not under the lock: another thread may need another model meanwhile. Two that read the same
        // one get the same in the end.
        let model = Arc::new(Model::from_json(&self.read(name)?)?);
        let mut services = lock(&self.0.services);
        Ok(Arc::clone(services.entry(name.to_owned()).or_insert(model)))
    }

    /// The partitions of AWS.
    ///
    /// # Errors
    /// The list is missing or cannot be read.
    pub fn partitions(&self) -> Result<Arc<Partitions>, ModelsError> {
        let mut slot = lock(&self.0.partitions);
        if let Some(partitions) = slot.as_ref() {
            return Ok(Arc::clone(partitions));
        }
        let partitions = Arc::new(Partitions::from_json(&self.read("partitions")?)?);
        *slot = Some(Arc::clone(&partitions));
        Ok(partitions)
    }

    /// Lets go of the services' models: 20 MB, when all have been read. One that is asked for afterwards is read again.
    pub fn forget(&self) {
        lock(&self.0.services).clear();
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, ModelsError> {
        let bytes = (self.0.source)(&format!("{name}.json.zst"))
            .ok_or_else(|| ModelsError::Unknown(name.to_owned()))?;
        let mut document = Vec::new();
        zstd::Decoder::new(bytes.as_ref())
            .and_then(|decoder| decoder.take(LARGEST).read_to_end(&mut document))
            .map_err(|error| ModelsError::Damaged(name.to_owned(), error))?;
        Ok(document)
    }
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services = lock(&self.0.services);
        f.debug_list().entries(services.keys()).finish()
    }
}
