//! Whole reports of a made-up estate, compared with what they were and checked against published schemas.

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod html;
#[cfg(test)]
mod json;
#[cfg(test)]
mod pack;
#[cfg(test)]
mod site;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod words;
