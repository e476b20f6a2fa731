//! What to do next, and what an organization declares.

use crate::support::Desk;
use insta::assert_snapshot;
use serde_json::Value;

fn steps(desk: &Desk, more: &[&str]) -> Vec<Value> {
    let arguments = [&["roadmap", "--demo", "--format", "json"], more].concat();
    let output = desk.run(&arguments);
    assert!(output.status.success(), "{}", desk.shown(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(step: &Value, member: &str) -> u64 {
    step[member].as_u64().unwrap()
}

#[test]
fn steps_come_by_phase_and_then_by_gain_against_effort() {
    let all = steps(&Desk::new(), &[]);
    assert!(all.len() > 20);
    for pair in all.windows(2) {
        let [one, next] = pair else { panic!("two") };
        let (phase, following) = (number(one, "phase"), number(next, "phase"));
        assert!(phase <= following);
        if phase == following {
            let per = |step: &Value, other: &Value| {
                u128::from(number(step, "gain")) * u128::from(number(other, "minutes").max(1))
            };
            assert!(per(one, next) >= per(next, one), "{one} {next}");
        }
    }
    // What can be reached from outside weighs more than its number.
    assert!(all.iter().any(|step| number(step, "exposed") > 0));
    for step in &all {
        assert!(number(step, "exposed") <= number(step, "failing"));
    }
}

#[test]
fn a_budget_a_phase_and_an_owner_narrow_the_steps() {
    let desk = Desk::new();
    let all = steps(&desk, &[]);
    let few = steps(&desk, &["--effort", "2d"]);
    assert!(!few.is_empty() && few.len() < all.len());
    let spent: u64 = few.iter().map(|step| number(step, "minutes")).sum();
    assert!(spent <= 2 * 8 * 60, "{spent}");
    assert!(
        steps(&desk, &["--phase", "1"])
            .iter()
            .all(|step| step["phase"] == 1)
    );
    let owned = steps(&desk, &["--owner", "platform"]);
    let failing = |steps: &[Value]| -> u64 { steps.iter().map(|s| number(s, "failing")).sum() };
    assert!(failing(&owned) > 0 && failing(&owned) < failing(&all));
    assert_snapshot!(desk.show(&["roadmap", "--demo", "--owner", "nobody-at-all"]));
    assert_snapshot!(desk.show(&["roadmap", "--demo", "--effort", "soon"]));
}

#[test]
fn what_no_step_can_be_is_refused_and_what_none_is_is_said() {
    let desk = Desk::new();
    for wrong in [
        ["--phase", "9"],
        ["--phase", "0"],
        ["--top", "0"],
        ["--effort", "0d"],
    ] {
        let shown = desk.show(&[&["roadmap", "--demo"], &wrong[..]].concat());
        assert!(shown.starts_with("exit 2"), "{wrong:?}: {shown}");
    }
    // No step is done in a minute.
    let shown = desk.show(&["roadmap", "--demo", "--effort", "1min"]);
    assert!(shown.starts_with("exit 0"), "{shown}");
    assert!(
        shown.contains("None of the ") && !shown.contains("Nothing is open"),
        "{shown}"
    );
}

#[test]
fn a_plan_can_be_committed() {
    let desk = Desk::new();
    let arguments = [
        "roadmap", "--demo", "--format", "toml", "--top", "5", "--out",
    ];
    for out in ["one.toml", "two.toml"] {
        let output = desk.run(&[&arguments[..], &[out]].concat());
        assert!(output.status.success(), "{}", desk.shown(&output));
    }
    let read = |name: &str| fs_err::read_to_string(desk.path().join(name)).unwrap();
    assert_eq!(read("one.toml"), read("two.toml"));
    let plan: toml::Table = toml::from_str(&read("one.toml")).unwrap();
    assert_eq!(plan["step"].as_array().unwrap().len(), 5);
}

#[test]
fn declared_regions_are_checked_where_they_stand() {
    let desk = Desk::new();
    desk.file(
        "palisade.toml",
        "[organization]\nallowed_regions = [\"eu-west-1\", \"eu-wst-1\"]\n",
    );
    assert_snapshot!(desk.show(&[
        "assess",
        "--demo",
        "--control",
        "resources-in-allowed-regions"
    ]));
    desk.file("palisade.toml", "[organization]\nallowed_region = []\n");
    assert_snapshot!(desk.show(&[
        "assess",
        "--demo",
        "--control",
        "resources-in-allowed-regions"
    ]));
    assert_snapshot!(desk.show(&["assess", "--demo", "--config", "nowhere.toml"]));
}

#[test]
fn things_are_held_against_the_regions_that_are_declared() {
    let desk = Desk::new();
    let verdicts = |desk: &Desk| -> Vec<(String, String)> {
        let output = desk.run(&[
            "assess",
            "--demo",
            "--format",
            "json",
            "--control",
            "resources-in-allowed-regions",
        ]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |f: &Value, m: &str| f[m].as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|f| (text(f, "region"), text(f, "verdict")))
            .collect()
    };
    // Nothing is declared: nothing is held.
    let unknown = verdicts(&desk);
    assert!(!unknown.is_empty());
    assert!(
        unknown.iter().all(|(_, verdict)| verdict == "unknown"),
        "{unknown:?}"
    );
    desk.file(
        "palisade.toml",
        "[organization]\nallowed_regions = [\"eu-west-1\"]\n",
    );
    let held = verdicts(&desk);
    for (region, verdict) in &held {
        let expected = if region == "eu-west-1" {
            "pass"
        } else {
            "fail"
        };
        assert_eq!(verdict, expected, "{region}");
    }
    assert!(held.iter().any(|(_, verdict)| verdict == "pass"));
}
