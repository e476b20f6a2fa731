//! The collector from end to end: against a stand-in for AWS, and against the emulator where there is one.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod cut_short;
#[cfg(test)]
mod moto;
#[cfg(test)]
mod organization;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod queues;
#[cfg(test)]
mod support;
