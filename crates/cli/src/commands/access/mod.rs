//! `palisade access ...`: who can do what, decided by the policies themselves.

mod answer;
mod ask;
mod change;
mod check;
mod documents;
mod escalation;
mod generate;
mod lines;
mod minimise;
mod outside;
mod policies;
mod simulate;
mod trail;
mod unused;
mod validate;

use crate::args::{Access, AskSnapshot};
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::source::{self, Source};
use crate::terminal::Terminal;
use palisade_iam::estate::Estate;

/// Runs the question asked.
pub(crate) fn run(access: &Access, terminal: &Terminal) -> Result<Done, Failure> {
    match access {
        Access::Simulate(args) => simulate::run(args, terminal),
        Access::Minimise(args) => minimise::run(args, terminal),
        Access::Validate(args) => validate::run(args, terminal),
        Access::Compare(args) => check::compare(args, terminal),
        Access::Change(args) => change::change(args, terminal),
        Access::Check(args) if args.policy.is_none() => change::nobody(args, terminal),
        Access::Check(args) => check::check(args, terminal),
        Access::WhoCan(args) => ask::who_can(args, terminal),
        Access::WhatCan(args) => ask::what_can(args, terminal),
        Access::Public(args) => outside::public(args, terminal),
        Access::External(args) => outside::external(args, terminal),
        Access::Escalation(args) => escalation::run(args, terminal),
        Access::Unused(args) => unused::run(args, terminal),
        Access::Generate(args) => generate::run(args, terminal),
        Access::Keys(args) => ask::keys(args, terminal),
    }
}

/// What the snapshot tells of access.
fn estate(ask: &AskSnapshot, terminal: &Terminal) -> Result<Estate, Failure> {
    let house = House::open(&ask.catalog, terminal)?;
    let source = Source::of(&ask.source)?;
    let (_, session) = source::open(source.path(), &house, terminal)?;
    Ok(session.access()?)
}

/// An ARN, a pattern of ARNs, or `*`.
fn is_resource(text: &str) -> Result<(), Failure> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let wide = parts.last().is_some_and(|part| *part == "*");
    let named = parts.len() == 6 && parts.last().is_some_and(|part| !part.is_empty());
    if text == "*" || text.starts_with("arn:") && (named || wide) {
        return Ok(());
    }
    Err(Failure::usage(format!("`{text}` is no ARN")).hint(
        "write `arn:partition:service:region:account:resource`, as in `arn:aws:s3:::payroll/*`, or `*`",
    ))
}

/// An action as policies write it, or a pattern of actions.
fn is_action(text: &str) -> Result<(), Failure> {
    if text == "*" || text.contains(':') {
        return Ok(());
    }
    Err(Failure::usage(format!("`{text}` is no action"))
        .hint("write `service:Operation`, such as `s3:GetObject` or `s3:*`"))
}
