//! What a case asks, and whether a statement is about it.

use serde_json::Value;

pub type Pair = (String, Vec<String>, bool);

/// The keys of the generator that AWS documents as multivalued: a list of one stays a list there.
const LISTS: [&str; 2] = ["aws:TagKeys", "kms:EncryptionContextKeys"];

/// Glob by recursion.
fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some('*') => glob(&pattern[1..], text) || (!text.is_empty() && glob(pattern, &text[1..])),
        Some('?') => !text.is_empty() && glob(&pattern[1..], &text[1..]),
        // Private-use characters stand for literal wildcards.
        Some('\u{e000}') => text.first() == Some(&'*') && glob(&pattern[1..], &text[1..]),
        Some('\u{e001}') => text.first() == Some(&'?') && glob(&pattern[1..], &text[1..]),
        Some(c) => text.first() == Some(c) && glob(&pattern[1..], &text[1..]),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    glob(
        &pattern.chars().collect::<Vec<_>>(),
        &text.chars().collect::<Vec<_>>(),
    )
}

pub fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        other => vec![other.clone()],
    }
}

pub fn strings(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .collect()
}

pub struct Caller {
    pub arn: String,
    pub kind: &'static str,
    pub account: String,
    pub name: String,
    pub role: String,
}

fn caller(principal: &Value) -> Caller {
    if let Some(kind) = principal["type"].as_str() {
        let kind = if kind == "Anonymous" {
            "anonymous"
        } else {
            "service"
        };
        let name = principal["service"].as_str().unwrap_or_default().to_owned();
        return Caller {
            arn: String::new(),
            kind,
            account: String::new(),
            name,
            role: String::new(),
        };
    }
    let arn = principal.as_str().unwrap().to_owned();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let account = parts[4].to_owned();
    let path: Vec<&str> = parts[5].split('/').collect();
    let (kind, name, role) = match path[0] {
        "root" => ("root", "", String::new()),
        "user" => ("user", *path.last().unwrap(), String::new()),
        "role" => ("role", *path.last().unwrap(), arn.clone()),
        "assumed-role" => (
            "session",
            path[1],
            format!("arn:aws:iam::{account}:role/{}", path[1]),
        ),
        "federated-user" => ("federated", path[1], String::new()),
        other => panic!("{other}"),
    };
    let name = name.to_owned();
    Caller {
        kind,
        account,
        name,
        role,
        arn,
    }
}

pub struct Asked {
    pub who: Caller,
    pub action: String,
    pub resource: String,
    pub owner: String,
    pub context: Vec<Pair>,
}

