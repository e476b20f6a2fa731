//! The second brain: slow, literal, over plain JSON, written from the documentation alone. It shares no code with the
//! engine. It covers the members of a case that the generator makes.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::string_slice
)]

use serde_json::Value;

type Pair = (String, Vec<String>, bool);

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

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        other => vec![other.clone()],
    }
}

fn strings(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .collect()
}

struct Caller {
    arn: String,
    kind: &'static str,
    account: String,
    name: String,
    role: String,
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

struct Asked {
    who: Caller,
    action: String,
    resource: String,
    owner: String,
    context: Vec<Pair>,
}

fn asked(request: &Value) -> Asked {
    let who = caller(&request["principal"]);
    let resource = request["resource"].as_str().unwrap().to_owned();
    let mut context: Vec<Pair> = Vec::new();
    if let Some(told) = request["context"].as_object() {
        for (key, value) in told {
            context.push((key.to_lowercase(), strings(value), value.is_array()));
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
            add(
                "aws:principalarn",
                if who.role.is_empty() {
                    &who.arn
                } else {
                    &who.role
                },
            );
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
    fn key(&self, key: &str) -> Option<&Pair> {
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

    fn applies(&self, statement: &Value, version: &str) -> bool {
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

    fn met(&self, operator: &str, key: &str, policy: &[String], version: &str) -> bool {
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
    length == 0 || value >> (32 - length) == base >> (32 - length)
}

/// "self", "role", "account": how a policy's principal element names the caller.
fn named(asked: &Asked, principal: &Value) -> Vec<&'static str> {
    let who = &asked.who;
    if principal == "*" {
        return vec!["self"];
    }
    let mut found = Vec::new();
    for (kind, values) in principal.as_object().unwrap() {
        for value in strings(values) {
            if kind == "Service" {
                if who.kind == "service" && value == who.name {
                    found.push("self");
                }
            } else if value == "*"
                || (!who.arn.is_empty()
                    && value == who.arn
                    && who.kind != "root"
                    && who.kind != "role")
            {
                found.push("self");
            } else if value == who.account || value == format!("arn:aws:iam::{}:root", who.account)
            {
                found.push("account");
            } else {
                let in_account = value.starts_with(&format!("arn:aws:iam::{}:role/", who.account));
                let by_name = who.kind == "session"
                    && in_account
                    && value.ends_with(&format!("/{}", who.name));
                if by_name || (!who.role.is_empty() && value == who.role) {
                    found.push("role");
                }
            }
        }
    }
    found
}

struct Said {
    allow: bool,
    deny: bool,
}

fn documents(value: &Value) -> Vec<Value> {
    list(value)
        .into_iter()
        .map(|policy| policy.get("policy").cloned().unwrap_or(policy))
        .collect()
}

fn attached(asked: &Asked, policies: &[Value]) -> Said {
    let mut said = Said {
        allow: false,
        deny: false,
    };
    for policy in policies {
        let version = policy["Version"].as_str().unwrap_or("2008-10-17");
        for statement in list(&policy["Statement"]) {
            if asked.applies(&statement, version) {
                if statement["Effect"] == "Allow" {
                    said.allow = true
                } else {
                    said.deny = true
                }
            }
        }
    }
    said
}

/// Whether a residual condition holds in a case; `None` where it has policy variables or is too large to be told.
pub fn holds(case: &Value, condition: &Value) -> Option<bool> {
    let asked = asked(&case["request"]);
    let each = |name: &str| {
        condition[name]
            .as_array()
            .map(|terms| terms.iter().map(|term| holds(case, term)))
    };
    if let Some(mut terms) = each("all") {
        return terms.try_fold(true, |all, term| Some(all & term?));
    }
    if let Some(mut terms) = each("any") {
        return terms.try_fold(false, |any, term| Some(any | term?));
    }
    if let Some(term) = condition.get("not") {
        return Some(!holds(case, term)?);
    }
    let values = strings(&condition["values"]);
    if condition.get("unknown").is_some() || values.iter().any(|value| value.contains("${")) {
        return None;
    }
    Some(asked.met(
        condition["operator"].as_str()?,
        condition["key"].as_str()?,
        &values,
        "2012-10-17",
    ))
}

/// The verdict on a case.
pub fn verdict(case: &Value, rcp_services: &[&str]) -> &'static str {
    let asked = asked(&case["request"]);
    let who = &asked.who;
    let service = asked.action.split(':').next().unwrap();
    let in_iam = ["user", "role", "session", "federated"].contains(&who.kind);
    if asked.action == "sts:getcalleridentity" && (in_iam || who.kind == "root") {
        return "Allowed";
    }
    let mut deny = false;
    let yes = || Said {
        allow: true,
        deny: false,
    };
    let mut identity = match who.kind {
        "root" => yes(),
        _ if in_iam => attached(&asked, &documents(&case["identityPolicies"])),
        _ => Said {
            allow: false,
            deny: false,
        },
    };
    deny |= identity.deny;
    let boundaries = documents(&case["permissionBoundaries"]);
    let mut limits = true;
    if in_iam {
        for policy in &boundaries {
            let said = attached(&asked, std::slice::from_ref(policy));
            limits &= said.allow;
            deny |= said.deny;
        }
        match documents(&case["sessionPolicy"]).first() {
            Some(policy) => {
                let said = attached(&asked, std::slice::from_ref(policy));
                limits &= said.allow;
                deny |= said.deny;
            }
            None => limits &= who.kind != "federated",
        }
    }
    identity.allow &= limits;

    let mut guard = true;
    let linked = who.role.contains(":role/aws-service-role/");
    if (in_iam || who.kind == "root") && !linked {
        for level in list(&case["scps"]) {
            let said = attached(&asked, &documents(&level["policies"]));
            guard &= said.allow;
            deny |= said.deny;
        }
    }
    let named_statements = |policies: &[Value]| -> Vec<(Value, Vec<&'static str>, bool)> {
        let mut found = Vec::new();
        for policy in policies {
            let version = policy["Version"]
                .as_str()
                .unwrap_or("2008-10-17")
                .to_owned();
            for statement in list(&policy["Statement"]) {
                let forms = if let Some(not) = statement.get("NotPrincipal") {
                    let caught = statement["Effect"] == "Deny" && in_iam && !boundaries.is_empty();
                    if caught || named(&asked, not).is_empty() {
                        vec!["self"]
                    } else {
                        vec![]
                    }
                } else {
                    named(&asked, &statement["Principal"])
                };
                let applies = asked.applies(&statement, &version);
                found.push((statement, forms, applies));
            }
        }
        found
    };
    if rcp_services.contains(&service) && !linked && asked.action != "kms:retiregrant" {
        for level in list(&case["rcps"]) {
            for (statement, forms, applies) in named_statements(&documents(&level["policies"])) {
                deny |= statement["Effect"] == "Deny" && applies && !forms.is_empty();
            }
        }
    }
    let endpoint = documents(&case["endpointPolicies"]);
    if !endpoint.is_empty() {
        let mut allow = false;
        for (statement, forms, applies) in named_statements(&endpoint) {
            if applies && !forms.is_empty() {
                if statement["Effect"] == "Allow" {
                    allow = true
                } else {
                    deny = true
                }
            }
        }
        guard &= allow;
    }
    let (mut direct, mut role, mut account) = (false, false, false);
    for (statement, forms, applies) in named_statements(&documents(&case["resourcePolicy"])) {
        if !applies || forms.is_empty() {
            continue;
        }
        if statement["Effect"] == "Deny" {
            deny = true;
        } else if forms.contains(&"self") {
            direct = true;
        } else if forms.contains(&"role") {
            role = true;
        } else {
            account = true;
        }
    }
    let path = asked.resource.splitn(6, ':').nth(5).unwrap_or_default();
    let own_policy_needed = service == "kms" && path.starts_with("key/")
        || asked.action == "sts:assumerole" && path.starts_with("role/");
    let granted = if who.account.is_empty() {
        direct
    } else if who.account == asked.owner {
        direct || role && limits || identity.allow && (account || !own_policy_needed)
    } else {
        (direct || role || account) && identity.allow
    };
    let impossible = asked.action == "sts:assumerole" && who.kind == "root";
    match (deny, granted && guard && !impossible) {
        (true, _) => "ExplicitlyDenied",
        (false, true) => "Allowed",
        (false, false) => "ImplicitlyDenied",
    }
}
