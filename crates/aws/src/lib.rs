//! Any AWS read operation, called from its model.
//!
//! [`model`] tells what an API looks like, [`wire`] turns values into HTTP requests and replies into values.

pub mod client;
pub mod creds;
pub mod endpoint;
mod limit;
pub mod model;
pub mod paging;
pub mod reads;
pub mod wire;

pub use client::{Call, CallError, Client, ClientConfig, ErrorKind, Models, Reply};
pub use paging::Pages;
