//! What a run calls, linked beside each other (RFD 12).
//!
//! Of 250,000 functions a run calls 20,000, all over 115 MB, and the system reads what lies around each: 60 MB of memory.

use super::jobs;
use crate::error::TaskError;
use std::collections::BTreeSet;
use std::path::Path;

/// The functions that the main jobs call.
pub(super) fn called(binary: &Path, folder: &Path) -> Result<Vec<String>, TaskError> {
    let file = |job: &str| folder.join(job).to_string_lossy().into_owned();
    let under = |job: &str| {
        let out = format!("--callgrind-out-file={}", file(job));
        let options = ["--tool=callgrind", "--demangle=no", "--quiet", &out];
        let words = ["valgrind"].into_iter().chain(options);
        words.map(str::to_owned).collect()
    };
    jobs::run(binary, folder, under, &["--callgrind", &file("live")])?;
    let mut names = BTreeSet::new();
    for job in ["demo", "check", "list", "live"] {
        let profile = fs_err::read(file(job))?;
        names.extend(names_in(&String::from_utf8_lossy(&profile)));
    }
    Ok(names.into_iter().collect())
}

/// Links the functions in an order. The file is named by what it holds, so that another order is another build.
pub(super) fn arguments(folder: &Path, names: &[String]) -> Result<Vec<String>, TaskError> {
    let text = names.join("\n");
    let file = folder.join(format!("{}.txt", palisade_core::call::short_hash(&[&text])));
    fs_err::write(&file, text)?;
    let file = format!("link-arg=-Wl,--symbol-ordering-file={}", file.display());
    // Names that are gone, or were folded into others.
    let quiet = "link-arg=-Wl,--no-warn-symbol-ordering".to_owned();
    let flag = || "-C".to_owned();
    Ok(vec![flag(), file, flag(), quiet])
}

/// The functions of a profile: `fn=(7) name`, the name only the first time (Callgrind Format Specification).
fn names_in(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| {
        let named = line.strip_prefix("cfn=").or(line.strip_prefix("fn="))?;
        let (_, name) = named.split_once(") ")?;
        // A recursive call is counted apart, with a number behind.
        let name = name.split('\'').next().unwrap_or(name);
        name.starts_with('_').then(|| name.to_owned())
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_names_each_function_once() {
        let text = "fl=(1) ???\nfn=(1) _ZN4main17h1E\n0 3\ncfn=(2) _ZN4work17h2E'2\ncalls=1 0\nfn=(1)\nfn=(3) 0x1050\n";
        let names: Vec<String> = names_in(text).into_iter().collect();
        assert_eq!(names, ["_ZN4main17h1E", "_ZN4work17h2E"]);
    }
}
