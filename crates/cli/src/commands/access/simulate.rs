//! `palisade access simulate --input cases.jsonl`: one case a line, one answer a line.

use super::lines::{Line, Lines};
use crate::args::Simulate;
use crate::failure::{Done, Failure, said};
use crate::terminal::Terminal;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

/// Decides every case as it is read. A case that can't be read is an answer too, and the run goes on.
pub(crate) fn run(args: &Simulate, terminal: &Terminal) -> Result<Done, Failure> {
    let input: Box<dyn BufRead> = if args.input == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file = fs_err::File::open(&args.input).map_err(|e| Failure::usage(said(&e)))?;
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    let mut output = terminal.output(args.out.as_deref())?;
    let mut warnings = Warnings::default();
    for line in Lines::new(input) {
        let (number, line) = line?;
        let answer = match line {
            Line::Whole(bytes) if bytes.trim_ascii().is_empty() => continue,
            Line::Whole(bytes) => {
                let answer = palisade_iam::simulate(&bytes);
                for warning in answer.warnings {
                    warnings.add(number, warning, terminal);
                }
                answer.line
            }
            Line::TooLong(limit) => palisade_iam::simulate::unreadable(&format!(
                "line {number} is longer than {} MiB; one case is one line",
                limit >> 20
            )),
        };
        writeln!(output, "{answer}")?;
    }
    output.finish()?;
    warnings.close(terminal);
    Ok(Done::Clean)
}

/// Distinct warnings that are told with their first line; past so many, only counted.
const DISTINCT: usize = 100;

/// What was ignored in the cases. A million cases often have one and the same unknown key: it is told once, and counted.
#[derive(Debug, Default)]
struct Warnings {
    seen: BTreeMap<String, u64>,
    more: u64,
}

impl Warnings {
    fn add(&mut self, line: u64, warning: String, terminal: &Terminal) {
        if let Some(times) = self.seen.get_mut(&warning) {
            *times += 1;
        } else if self.seen.len() < DISTINCT {
            terminal.note(&format!("warning: line {line}: {warning}"));
            self.seen.insert(warning, 1);
        } else {
            self.more += 1;
        }
    }

    fn close(&self, terminal: &Terminal) {
        for (warning, times) in &self.seen {
            if *times > 1 {
                terminal.note(&format!("warning: {times} times in all: {warning}"));
            }
        }
        if self.more > 0 {
            terminal.note(&format!("warning: and {} more of other kinds", self.more));
        }
    }
}
