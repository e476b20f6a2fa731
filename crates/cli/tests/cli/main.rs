//! What a user sees: whole outputs (exit status, stdout, stderr) on the demo and on bad input. Paths and the version
//! are replaced; the demo's moment is fixed.

#[cfg(test)]
mod access;
#[cfg(test)]
mod ask;
#[cfg(test)]
mod catalogs;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod live;
#[cfg(test)]
mod network;
#[cfg(test)]
mod new;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod report;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod support;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod validate;
#[cfg(test)]
mod waivers;
