//! The auditor's pack.

use crate::support::Desk;
use insta::assert_snapshot;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

const FRAMEWORK: &str = "aws-top-ten";

fn pack(desk: &Desk, out: &str, more: &[&str]) -> Value {
    pack_of(FRAMEWORK, desk, out, more)
}

fn pack_of(framework: &str, desk: &Desk, out: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["report", "--framework", framework, "--demo", "--out", out];
    arguments.extend(more);
    let output = desk.run(&arguments);
    assert!(output.status.success(), "{}", desk.shown(&output));
    assert!(output.stdout.is_empty());
    manifest(&desk.path().join(out))
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(folder.join("manifest.json")).unwrap()).unwrap()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs_err::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap();
                found.insert(name.display().to_string());
            }
        }
    }
    found
}

#[test]
fn every_file_of_a_pack_is_hashed_and_every_requirement_is_told() {
    let desk = Desk::new();
    desk.file(
        "attestations.toml",
        "[[attestation]]\nrecommendation = 'security-training-plan'\nstatement = 'held every spring'\nby = 'ada'\ndate = 2026-01-02\nexpires = 2027-01-02\nevidence = 'https://wiki/training'\n",
    );
    let manifest = pack(&desk, "pack", &[]);
    assert_eq!(manifest["schema"], "palisade.pack/v1");
    let folder = desk.path().join("pack");
    let mut named = BTreeSet::from(["manifest.json".to_owned()]);
    for (path, file) in manifest["files"].as_object().unwrap() {
        let bytes = fs_err::read(folder.join(path)).unwrap();
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(file["sha256"], hash.as_str(), "{path}");
        assert_eq!(file["bytes"], bytes.len() as u64, "{path}");
        named.insert(path.clone());
    }
    assert_eq!(files(&folder), named);

    let text = include_str!("../../../../catalog/frameworks/aws-top-ten.toml");
    let framework: toml::Table = toml::from_str(text).unwrap();
    let of = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let told: Vec<String> = manifest["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .map(of)
        .collect();
    let asked = framework["requirement"].as_array().unwrap();
    let asked: Vec<&str> = asked.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(told, asked);
    for requirement in manifest["requirements"].as_array().unwrap() {
        for evidence in requirement["evidence"].as_array().unwrap() {
            let Some(file) = evidence["file"].as_str() else {
                continue;
            };
            assert_eq!(evidence["sha256"], manifest["files"][file]["sha256"]);
            let findings: Value =
                serde_json::from_slice(&fs_err::read(folder.join(file)).unwrap()).unwrap();
            let findings = findings.as_array().unwrap();
            let failing = findings.iter().filter(|f| f["verdict"] == "fail").count();
            assert_eq!(evidence["counts"]["fail"], failing as u64, "{file}");
            for finding in findings {
                assert_eq!(finding["control"], evidence["control"]);
            }
        }
    }
    let last = manifest["requirements"].as_array().unwrap().last().unwrap();
    assert_eq!(last["statements"][0]["evidence"], "https://wiki/training");
}

/// RFD 10: a control that carries the name of a requirement never says something else than the pack.
#[test]
fn a_requirement_has_the_state_of_the_controls_of_its_name() {
    let desk = Desk::new();
    let mut named = 0;
    for framework in ["aws-fsbp", "cis-aws-7.0"] {
        let manifest = pack_of(framework, &desk, framework, &[]);
        for one in manifest["requirements"].as_array().unwrap() {
            let own: Vec<&Value> = one["named_by"].as_array().into_iter().flatten().collect();
            // Of two ids the controls see a part: their rows decide with them.
            if own.is_empty() || ["2.2", "3.1.3"].iter().any(|id| one["id"] == *id) {
                continue;
            }
            named += 1;
            let evidence = one["evidence"].as_array().unwrap();
            let controls: Vec<&Value> = evidence.iter().map(|e| &e["control"]).collect();
            assert_eq!(controls, own, "{one}");
            let count = |what: &str| -> u64 {
                let counts = evidence.iter().map(|e| e["counts"][what].as_u64().unwrap());
                counts.sum()
            };
            let states = [
                ("fail", "not_met"),
                ("unknown", "unknown"),
                ("excepted", "excepted"),
                ("pass", "met"),
            ];
            let decides = states.into_iter().find(|(what, _)| count(what) > 0);
            let state = decides.map_or("not_applicable", |(_, state)| state);
            assert_eq!(one["state"], state, "{one}");
        }
    }
    assert!(named >= 250, "{named}");
}

#[test]
fn a_pack_is_the_same_from_run_to_run_and_tells_what_has_changed() {
    let desk = Desk::new();
    let first = pack(&desk, "one", &[]);
    let again = pack(&desk, "two", &[]);
    assert_eq!(first, again);
    // An accepted risk changes the state of what it is about, and the evidence.
    desk.file(
        "exceptions.toml",
        "[[exception]]\ncontrol = \"root-mfa-enabled\"\nresource = \"*\"\nowner = \"ada\"\nreason = \"r\"\nexpires = 2030-01-01\n",
    );
    let third = pack(&desk, "three", &["--since", "one"]);
    assert_eq!(third["since"]["taken_at"], first["taken_at"]);
    let changes: Value =
        serde_json::from_slice(&fs_err::read(desk.path().join("three/changes.json")).unwrap())
            .unwrap();
    let evidence = changes["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), 1, "{changes}");
    assert_eq!(evidence[0], "evidence/root-mfa-enabled.json");
    let page = fs_err::read_to_string(desk.path().join("three/index.html")).unwrap();
    assert!(page.contains("Since "));
}

/// Signs a pack with a secret key, and verifies the signature with the public one.
fn signed(keys: &minisign::KeyPair, secret: &str) {
    let desk = Desk::new();
    desk.file("secret.key", secret);
    pack(&desk, "pack", &["--sign", "secret.key"]);
    let folder = desk.path().join("pack");
    let text = fs_err::read(folder.join("manifest.json")).unwrap();
    let signature =
        minisign::SignatureBox::from_file(folder.join("manifest.json.minisig")).unwrap();
    let verified = |bytes: &[u8]| {
        minisign::verify(
            &keys.pk,
            &signature,
            std::io::Cursor::new(bytes),
            true,
            false,
            false,
        )
    };
    verified(&text).unwrap();
    assert!(signature.trusted_comment().unwrap().contains(FRAMEWORK));
    let mut other = text.clone();
    other.push(b' ');
    assert!(verified(&other).is_err());
}

#[test]
fn a_signature_is_verified_by_the_public_key() {
    let keys = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    signed(&keys, &keys.sk.to_box(None).unwrap().into_string());
}

/// The text of a secret key's file.
fn key_file(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    format!("untrusted comment: minisign encrypted secret key\n{text}\n")
}

/// As `minisign -G -W` of version 0.11 writes one: 32 zeros in place of the checksum.
#[test]
fn a_key_whose_checksum_was_left_out_signs_too() {
    let keys = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let mut bytes = keys.sk.to_bytes();
    let checksum = bytes.len() - 32;
    bytes[checksum..].fill(0);
    signed(&keys, &key_file(&bytes));
    // One that is damaged is still found out, before there is a pack.
    bytes[checksum - 64] ^= 1;
    let desk = Desk::new();
    desk.file("secret.key", &key_file(&bytes));
    let arguments = [
        "report",
        "--framework",
        FRAMEWORK,
        "--demo",
        "--out",
        "pack",
    ];
    let shown = desk.show(&[&arguments[..], &["--sign", "secret.key"]].concat());
    assert!(shown.starts_with("exit 2"), "{shown}");
    assert!(shown.contains("`secret.key` can't sign"), "{shown}");
    assert!(!desk.path().join("pack").exists());
}

#[test]
#[cfg(unix)]
fn only_the_owner_may_read_a_pack() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let keys = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    desk.file("k.key", &keys.sk.to_box(None).unwrap().into_string());
    pack(&desk, "pack", &["--sign", "k.key"]);
    let folder = desk.path().join("pack");
    let mode = |path: &Path| {
        let mode = fs_err::metadata(path).unwrap().permissions().mode();
        format!("{:o}", mode & 0o777)
    };
    assert_eq!(mode(&folder), "700");
    assert_eq!(mode(&folder.join("evidence")), "700");
    for name in files(&folder) {
        assert_eq!(mode(&folder.join(&name)), "600", "{name}");
    }
}

#[test]
fn a_pack_that_was_tampered_with_is_not_compared_with() {
    let desk = Desk::new();
    let keys = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    desk.file("k.key", &keys.sk.to_box(None).unwrap().into_string());
    desk.file("k.pub", &keys.pk.to_box().unwrap().into_string());
    pack(&desk, "one", &["--sign", "k.key"]);
    pack(&desk, "two", &["--since", "one", "--since-key", "k.pub"]);
    let refused = |more: &[&str]| {
        let usual = ["report", "--framework", FRAMEWORK, "--demo", "--out", "new"];
        let shown = desk.show(&[&usual[..], &["--since", "one"], more].concat());
        assert!(shown.starts_with("exit 2"), "{shown}");
        assert!(!desk.path().join("new").exists());
        shown
    };
    let within = |name: &str| desk.path().join("one").join(name);
    let evidence = "evidence/root-mfa-enabled.json";
    let old = fs_err::read_to_string(within(evidence)).unwrap();
    fs_err::write(within(evidence), old.replace("fail", "pass")).unwrap();
    fs_err::remove_file(within("index.csv")).unwrap();
    assert_snapshot!(refused(&[]));
    // One whose hashes were made to fit is found out by its signature.
    fs_err::write(within(evidence), &old).unwrap();
    let text = fs_err::read_to_string(within("manifest.json")).unwrap();
    let mut forged: Value = serde_json::from_str(&text).unwrap();
    forged["files"].as_object_mut().unwrap().remove("index.csv");
    fs_err::write(within("manifest.json"), forged.to_string()).unwrap();
    assert!(refused(&["--since-key", "k.pub"]).contains("is not what `k.pub` has signed"));
    forged["files"]["../k.pub"] = serde_json::json!({ "sha256": "", "bytes": 1 });
    fs_err::write(within("manifest.json"), forged.to_string()).unwrap();
    assert!(refused(&[]).contains("`../k.pub` is outside of it"));
}

#[test]
fn the_index_and_the_word_on_checking() {
    let desk = Desk::new();
    pack(&desk, "pack", &[]);
    let read = |name: &str| fs_err::read_to_string(desk.path().join("pack").join(name)).unwrap();
    assert_snapshot!(read("README.md").replace(env!("CARGO_PKG_VERSION"), "[VERSION]"));
    let csv = read("index.csv");
    assert!(
        csv.starts_with("requirement,title,group,state,why,"),
        "{csv}"
    );
    let page = read("index.html");
    assert!(!page.contains("<script"));
    // Four columns do not fit on a telephone.
    let narrow = page.split_once("@media (max-width:46rem){").unwrap().1;
    assert!(narrow.contains("table,tbody,tr,td{display:block}"));
}

#[test]
fn what_is_in_the_way_is_told() {
    let desk = Desk::new();
    desk.file("taken/letter.txt", "dear");
    let wrong = |arguments: &[&str]| desk.show(&[&["report", "--demo"], arguments].concat());
    let all = [
        wrong(&["--framework", "aws-top-tenn", "--out", "pack"]),
        wrong(&["--framework", FRAMEWORK, "--out", "taken"]),
        wrong(&["--framework", FRAMEWORK, "--out", "nowhere/pack"]),
        wrong(&[
            "--framework",
            FRAMEWORK,
            "--out",
            "pack",
            "--since",
            "taken",
        ]),
        wrong(&[
            "--framework",
            FRAMEWORK,
            "--out",
            "pack",
            "--sign",
            "taken/letter.txt",
        ]),
    ];
    assert_snapshot!(all.join("\n"));
    assert!(!desk.path().join("pack").exists());
}
