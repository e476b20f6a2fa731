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

mod asked;
mod grants;

use asked::{Asked, asked, list, strings};

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
            } else if value.starts_with("AROA") {
                let told = asked
                    .key("aws:userid")
                    .map(|(_, values, _)| values[0].as_str());
                let same = told == Some(value.as_str())
                    || told.is_some_and(|told| told.starts_with(&format!("{value}:")));
                // Roles alone have such ids.
                if same && ["role", "session"].contains(&who.kind) {
                    found.push("role");
                }
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
    for form in grants::forms(case, &asked) {
        match form {
            "self" => direct = true,
            "role" => role = true,
            _ => account = true,
        }
    }
    let path = asked.resource.splitn(6, ':').nth(5).unwrap_or_default();
    let own_policy_needed =
        service == "kms" && path.starts_with("key/") || asked.action == "sts:assumerole";
    let granted = if who.account.is_empty() {
        direct
    } else if who.account == asked.owner {
        direct || role && limits || identity.allow && (account || !own_policy_needed)
    } else {
        (direct || role || account) && identity.allow
    };
    let impossible = asked.action == "sts:assumerole" && ["root", "anonymous"].contains(&who.kind);
    match (deny, granted && guard && !impossible) {
        (true, _) => "ExplicitlyDenied",
        (false, true) => "Allowed",
        (false, false) => "ImplicitlyDenied",
    }
}
