//! How an answer is written: JSON, or lines for people.

use crate::args::AnswerForm;
use crate::failure::Failure;
use crate::terminal::Terminal;
use serde_json::Value;
use std::io::Write as _;

/// Writes the JSON, or the lines.
pub(super) fn write(
    form: &AnswerForm,
    terminal: &Terminal,
    json: &Value,
    lines: impl FnOnce() -> Vec<String>,
) -> Result<(), Failure> {
    let mut output = terminal.output(form.out.as_deref())?;
    if form.format == "json" {
        serde_json::to_writer_pretty(&mut output, json).map_err(Failure::unfinished)?;
        writeln!(output)?;
    } else {
        for line in lines() {
            writeln!(output, "{}", safe(&line))?;
        }
    }
    output.finish()?;
    Ok(())
}

/// Without characters that could drive a terminal: names in policies are chosen by others.
fn safe(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// A request in words: `user/ann s3:GetObject arn:... with aws:SourceIp = 10.0.0.1`.
pub(super) fn request(witness: &Value) -> String {
    let text = |name: &str| witness.get(name).and_then(Value::as_str);
    let mut words = Vec::new();
    match witness.get("principal") {
        Some(Value::String(arn)) => words.push(arn.clone()),
        Some(Value::Object(typed)) => {
            let name = typed
                .iter()
                .find(|(key, _)| *key != "type")
                .and_then(|(_, name)| name.as_str());
            let kind = typed
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            words.push(name.unwrap_or(kind).to_lowercase());
        }
        _ => {}
    }
    words.extend(text("action").map(str::to_owned));
    words.extend(text("resource").map(str::to_owned));
    let context = witness.get("context").and_then(Value::as_object);
    let keys: Vec<String> = context
        .into_iter()
        .flatten()
        .map(|(key, value)| match value {
            Value::Null => format!("without {key}"),
            Value::String(text) => format!("{key} = {text}"),
            other => format!("{key} = {other}"),
        })
        .collect();
    if keys.is_empty() {
        words.join(" ")
    } else {
        format!("{} where {}", words.join(" "), keys.join(", "))
    }
}
