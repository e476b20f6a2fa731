//! The engine against cases of others, against a naive walk, and on estates made by hand.

mod batfish;
mod naive;
mod peers;
mod random;
