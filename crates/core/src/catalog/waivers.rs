//! What is wrong with exceptions, told after a run.

use super::exception::{Exception, Exceptions};
use crate::assess::Waiver;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

impl Exceptions {
    /// What is wrong with the exceptions themselves, after a run of some controls; `ran` is `None` where all were run. One
    /// whose control was not run may be needed: only its end is looked at.
    #[must_use]
    pub fn waivers(&self, day: Date, ran: Option<&BTreeSet<String>>) -> Vec<Waiver> {
        let mut waivers = Vec::new();
        let mut push = |e: &Exception, name: &str, problem: String| {
            waivers.push(Waiver {
                control: name.to_owned(),
                resource: e.resource.to_string(),
                owner: e.owner.clone(),
                problem,
            });
        };
        // A pattern over all controls is known to match nothing when all were run.
        let has_run = |e: &Exception| ran.is_none_or(|ran| ran.contains(&e.control));
        // A line that stands for many controls is told of once, and once is enough for one that is to go.
        let of_one_line = |a: &Exception, b: &Exception| a.line.is_some() && a.line == b.line;
        for group in self.entries.chunk_by(of_one_line) {
            let Some(e) = group.first() else { continue };
            let name = match &e.line {
                Some(line) if group.len() > 1 => &line.names,
                _ => &e.control,
            };
            let is_unused = |e: &Exception| e.used.load(Ordering::Relaxed) == 0 && has_run(e);
            let unused = group.iter().all(is_unused);
            match e.expires {
                Some(last) if last < day => push(e, name, format!("ran out on {last}")),
                None if e.line.is_none() || !unused => {
                    push(e, name, "never runs out: give it an end".to_owned());
                }
                Some(_) | None => {}
            }
            if unused {
                push(e, name, "matches no failed resource: remove it".to_owned());
            }
        }
        waivers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exceptions_whose_controls_were_run_are_judged() {
        let entry = |control: &str| {
            format!(
                "[[exception]]\ncontrol = '{control}'\nresource = '*'\nowner = 'ada'\nreason = 'r'\nexpires = 2026-06-30\n"
            )
        };
        let text = [entry("one"), entry("two"), entry("*")].concat();
        let all = Exceptions::parse("exceptions.toml", &text, |c| Some(c.to_owned())).unwrap();
        let told = |day: &str, ran: Option<&[&str]>| -> Vec<String> {
            let ran = ran.map(|ran| ran.iter().map(|c| (*c).to_owned()).collect());
            let waivers = all.waivers(day.parse().unwrap(), ran.as_ref()).into_iter();
            waivers
                .map(|w| format!("{} {}", w.control, w.problem))
                .collect()
        };
        let unused = |control: &str| format!("{control} matches no failed resource: remove it");
        assert_eq!(told("2026-01-01", Some(&["one"])), [unused("one")]);
        assert_eq!(told("2026-01-01", None), ["one", "two", "*"].map(unused));
        // That one has run out is so whatever was run.
        assert_eq!(
            told("2026-07-01", Some(&[])),
            ["one", "two", "*"].map(|control| format!("{control} ran out on 2026-06-30"))
        );
    }
}
