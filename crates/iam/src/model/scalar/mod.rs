//! Values that conditions compare: numbers, dates, addresses.

mod address;
mod date;
mod decimal;

pub use address::{address, network, within};
pub use date::Instant;
pub use decimal::Decimal;
