//! End to end: the built program against the emulator that `cargo xtask test` starts and fills.
//! Without it every test here is skipped, with a word.

#[cfg(test)]
mod clean;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod lane;
#[cfg(test)]
mod organization;
#[cfg(test)]
mod resume;
