//! What a service's API looks like: operations, shapes and their serialization traits.
//!
//! A model is data, made from botocore's `service-2.json`, `paginators-1.json` and
//! `endpoint-rule-set-1.json` and trimmed to the operations that are wanted. The traits' meaning is
//! told in the [botocore model format](https://botocore.amazonaws.com/v1/documentation/api/latest/)
//! and, for most of them, in the [Smithy specification](https://smithy.io/2.0/spec/index.html).

mod error;
mod link;
pub mod names;
mod operation;
mod raw;
mod service;
mod shape;

pub use error::ModelError;
pub use operation::{Http, Operation, Paginator};
pub use service::{Metadata, Model, Protocol};
pub use shape::{
    ErrorTrait, Kind, Location, Member, Ref, Shape, ShapeId, Structure, TimestampFormat, Traits,
    XmlNamespace,
};
