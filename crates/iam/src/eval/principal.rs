//! Whom a statement of a resource policy names, and how: that decides what limits the grant
//! ("Policy evaluation logic: identity-based policies and resource-based policies within a single account").

use crate::model::{
    Effect, Facts, PrincipalClause, PrincipalEntry, PrincipalKind, Request, Statement,
};

/// How a statement names the principal, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// By its account: identity policies then decide within that account.
    Account,
    /// By the role of the session: a boundary or session policy still limits the grant.
    Role,
    /// Itself (user, session, service, provider) or everyone: no implicit deny limits the grant.
    Direct,
}

/// How the statement names the request's principal; `None`: it does not.
pub(crate) fn form(
    statement: &Statement,
    request: &Request,
    facts: &Facts,
    bounded: bool,
) -> Option<Form> {
    let clause = statement.principal.as_ref()?;
    if !clause.negated {
        return strongest(clause, request, facts);
    }
    // "NotPrincipal with Deny always denies any IAM principal that has a permissions boundary attached,
    // regardless of the values" ("AWS JSON policy elements: NotPrincipal").
    let caught = statement.effect == Effect::Deny && bounded && has_boundary(request);
    (caught || strongest(clause, request, facts).is_none()).then_some(Form::Direct)
}

fn has_boundary(request: &Request) -> bool {
    matches!(
        request.principal.kind,
        PrincipalKind::User
            | PrincipalKind::Role
            | PrincipalKind::RoleSession
            | PrincipalKind::FederatedUser
    )
}

fn strongest(clause: &PrincipalClause, request: &Request, facts: &Facts) -> Option<Form> {
    clause
        .entries
        .iter()
        .filter_map(|entry| names(entry, request, facts))
        .max()
}

/// How one entry names the principal.
pub(crate) fn names(entry: &PrincipalEntry, request: &Request, facts: &Facts) -> Option<Form> {
    let principal = &request.principal;
    let when = |holds: bool, form: Form| holds.then_some(form);
    match (entry, &principal.kind) {
        (PrincipalEntry::Everyone, _) => Some(Form::Direct),
        (PrincipalEntry::Account(account), _) => when(
            principal.account.as_deref() == Some(account.as_str()),
            Form::Account,
        ),
        (PrincipalEntry::Arn(arn), PrincipalKind::Role | PrincipalKind::RoleSession) => {
            if principal.kind == PrincipalKind::RoleSession
                && principal.arn.as_deref() == Some(arn.as_str())
            {
                return Some(Form::Direct);
            }
            when(is_role(arn, request), Form::Role)
        }
        (PrincipalEntry::Arn(arn), _) => {
            when(principal.arn.as_deref() == Some(arn.as_str()), Form::Direct)
        }
        (PrincipalEntry::UniqueId(id), kind) => {
            let own = request
                .context
                .single("aws:userid")
                .and_then(|userid| userid.split(':').next())
                == Some(id.as_str());
            let form = match kind {
                PrincipalKind::Role | PrincipalKind::RoleSession => Form::Role,
                _ => Form::Direct,
            };
            when(own, form)
        }
        (PrincipalEntry::Service(name), PrincipalKind::Service(service)) => when(
            name == "*" || name.eq_ignore_ascii_case(service),
            Form::Direct,
        ),
        (PrincipalEntry::Federated(name), PrincipalKind::Federated(provider)) => {
            when(name == "*" || name == provider, Form::Direct)
        }
        (PrincipalEntry::CanonicalUser(id), _) => when(
            facts.canonical_user.as_deref() == Some(id.as_str()),
            Form::Account,
        ),
        (PrincipalEntry::Service(_) | PrincipalEntry::Federated(_), _) => None,
    }
}

/// Whether the ARN is that of the principal's role. A session's ARN lacks the role's path,
/// and a role's name is unique in its account whatever its path ("IAM identifiers").
fn is_role(arn: &str, request: &Request) -> bool {
    let principal = &request.principal;
    let Some(own) = principal.role_arn.as_deref() else {
        return false;
    };
    if own == arn {
        return true;
    }
    let (Some((own_account, own_path)), Some((account, path))) =
        (own.split_once(":role/"), arn.split_once(":role/"))
    else {
        return false;
    };
    !principal.role_path_known
        && own_account == account
        && path.rsplit('/').next() == Some(own_path)
}
