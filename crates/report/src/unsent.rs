//! Calls that were never sent, told apart from those that failed: the limit on calls was reached, the token had expired.

use crate::text;
use palisade_core::assess::Blind;
use palisade_core::call::not_sent;
use palisade_core::snapshot::AccountScope;
use palisade_core::{Finding, Outcome, Verdict};
use std::collections::BTreeMap;

/// What the unknown findings tell of the operations behind them.
#[derive(Debug, Default)]
pub(crate) struct Unsent(BTreeMap<(String, Outcome), Seen>);

/// Whether calls of an operation were sent, and whether some were not.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    sent: bool,
    not_sent: bool,
}

impl Unsent {
    /// Takes note of the calls that left a finding unknown.
    pub(crate) fn add(&mut self, finding: &Finding) {
        let Verdict::Unknown(calls) = &finding.verdict else {
            return;
        };
        for call in calls.iter().filter(|c| !c.outcome.is_measured()) {
            let key = (call.operation.clone(), call.outcome);
            let seen = self.0.entry(key).or_default();
            if call.why_not_sent().is_some() {
                seen.not_sent = true;
            } else {
                seen.sent = true;
            }
        }
    }

    /// What came of an operation, in a word.
    pub(crate) fn word(&self, blind: &Blind) -> &'static str {
        let key = (blind.operation.clone(), blind.outcome);
        match self.0.get(&key).copied().unwrap_or_default() {
            Seen {
                not_sent: true,
                sent: false,
            } => "not sent",
            Seen {
                not_sent: true,
                sent: true,
            } => "in part not sent",
            Seen {
                not_sent: false, ..
            } => blind.outcome.as_str(),
        }
    }
}

/// How many calls of all accounts were not sent.
pub(crate) fn total(accounts: &[AccountScope]) -> u64 {
    accounts.iter().flat_map(|a| a.not_sent.values()).sum()
}

/// `327 calls not sent: the limit of --max-calls was reached`; nothing where all were.
pub(crate) fn line(accounts: &[AccountScope]) -> Option<String> {
    let total = total(accounts);
    if total == 0 {
        return None;
    }
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (code, calls) in accounts.iter().flat_map(|a| &a.not_sent) {
        let why = not_sent(code).unwrap_or(code.as_str());
        *reasons.entry(why).or_default() += calls;
    }
    let alone = reasons.len() == 1;
    let words: Vec<String> = reasons
        .into_iter()
        .map(|(why, calls)| match (why, alone) {
            ("", true) => "the ledger says why".to_owned(),
            ("", false) => format!("{} for other reasons", text::count(calls)),
            (why, true) => why.to_owned(),
            (why, false) => format!("{why} ({})", text::count(calls)),
        })
        .collect();
    Some(format!(
        "{} not sent: {}",
        text::plural(total, "call"),
        words.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_were_not_sent_are_told_with_their_reasons() {
        let account = |codes: &[(&str, u64)]| AccountScope {
            not_sent: codes
                .iter()
                .map(|(code, calls)| ((*code).to_owned(), *calls))
                .collect(),
            ..AccountScope::default()
        };
        assert_eq!(line(&[account(&[])]), None);
        assert_eq!(
            line(&[
                account(&[("BudgetExhausted", 1300)]),
                account(&[("BudgetExhausted", 27)])
            ])
            .unwrap(),
            "1,327 calls not sent: the limit of --max-calls was reached"
        );
        assert_eq!(
            line(&[account(&[("CredentialsExpired", 2), ("Odd", 1)])]).unwrap(),
            "3 calls not sent: Odd (1); the token had expired (2)"
        );
    }
}
