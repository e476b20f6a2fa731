//! The engine against cases of others, against a naive walk, and on estates made by hand.

#[cfg(test)]
mod batfish;
#[cfg(test)]
mod firewall;
#[cfg(test)]
mod hand;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inspection;
#[cfg(test)]
mod more;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod naive_firewall;
#[cfg(test)]
mod naive_rules;
#[cfg(test)]
mod npguard;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod random;
