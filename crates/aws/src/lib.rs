//! Any AWS read operation, called from its model.
//!
//! [`model`] tells what an API looks like, [`wire`] turns values into HTTP requests and replies into values.

pub mod model;
pub mod reads;
pub mod wire;