pub fn asked(request: &Value) -> Asked {
    let who = caller(&request["principal"]);
    let resource = request["resource"].as_str().unwrap().to_owned();
    let mut context: Vec<Pair> = Vec::new();
    if let Some(told) = request["context"].as_object() {
        for (key, value) in told {
            let values = strings(value);
            let many = value.is_array() && (values.len() != 1 || LISTS.contains(&key.as_str()));
            context.push((key.to_lowercase(), values, many));
        }
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let told = request["resourceAccount"].as_str();
    let in_arn = parts.get(4).filter(|part| part.len() == 12);
    let owner = told.or(in_arn.copied()).unwrap_or(&who.account).to_owned();
    let mut add = |key: &str, value: &str| {
        if !context.iter().any(|(known, ..)| known == key) {
            context.push((key.to_owned(), vec![value.to_owned()], false));
        }
    };
    match who.kind {
        "anonymous" => {
            add("aws:principalaccount", "anonymous");
            add("aws:principaltype", "Anonymous");
        }
        "service" => {
            add("aws:principalisawsservice", "true");
            add("aws:principalservicename", &who.name);
        }
        kind => {
            add("aws:principalaccount", &who.account);
            add("aws:principalisawsservice", "false");
            let arn = match (who.kind, who.role.is_empty()) {
                (_, true) => who.arn.clone(),
                // Only IAM Identity Center makes roles of such names, and under its own path.
                ("session", _) if who.name.starts_with("AWSReservedSSO_") => format!(
                    "arn:aws:iam::{}:role/aws-reserved/sso.amazonaws.com/{}",
                    who.account, who.name
                ),
                _ => who.role.clone(),
            };
            add("aws:principalarn", &arn);
            if kind == "user" {
                add("aws:username", &who.name);
            }
        }
    }
    if told.is_some() || in_arn.is_some() {
        add("aws:resourceaccount", &owner);
    }
    if let Some(region) = parts.get(3).filter(|region| !region.is_empty()) {
        add("aws:requestedregion", region);
    }
    Asked {
        action: request["action"].as_str().unwrap().to_lowercase(),
        who,
        resource,
        owner,
        context,
    }
}

impl Asked {
    pub fn key(&self, key: &str) -> Option<&Pair> {
        let key = key.to_lowercase();
        self.context
            .iter()
            .find(|(known, values, _)| *known == key && !values.is_empty())
    }

    /// Puts values in place of variables; wildcards in them are literal. `None`: a variable without value.
    fn fill(&self, text: &str, version: &str) -> Option<String> {
        if version != "2012-10-17" {
            return Some(text.to_owned());
        }
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(end) = rest[start..].find('}').map(|end| start + end) else {
                break;
            };
            filled.push_str(&rest[..start]);
            let inside = &rest[start + 2..end];
            let value = match inside {
                "*" | "?" | "$" => inside.to_owned(),
                _ => {
                    let (key, default) = match inside.split_once(", ") {
                        Some((key, default)) => (key, Some(default.trim_matches('\'').to_owned())),
                        None => (inside, None),
                    };
                    match self.key(key) {
                        Some((_, values, false)) => values[0].clone(),
                        Some((_, _, true)) => return None,
                        None => default?,
                    }
                }
            };
            filled.push_str(&value.replace('*', "\u{e000}").replace('?', "\u{e001}"));
            rest = &rest[end + 1..];
        }
        filled.push_str(rest);
        Some(filled)
    }

    pub fn applies(&self, statement: &Value, version: &str) -> bool {
        let action = |name: &str| {
            strings(&statement[name])
                .iter()
                .any(|pattern| like(&pattern.to_lowercase(), &self.action))
        };
        let acts = if statement.get("NotAction").is_some() {
            !action("NotAction")
        } else {
            action("Action")
        };
        let resource = |name: &str| {
            strings(&statement[name]).iter().any(|pattern| {
                self.fill(pattern, version)
                    .is_some_and(|pattern| like(&pattern, &self.resource))
            })
        };
        let on = if statement.get("NotResource").is_some() {
            !resource("NotResource")
        } else if statement.get("Resource").is_some() {
            resource("Resource")
        } else {
            true
        };
        let met = statement["Condition"].as_object().is_none_or(|operators| {
            operators.iter().all(|(operator, keys)| {
                keys.as_object()
                    .unwrap()
                    .iter()
                    .all(|(key, values)| self.met(operator, key, &strings(values), version))
            })
        });
        acts && on && met
    }

    pub fn met(&self, operator: &str, key: &str, policy: &[String], version: &str) -> bool {
        let found = self.key(key);
        if operator == "Null" {
            return policy
                .iter()
                .any(|value| (value == "true") == found.is_none());
        }
        let (set, name) = operator.split_once(':').unwrap_or(("", operator));
        let (name, if_exists) = name
            .strip_suffix("IfExists")
            .map_or((name, false), |name| (name, true));
        let negated = name.contains("Not");
        let Some((_, values, many)) = found else {
            return if_exists || set == "ForAllValues" || (set.is_empty() && negated);
        };
        let passes = |value: &String| {
            self.compare(&name.replace("Not", ""), value, policy, version, negated)
        };
        let empty = !many && values[0].is_empty();
        match set {
            "ForAllValues" => empty || values.iter().all(passes),
            "ForAnyValue" => !empty && values.iter().any(passes),
            _ => !many && passes(&values[0]),
        }
    }

    fn compare(
        &self,
        name: &str,
        value: &str,
        policy: &[String],
        version: &str,
        negated: bool,
    ) -> bool {
        let number = |text: &str| text.parse::<f64>().ok();
        if name.starts_with("Numeric") && number(value).is_none() {
            return false;
        }
        let matched = policy.iter().any(|wanted| {
            if name.starts_with("Numeric") {
                let (Some(a), Some(b)) = (number(value), number(wanted)) else {
                    return false;
                };
                return match name {
                    "NumericEquals" => a == b,
                    "NumericLessThan" => a < b,
                    "NumericGreaterThanEquals" => a >= b,
                    other => panic!("{other}"),
                };
            }
            if name == "Bool" {
                return wanted.eq_ignore_ascii_case("true") == value.eq_ignore_ascii_case("true");
            }
            if name == "IpAddress" {
                return in_range(value, wanted);
            }
            let Some(wanted) = self.fill(wanted, version) else {
                return false;
            };
            let plain = wanted.replace('\u{e000}', "*").replace('\u{e001}', "?");
            match name {
                "StringEquals" => plain == value,
                "StringEqualsIgnoreCase" => plain.to_lowercase() == value.to_lowercase(),
                "StringLike" => like(&wanted, value),
                "ArnLike" => {
                    let (a, b): (Vec<&str>, Vec<&str>) = (
                        wanted.splitn(6, ':').collect(),
                        value.splitn(6, ':').collect(),
                    );
                    let arn = b.len() == 6 && b[0] == "arn";
                    arn && (wanted == "*"
                        || a.len() == 6 && a.iter().zip(b).all(|(a, b)| like(a, b)))
                }
                other => panic!("{other}"),
            }
        });
        matched != negated
    }
}

fn in_range(value: &str, range: &str) -> bool {
    let bits = |text: &str| text.parse::<std::net::Ipv4Addr>().ok().map(u32::from);
    let (base, length) = range.split_once('/').unwrap_or((range, "32"));
    let (Some(value), Some(base), Ok(length)) = (bits(value), bits(base), length.parse::<u32>())
    else {
        return false;
    };
    length <= 32 && (length == 0 || value >> (32 - length) == base >> (32 - length))
}
