//! Counts findings as they pass by, so that nothing has to be kept.

use super::of_control::{Accounts, EXAMPLES, OfControl, Place};
use crate::call::Outcome;
use crate::finding::{Finding, FindingSink, Resource};
use crate::severity::Severity;
use crate::verdict::State;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many findings there are of each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Requirement holds.
    pub pass: u64,
    /// It does not.
    pub fail: u64,
    /// It could not be decided.
    pub unknown: u64,
    /// The question makes no sense.
    pub not_applicable: u64,
    /// It fails, accepted.
    pub excepted: u64,
}

impl Counts {
    /// Adds one.
    pub const fn add(&mut self, state: State) {
        *self.slot(state) += 1;
    }

    const fn slot(&mut self, state: State) -> &mut u64 {
        match state {
            State::Pass => &mut self.pass,
            State::Fail => &mut self.fail,
            State::Unknown => &mut self.unknown,
            State::NotApplicable => &mut self.not_applicable,
            State::Excepted => &mut self.excepted,
        }
    }

    /// The sum of two.
    pub const fn merge(&mut self, other: &Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
        self.excepted += other.excepted;
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.not_applicable + self.excepted
    }

    /// Share of the applicable findings that were decided, from 0 to 1; 1 when none applies.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        let decided = self.pass + self.fail + self.excepted;
        ratio(decided, decided + self.unknown)
    }
}

/// `a / b`, and 1 when `b` is 0.
#[must_use]
pub(crate) fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 {
        return 1.0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of findings stay far below 2^52"
    )]
    {
        a as f64 / b as f64
    }
}

/// An operation that could not be called, and what that hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// `service:Operation`.
    pub operation: String,
    /// Why.
    pub outcome: Outcome,
    /// How many findings are unknown for it.
    pub findings: u64,
}

/// Findings by state and severity, and what hid the unknown ones: of a run, or of a part of it.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    by_severity: BTreeMap<Severity, Counts>,
    blind: BTreeMap<(String, Outcome), u64>,
    unanswered: BTreeMap<String, u64>,
    total: Counts,
}

/// Different reasons that are kept of findings that no failed call explains.
const REASONS: usize = 100;

/// What stands for the reasons beyond.
const OTHERS: &str = "other reasons";

/// The counts of a run.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    accounts: Accounts,
    controls: BTreeMap<Arc<str>, OfControl>,
    /// Controls and accounts with failed resources.
    failing: usize,
    totals: Totals,
    outside: Exposure,
    /// What failed before it was known what can be reached.
    waiting: Option<Vec<Waiting>>,
}

/// A failed resource of which it is not known yet whether it can be reached.
#[derive(Debug, Clone)]
struct Waiting {
    control: Arc<str>,
    place: Place,
    resource: Arc<Resource>,
}

/// What can be reached from outside: by the internet, or by somebody outside the organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    arns: BTreeSet<String>,
    /// Account and the last part of the ARN: an engine may know a resource by its id alone.
    ids: BTreeSet<(String, String)>,
}

impl Exposure {
    /// Adds a resource by its ARN.
    pub fn arn(&mut self, arn: impl Into<String>) {
        self.arns.insert(arn.into());
    }

    /// Adds a resource of an account by its id or name.
    pub fn id(&mut self, account: &str, id: &str) {
        self.ids.insert((account.to_owned(), id.to_owned()));
    }

    /// Whether a resource of an account is among them.
    #[must_use]
    pub fn has(&self, account: &str, arn: &str) -> bool {
        if self.arns.contains(arn) {
            return true;
        }
        let last = arn.rsplit([':', '/']).next().unwrap_or_default();
        !self.ids.is_empty() && self.ids.contains(&(account.to_owned(), last.to_owned()))
    }
}

/// Where there are more controls and accounts with failed resources, one is kept of each.
const FEW: usize = 5_000;

