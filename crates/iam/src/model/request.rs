//! A request to decide.

use super::{Context, Principal, PrincipalKind};

/// What is told of a request.
#[derive(Debug, Clone)]
pub struct RequestInput {
    /// Who asks.
    pub principal: Principal,
    /// `service:Operation`, in any case.
    pub action: String,
    /// The resource's ARN, or `*` for an action without resource.
    pub resource: String,
    /// The account that owns the resource, where the ARN does not say.
    pub resource_account: Option<String>,
    /// Condition keys.
    pub context: Context,
}

/// A request with the condition keys that follow from it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// As written.
    pub action_text: String,
    /// Lower case.
    pub action: String,
    /// The ARN, or `*`.
    pub resource: String,
    /// The owner; `None` when neither the ARN nor the caller told.
    pub resource_account: Option<String>,
    /// Whether the owner was told or is in the ARN, rather than taken to be the principal's account.
    pub resource_account_known: bool,
    /// Condition keys, told and derived.
    pub context: Context,
}

impl Request {
    /// Derives the keys that principal and resource fix ("AWS global condition context keys" and
    /// "IAM policy elements: Variables and tags, principal key values"); told values come first.
    #[must_use]
    pub fn new(input: RequestInput) -> Self {
        let RequestInput {
            mut principal,
            action,
            resource,
            resource_account,
            mut context,
        } = input;
        if let Some(arn) = context.single("aws:principalarn") {
            let arn = arn.to_owned();
            principal.learn_role(&arn);
        }
        // What AWS itself owns (managed policies) has no account on the other side.
        let told = resource_account
            .filter(|account| account != "aws")
            .or_else(|| context.single("aws:resourceaccount").map(str::to_owned))
            .or_else(|| {
                arn_part(&resource, 4)
                    .filter(|part| super::principal::is_account(part))
                    .map(str::to_owned)
            });
        let resource_account_known = told.is_some();
        let resource_account = told.or_else(|| principal.account.clone());
        derive_principal(&principal, &mut context);
        if let Some(account) = &resource_account
            && resource_account_known
        {
            context.derive("aws:resourceaccount", account);
            if action_service(&action).eq_ignore_ascii_case("s3") {
                context.derive("s3:resourceaccount", account);
            }
        }
        if let Some(region) = arn_part(&resource, 3)
            .filter(|region| !region.is_empty() && !region.contains(['*', '?']))
        {
            context.derive("aws:requestedregion", region);
        }
        if let (Some(account), true) = (
            &principal.account,
            action_service(&action).eq_ignore_ascii_case("kms"),
        ) {
            context.derive("kms:calleraccount", account);
        }
        Self {
            action: action.to_lowercase(),
            action_text: action,
            principal,
            resource,
            resource_account,
            resource_account_known,
            context,
        }
    }

    /// The action's service prefix, lower case.
    #[must_use]
    pub fn service(&self) -> &str {
        action_service(&self.action)
    }

    /// Whether principal and resource are of one account.
    #[must_use]
    pub fn same_account(&self) -> bool {
        self.principal.account.is_some() && self.principal.account == self.resource_account
    }
}

fn action_service(action: &str) -> &str {
    action.split_once(':').map_or("", |(service, _)| service)
}

/// Part `index` of an ARN, from 0.
pub(crate) fn arn_part(arn: &str, index: usize) -> Option<&str> {
    if !arn.starts_with("arn:") {
        return None;
    }
    arn.splitn(6, ':').nth(index)
}

/// Keys of whoever has signed a request, besides those that start with `aws:Principal`.
const OF_SIGNERS: [&str; 7] = [
    "aws:username",
    "aws:assumedroot",
    "aws:federatedprovider",
    "aws:tokenissuetime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:sourceidentity",
];

/// A role of this name has no path, but where IAM Identity Center has made it: there a region may follow still
/// ("Referencing permission sets in resource policies", IAM Identity Center User Guide).
fn likely_arn(role: &str, name: &str) -> String {
    match role.strip_suffix(name) {
        Some(base) if name.starts_with("AWSReservedSSO_") => {
            format!("{base}aws-reserved/sso.amazonaws.com/{name}")
        }
        _ => role.to_owned(),
    }
}

fn derive_principal(principal: &Principal, context: &mut Context) {
    let account = principal.account.as_deref().unwrap_or_default();
    let name = principal.name.as_deref().unwrap_or_default();
    let (kind, arn) = match &principal.kind {
        PrincipalKind::Anonymous => {
            context.derive("aws:principalaccount", "anonymous");
            context.derive("aws:principaltype", "Anonymous");
            context.derive("aws:userid", "anonymous");
            // Nobody unsigned has anything else of a principal or of a session.
            context.close("aws:principal");
            for key in OF_SIGNERS {
                context.set_absent(key);
            }
            return;
        }
        PrincipalKind::Service(service) => {
            context.derive("aws:principalisawsservice", "true");
            context.derive("aws:principalservicename", service);
            for key in [
                "aws:username",
                "aws:principalarn",
                "aws:principalaccount",
                "aws:principalorgid",
            ] {
                context.set_absent(key);
            }
            return;
        }
        PrincipalKind::Federated(provider) => {
            context.derive("aws:federatedprovider", provider);
            for key in [
                "aws:username",
                "aws:principalarn",
                "aws:principalaccount",
                "aws:principalorgid",
                "aws:principalisawsservice",
                "aws:principalservicename",
            ] {
                context.set_absent(key);
            }
            return;
        }
        PrincipalKind::Root => {
            context.derive("aws:userid", account);
            ("Account", principal.arn.as_deref())
        }
        PrincipalKind::User => {
            context.derive("aws:username", name);
            ("User", principal.arn.as_deref())
        }
        // "For IAM roles, the request context returns the ARN of the role", path included, which a session's ARN lacks.
        PrincipalKind::RoleSession if !principal.role_path_known => {
            if let Some(arn) = &principal.role_arn {
                context.derive_pathless(&likely_arn(arn, name));
            }
            ("AssumedRole", None)
        }
        PrincipalKind::Role | PrincipalKind::RoleSession => {
            ("AssumedRole", principal.role_arn.as_deref())
        }
        PrincipalKind::FederatedUser => {
            context.derive("aws:userid", &format!("{account}:{name}"));
            ("FederatedUser", principal.arn.as_deref())
        }
    };
    if principal.kind != PrincipalKind::User {
        context.set_absent("aws:username");
    }
    context.set_absent("aws:principalservicename");
    context.derive("aws:principaltype", kind);
    context.derive("aws:principalaccount", account);
    context.derive("aws:principalisawsservice", "false");
    if let Some(arn) = arn {
        context.derive("aws:principalarn", arn);
    }
}
