//! `cargo xtask bench iam`: what questions of access cost, on one core.
//!
//! AWS managed policies come from moto, which the tests install anyway. Pairs of policies are no part of this
//! repository: `PALISADE_QUACKY` names their file.

use crate::emulator::python;
use crate::error::TaskError;
use crate::place::{cache, cargo, succeed, variable};
use std::process::{Command, Stdio};

/// Prints a JSON line for each managed policy.
const MANAGED: &str = "
import json
from moto.iam.aws_managed_policies import aws_managed_policies_data as data
data = json.loads(data) if isinstance(data, str) else data
for name, policy in sorted(data.items()):
    print(json.dumps({'name': name, 'document': policy['Document']}))
";

/// Runs the benchmark of `crates/iam`.
pub(crate) fn run() -> Result<(), TaskError> {
    let python = python()?;
    let managed = cache().join("managed-policies.jsonl");
    let wrong = |error: std::io::Error| TaskError::new(error.to_string());
    let file = fs_err::File::create(&managed).map_err(wrong)?;
    succeed(
        Command::new(&python)
            .args(["-c", MANAGED])
            .stdout(Stdio::from(file.into_parts().0)),
    )?;
    let mut bench = cargo();
    bench
        .args(["run", "--quiet", "--release", "--package", "palisade-iam"])
        .args(["--example", "bench", "--", "--managed"])
        .arg(&managed);
    if let Some(pairs) = variable("PALISADE_QUACKY") {
        bench.arg("--pairs").arg(pairs);
    }
    succeed(&mut bench)
}