impl Tally {
    /// A tally that is told later what can be reached from outside: what fails before is counted then.
    #[must_use]
    pub fn waiting() -> Self {
        Self {
            waiting: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Counts what of the failing can be reached from outside.
    pub fn reach(&mut self, outside: Exposure) {
        for one in self.waiting.take().into_iter().flatten() {
            if let Some(of) = self.controls.get_mut(&one.control)
                && outside.has(&one.resource.account_id, &one.resource.arn)
            {
                of.reached(one.place);
            }
        }
        self.outside = outside;
    }

    /// The place of an account, for questions about many controls.
    #[must_use]
    pub fn place(&self, account: &str) -> Option<Place> {
        self.accounts.place(account)
    }

    /// What was counted of a control.
    #[must_use]
    pub fn control(&self, control: &str) -> Option<&OfControl> {
        self.controls.get(control)
    }

    /// The counts of a control over all accounts.
    #[must_use]
    pub fn of_control(&self, control: &str) -> Counts {
        self.control(control)
            .map(OfControl::all)
            .unwrap_or_default()
    }

    /// The counts of each control over all accounts.
    #[must_use]
    pub fn by_control(&self) -> BTreeMap<&str, Counts> {
        let all = self.controls.iter();
        all.map(|(control, of)| (&**control, of.all())).collect()
    }

    /// The counts of everything, without the controls.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The counts of everything.
    #[must_use]
    pub const fn total(&self) -> &Counts {
        self.totals.total()
    }

    /// The counts of a severity.
    #[must_use]
    pub fn of_severity(&self, severity: Severity) -> Counts {
        self.totals.of_severity(severity)
    }

    /// What could not be called, most hidden findings first.
    #[must_use]
    pub fn blind(&self) -> Vec<Blind> {
        self.totals.blind()
    }

    /// The worst severity among the fails.
    #[must_use]
    pub fn worst_fail(&self) -> Option<Severity> {
        Severity::ALL
            .into_iter()
            .find(|s| self.of_severity(*s).fail > 0)
    }
}

impl Totals {
    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        let state = finding.verdict.state();
        if state == State::Unknown {
            self.unknown(finding);
        }
        self.by_severity
            .entry(finding.severity)
            .or_default()
            .add(state);
        self.total.add(state);
    }

    /// A finding may rest on many calls of one operation; it is hidden by them once.
    fn unknown(&mut self, finding: &Finding) {
        let calls = finding.verdict.calls().iter();
        let failed: BTreeSet<(&str, Outcome)> = calls
            .filter(|call| !call.outcome.is_measured())
            .map(|call| (call.operation.as_str(), call.outcome))
            .collect();
        for (operation, outcome) in &failed {
            let key = ((*operation).to_owned(), *outcome);
            *self.blind.entry(key).or_default() += 1;
        }
        if failed.is_empty() {
            let reason = finding.reason();
            let known = self.unanswered.contains_key(&*reason);
            let reason = if known || self.unanswered.len() < REASONS {
                reason.into_owned()
            } else {
                OTHERS.to_owned()
            };
            *self.unanswered.entry(reason).or_default() += 1;
        }
    }

    /// Why findings are unknown though no call failed, as values that were not told and tables that were not
    /// collected, and of how many; most findings first.
    #[must_use]
    pub fn unanswered(&self) -> Vec<(&str, u64)> {
        let reasons = self.unanswered.iter();
        let mut list: Vec<_> = reasons.map(|(why, n)| (why.as_str(), *n)).collect();
        list.sort_by_key(|(_, findings)| std::cmp::Reverse(*findings));
        list
    }

    /// The counts of everything.
    #[must_use]
    pub const fn total(&self) -> &Counts {
        &self.total
    }

    /// The counts of a severity.
    #[must_use]
    pub fn of_severity(&self, severity: Severity) -> Counts {
        self.by_severity.get(&severity).copied().unwrap_or_default()
    }

    /// What could not be called, most hidden findings first.
    #[must_use]
    pub fn blind(&self) -> Vec<Blind> {
        let mut list: Vec<Blind> = self
            .blind
            .iter()
            .map(|((operation, outcome), findings)| Blind {
                operation: operation.clone(),
                outcome: *outcome,
                findings: *findings,
            })
            .collect();
        list.sort_by(|a, b| {
            b.findings
                .cmp(&a.findings)
                .then_with(|| a.operation.cmp(&b.operation))
        });
        list
    }
}

impl FindingSink for Tally {
    fn finding(&mut self, finding: &Finding) -> std::io::Result<()> {
        let state = finding.verdict.state();
        let place = self.accounts.named(&finding.resource.account_id);
        let of = match self.controls.get_mut(&finding.control) {
            Some(of) => of,
            None => self
                .controls
                .entry(Arc::clone(&finding.control))
                .or_default(),
        };
        of.add(place, state);
        if state == State::Fail {
            let most = if self.failing < FEW { EXAMPLES } else { 1 };
            self.failing += usize::from(of.fails(place, finding, most));
            let resource = &finding.resource;
            if let Some(waiting) = &mut self.waiting {
                waiting.push(Waiting {
                    control: Arc::clone(&finding.control),
                    place,
                    resource: Arc::clone(resource),
                });
            } else if self.outside.has(&resource.account_id, &resource.arn) {
                of.reached(place);
            }
        }
        self.totals.add(finding);
        Ok(())
    }
}
