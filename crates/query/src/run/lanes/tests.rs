//! Order, ends and bounds of the lanes.

use super::*;
use palisade_core::Severity;
use palisade_core::finding::Resource;
use palisade_core::grounds::Grounds;
use palisade_core::verdict::Verdict;
use std::sync::Arc;
use std::time::Duration;

fn finding(job: usize, at: usize) -> Finding {
    let resource = Resource {
        arn: format!("{job}/{at:05}"),
        name: String::new(),
        kind: String::new(),
        account_id: String::new(),
        region: String::new(),
    };
    Finding::new(
        Arc::from("control"),
        Severity::Low,
        resource,
        Verdict::Unknown([].into()),
        Grounds::unseen(""),
    )
}

fn arns(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| f.resource.arn.as_str()).collect()
}

#[test]
fn findings_come_in_the_order_of_jobs_whichever_ends_first() {
    let waits = [40_u64, 0, 20, 0, 1];
    let mut found = Vec::new();
    let work = |(job, wait), give: &mut Give<'_>| {
        std::thread::sleep(Duration::from_millis(wait));
        for at in 0..AT_ONCE + 3 {
            give(finding(job, at))?;
        }
        Ok(Errors::from([(usize::to_string(&job), "why".to_owned())]))
    };
    let errors = each(waits.into_iter().enumerate().collect(), 3, &mut found, work).unwrap();
    assert_eq!(errors.len(), waits.len());
    let got = arns(&found);
    assert_eq!(got.len(), waits.len() * (AT_ONCE + 3));
    assert!(got.is_sorted());
}

#[test]
fn more_findings_than_may_wait_do_not_stop_a_run() {
    let many = AT_ONCE * AHEAD * 3;
    let mut found = Vec::new();
    let work = |job: usize, give: &mut Give<'_>| {
        (0..many).try_for_each(|at| give(finding(job, at)))?;
        Ok(Errors::new())
    };
    each(vec![0, 1, 2, 3], 2, &mut found, work).unwrap();
    assert_eq!(found.len(), 4 * many);
}

#[test]
fn jobs_ahead_of_the_reader_wait_together() {
    const LANES: usize = 3;
    let ahead = AtomicUsize::new(0);
    let before = AtomicUsize::new(0);
    let stand_still = || loop {
        let seen = ahead.load(Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(100));
        if seen > 0 && ahead.load(Ordering::SeqCst) == seen {
            return seen;
        }
    };
    let work = |job: usize, give: &mut Give<'_>| {
        if job == 0 {
            before.store(stand_still(), Ordering::SeqCst);
        }
        (0..AT_ONCE / 2).try_for_each(|at| {
            ahead.fetch_add(usize::from(job > 0), Ordering::SeqCst);
            give(finding(job, at))
        })?;
        Ok(Errors::new())
    };
    let mut found = Vec::new();
    let jobs = 8 * AHEAD / AT_ONCE;
    each((0..jobs).collect(), LANES, &mut found, work).unwrap();
    assert_eq!(found.len(), jobs * (AT_ONCE / 2));
    let before = before.into_inner();
    assert!(
        (AHEAD..=AHEAD + LANES * AT_ONCE).contains(&before),
        "{before}"
    );
}

#[test]
fn an_error_of_a_job_ends_the_run_after_what_came_before_it() {
    let mut found = Vec::new();
    let work = |job: usize, give: &mut Give<'_>| {
        give(finding(job, 0))?;
        if job == 2 {
            return Err(QueryError::Engine("broken".to_owned()));
        }
        Ok(Errors::new())
    };
    let error = each(vec![0, 1, 2, 3, 4, 5], 2, &mut found, work).unwrap_err();
    assert!(error.to_string().contains("broken"), "{error}");
    assert_eq!(arns(&found), ["0/00000", "1/00000"]);
}

#[test]
fn a_job_that_panics_is_an_error_and_no_end() {
    let mut found = Vec::new();
    let work = |job: usize, _: &mut Give<'_>| {
        assert!(job != 1, "on purpose");
        Ok(Errors::new())
    };
    for lanes in [1, 2, 8] {
        let error = each(vec![0, 1, 2], lanes, &mut found, work).unwrap_err();
        assert!(error.to_string().contains("stopped before"), "{error}");
    }
}

#[test]
fn a_sink_that_is_full_ends_the_run() {
    struct Full(usize);
    impl FindingSink for Full {
        fn finding(&mut self, _: &Finding) -> io::Result<()> {
            self.0 += 1;
            if self.0 > 10 {
                return Err(io::Error::other("no space left"));
            }
            Ok(())
        }
    }
    let work = |job: usize, give: &mut Give<'_>| {
        (0..AT_ONCE * AHEAD * 3).try_for_each(|at| give(finding(job, at)))?;
        Ok(Errors::new())
    };
    let error = each(vec![0, 1, 2], 2, &mut Full(0), work).unwrap_err();
    assert!(error.to_string().contains("no space"), "{error}");
}

#[test]
fn no_jobs_are_no_work() {
    let work = |(), _: &mut Give<'_>| Ok(Errors::new());
    assert_eq!(
        each(vec![], 2, &mut Vec::new(), work).unwrap(),
        Errors::new()
    );
}
