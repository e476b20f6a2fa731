//! The built-in catalogue proves itself, and what the program says was proved is what it holds.

use std::process::Command;

#[cfg(test)]
fn palisade(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn the_built_in_catalogue_is_proved() {
    let (well, fingerprint, errors) = palisade(&["catalog", "check", "--fingerprint"]);
    assert!(well, "{errors}");
    let kept = include_str!("../../../catalog/proved.txt");
    assert_eq!(
        kept.trim(),
        fingerprint.trim(),
        "the catalogue has changed: run `cargo xtask prove`"
    );
}

#[test]
fn a_control_that_does_not_prove_itself_is_refused_before_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let controls = folder.path().join("controls/mine");
    fs_err::create_dir_all(&controls).unwrap();
    let file = r#"
id = "always-pass"
title = "t"
severity = "low"
subject = "aws_sqs_queue"
require = "true"
why = "w"
[[test]]
name = "p"
given.aws_sqs_queue = [{}]
expect = ["pass"]
[[test]]
name = "this one cannot fail"
given.aws_sqs_queue = [{ queue_url = "https://x" }]
expect = ["fail"]
[[test]]
name = "u"
denied = ["sqs:ListQueues"]
expect = ["unknown"]
"#;
    fs_err::write(controls.join("always-pass.toml"), file).unwrap();
    let state = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(["assess", "--demo", "--control", "always-pass", "--catalog"])
        .arg(folder.path())
        .env("XDG_STATE_HOME", state.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("this one cannot fail"), "{errors}");
    assert!(errors.contains("always-pass.toml"), "{errors}");
}
