//! Patterns of resources from what a record's parameters say, by a rule.

use super::{
    names::{Form, Odd},
    parameters::Told,
    records::Record,
    resources::{is_arn, kind, literal, partition},
    rules::{Part, Pattern, Rule, Value},
};
use crate::authorization::{ResourceType, Service};

/// More resources than this of one rule are not told one by one.
const MANY: usize = 1_000;

/// What a rule tells of the resources of its type.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its parameters are not there.
    Nothing,
    /// They are there, and what they say is not all known.
    Unknown,
    /// The patterns, each with whether it names more than the record does; none: the parameters name another type.
    Told(Vec<(String, bool)>),
}

/// A part of a pattern.
#[derive(Debug, Clone)]
struct Piece {
    /// The ARN up to its last part, where the value was an ARN.
    head: Option<String>,
    text: String,
    /// The text is an ARN.
    whole: bool,
    wide: bool,
}

/// Where the values of a rule are looked up.
pub(super) struct Asked<'a> {
    pub(super) record: &'a Record,
    pub(super) service: &'a Service,
    /// The type, and its index.
    pub(super) resource: &'a ResourceType,
    pub(super) at: usize,
}

impl Asked<'_> {
    pub(super) fn answer(&self, rule: &Rule) -> Answer {
        let (mut all, mut told) = (Vec::new(), false);
        for pattern in &rule.patterns {
            match self.pattern(pattern) {
                Answer::Nothing => {}
                Answer::Unknown => return Answer::Unknown,
                Answer::Told(found) => {
                    told = true;
                    all.extend(found);
                }
            }
        }
        if told {
            Answer::Told(all)
        } else {
            Answer::Nothing
        }
    }

    fn pattern(&self, pattern: &Pattern) -> Answer {
        let start = Piece {
            head: None,
            text: String::new(),
            whole: false,
            wide: false,
        };
        let mut all = vec![start];
        let mut before = Some("");
        for part in &pattern.parts {
            let pieces = match part {
                Part::Text(text) => {
                    before = before.filter(|before| before.is_empty()).map(|_| *text);
                    for piece in all.iter_mut().filter(|piece| !piece.whole) {
                        piece.text.push_str(text);
                    }
                    continue;
                }
                Part::Value(value) => match self.value(value, before.take()) {
                    Ok(Some(pieces)) => pieces,
                    Ok(None) => return Answer::Nothing,
                    Err(Odd::Unknown) => return Answer::Unknown,
                    Err(Odd::Other) => return Answer::Told(Vec::new()),
                },
            };
            if all.len().saturating_mul(pieces.len()) > MANY {
                return Answer::Unknown;
            }
            let joined = all.iter().flat_map(|piece| {
                pieces.iter().map(move |next| {
                    if piece.whole || next.whole {
                        return if piece.whole { piece } else { next }.clone();
                    }
                    Piece {
                        head: piece.head.clone().or_else(|| next.head.clone()),
                        text: format!("{}{}", piece.text, next.text),
                        whole: false,
                        wide: piece.wide || next.wide,
                    }
                })
            });
            all = joined.collect();
        }
        let (own, known) = self.head(pattern.no_account);
        let arns = all.into_iter().map(|piece| {
            if piece.whole {
                return (piece.text, false);
            }
            if piece.text == "*" {
                return (piece.text, true);
            }
            let wide = piece.wide || piece.head.is_none() && !known;
            let head = piece.head.as_ref().unwrap_or(&own);
            (format!("{head}:{}", piece.text), wide)
        });
        Answer::Told(arns.collect())
    }

    /// The type's ARN up to its last part, and whether all of it is known.
    fn head(&self, no_account: bool) -> (String, bool) {
        let parts: Vec<&str> = self.resource.arn.splitn(6, ':').take(5).collect();
        let head = parts.join(":");
        let (region, account) = (&self.record.region, &self.record.account);
        let known = (region.is_some() || !head.contains("${Region}"))
            && (account.is_some() || !head.contains("${Account}"));
        let or_star = |text: &Option<String>| text.as_deref().map_or("*".to_owned(), literal);
        let account = if no_account {
            String::new()
        } else {
            or_star(account)
        };
        let head = head
            .replace("${Partition}", &partition(self.record))
            .replace("${Region}", &or_star(region))
            .replace("${Account}", &account);
        (head, known)
    }

    /// The pieces that a value stands for. `before`: the text before it, where it is the first of its pattern.
    fn value(&self, value: &Value, before: Option<&str>) -> Result<Option<Vec<Piece>>, Odd> {
        let mut unknown = false;
        for path in &value.paths {
            let record = self.record;
            // ARNs that stand there for other reasons: those that do not fit are no sign of anything.
            let aside: Option<Vec<&str>> = match path.as_str() {
                "resources" => Some(record.resources.iter().map(|r| r.arn.as_str()).collect()),
                "caller" => Some(record.caller.iter().map(String::as_str).collect()),
                "*" => Some(plain_members(record)),
                _ => path
                    .strip_prefix("response.")
                    .map(|path| match record.response.get(path) {
                        Told::Values(values) => values.iter().map(String::as_str).collect(),
                        Told::Absent | Told::Unknown => Vec::new(),
                    }),
            };
            if let Some(texts) = aside {
                let fitting = texts.iter().filter_map(|text| {
                    let kind_is_own = !is_arn(text) || kind(self.service, text) == Some(self.at);
                    if !kind_is_own && !value.form.reads_arns() {
                        return None;
                    }
                    self.pieces(text, value.form, before).ok()
                });
                let pieces: Vec<Piece> = fitting.flatten().collect();
                if !pieces.is_empty() {
                    return Ok(Some(pieces));
                }
                continue;
            }
            match record.parameters.get(path) {
                Told::Absent => {}
                Told::Unknown => unknown = true,
                Told::Values(values) => {
                    let mut all = Vec::new();
                    for text in values {
                        match self.pieces(text, value.form, before) {
                            Ok(pieces) => all.extend(pieces),
                            Err(Odd::Other) => {}
                            Err(Odd::Unknown) => return Err(Odd::Unknown),
                        }
                    }
                    return if all.is_empty() {
                        Err(Odd::Other)
                    } else {
                        Ok(Some(all))
                    };
                }
            }
        }
        if unknown {
            return Err(Odd::Unknown);
        }
        Ok(value.default.map(|text| {
            vec![Piece {
                head: None,
                text: text.to_owned(),
                whole: false,
                wide: text == "*",
            }]
        }))
    }

    fn pieces(&self, text: &str, form: Form, before: Option<&str>) -> Result<Vec<Piece>, Odd> {
        let record = self.record;
        let region = record.region.as_deref().unwrap_or("*");
        let meant = form.as_arn(text, &partition(record), region);
        let text = meant.as_deref().unwrap_or(text);
        let piece = |head: Option<&str>, text: String| Piece {
            head: head.map(literal),
            text,
            whole: false,
            wide: false,
        };
        if !is_arn(text) {
            let texts = form.pieces(text, false)?;
            return Ok(texts.into_iter().map(|text| piece(None, text)).collect());
        }
        if !form.reads_arns() && kind(self.service, text) == Some(self.at) {
            return Ok(vec![Piece {
                head: None,
                text: literal(text),
                whole: true,
                wide: false,
            }]);
        }
        let (head, tail) = split(text).ok_or(Odd::Other)?;
        let same_service = self.resource.arn.split(':').nth(2) == head.split(':').nth(2);
        let inside = before
            .filter(|before| same_service && (form.reads_arns() || !before.is_empty()))
            .and_then(|before| tail.strip_prefix(before));
        if let Some(inside) = inside {
            let texts = form.pieces(inside, true)?;
            let pieces = texts.into_iter().map(|text| piece(Some(head), text));
            return Ok(pieces.collect());
        }
        // A cluster's ARN where a service's wants the cluster's name.
        if matches!(form, Form::Last | Form::OtherBus | Form::DefaultBus) && same_service {
            let texts = form.pieces(tail, true)?;
            let pieces = texts.into_iter().map(|text| piece(Some(head), text));
            return Ok(pieces.collect());
        }
        let of_another = matches!(
            form,
            Form::CopySource | Form::CopyPoint | Form::Bucket | Form::Begins(_)
        );
        Err(if of_another { Odd::Other } else { Odd::Unknown })
    }
}

/// The ARN up to its last part, and the last part.
fn split(arn: &str) -> Option<(&str, &str)> {
    let (at, _) = arn.match_indices(':').nth(4)?;
    Some((arn.get(..at)?, arn.get(at + 1..)?))
}

/// The texts of all parameters that say what the request is about, and neither how it is described nor whom a rule lets in.
fn plain_members(record: &Record) -> Vec<&str> {
    let all = record.parameters.all();
    all.filter(|(path, _)| {
        !["tag", "description", "token", "userdata", "ippermissions"]
            .iter()
            .any(|word| path.contains(word))
    })
    .map(|(_, text)| text)
    .collect()
}
