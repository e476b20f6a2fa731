//! Whom a statement of a resource policy names, and how: that decides what limits the grant
//! ("Policy evaluation logic: identity-based policies and resource-based policies within a single account").

use super::truth::{Atom, Truth};
use crate::model::{
    ContextValue, Effect, Facts, Lookup, PrincipalEntry, PrincipalKind, Request, Statement,
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

/// Under which condition a statement names the principal, for each way to name it.
#[derive(Debug, Clone)]
pub(crate) struct Named<T> {
    pub(crate) direct: T,
    pub(crate) role: T,
    pub(crate) account: T,
}

impl<T: Truth> Named<T> {
    pub(crate) fn nobody() -> Self {
        Self {
            direct: T::of(false),
            role: T::of(false),
            account: T::of(false),
        }
    }

    pub(crate) fn add(&mut self, form: Form, holds: T) {
        let side = match form {
            Form::Direct => &mut self.direct,
            Form::Role => &mut self.role,
            Form::Account => &mut self.account,
        };
        *side = side.clone().or(holds);
    }

    /// Whether it is named in any way.
    pub(crate) fn anyhow(&self) -> T {
        let stronger = self.direct.clone().or(self.role.clone());
        stronger.or(self.account.clone())
    }
}

/// How the statement names the request's principal.
pub(crate) fn named<T: Truth>(
    statement: &Statement,
    request: &Request,
    facts: &Facts,
    bounded: bool,
) -> Named<T> {
    let mut found = Named::nobody();
    let Some(clause) = &statement.principal else {
        return found;
    };
    for entry in &clause.entries {
        if let Some((form, holds)) = names(entry, request, facts) {
            found.add(form, holds);
        }
    }
    if !clause.negated {
        return found;
    }
    // "NotPrincipal with Deny always denies any IAM principal that has a permissions boundary attached,
    // regardless of the values" ("AWS JSON policy elements: NotPrincipal").
    let caught = statement.effect == Effect::Deny && bounded && has_boundary(request);
    Named {
        direct: T::of(caught).or(found.anyhow().negate()),
        ..Named::nobody()
    }
}

/// How the statement names the request's principal, by what is told; `None`: it does not.
pub(crate) fn form(
    statement: &Statement,
    request: &Request,
    facts: &Facts,
    bounded: bool,
) -> Option<Form> {
    let found: Named<bool> = named(statement, request, facts, bounded);
    if found.direct {
        Some(Form::Direct)
    } else if found.role {
        Some(Form::Role)
    } else {
        found.account.then_some(Form::Account)
    }
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

/// How one entry names the principal, and under which condition.
pub(crate) fn names<T: Truth>(
    entry: &PrincipalEntry,
    request: &Request,
    facts: &Facts,
) -> Option<(Form, T)> {
    let principal = &request.principal;
    let when = |holds: bool, form: Form| holds.then(|| (form, T::of(true)));
    match (entry, &principal.kind) {
        (PrincipalEntry::Everyone, _) => when(true, Form::Direct),
        (PrincipalEntry::Account(account), _) => when(
            principal.account.as_deref() == Some(account.as_str()),
            Form::Account,
        ),
        (PrincipalEntry::Arn(arn), PrincipalKind::Role | PrincipalKind::RoleSession) => {
            if principal.kind == PrincipalKind::RoleSession
                && principal.arn.as_deref() == Some(arn.as_str())
            {
                return when(true, Form::Direct);
            }
            when(is_role(arn, request), Form::Role)
        }
        (PrincipalEntry::Arn(arn), _) => {
            when(principal.arn.as_deref() == Some(arn.as_str()), Form::Direct)
        }
        (PrincipalEntry::UniqueId(id), kind) => {
            let form = match kind {
                PrincipalKind::Role | PrincipalKind::RoleSession => Form::Role,
                _ => Form::Direct,
            };
            Some((form, has_id(id, request)))
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

/// Whether the unique id is the principal's: `aws:userid` is it, and for a session it and the session's name
/// ("IAM policy elements: Variables and tags", where you can use principal key values). Ids of users and of roles begin
/// differently ("IAM identifiers", unique ID prefixes): one of the other kind is nobody here.
fn has_id<T: Truth>(id: &str, request: &Request) -> T {
    let kind = match &request.principal.kind {
        PrincipalKind::User => "AIDA",
        PrincipalKind::Role | PrincipalKind::RoleSession => "AROA",
        _ => "",
    };
    match request.context.lookup("aws:userid") {
        Lookup::Present(ContextValue::One(told)) => {
            T::of(!kind.is_empty() && id.starts_with(kind) && told.split(':').next() == Some(id))
        }
        Lookup::Unknown if !kind.is_empty() && id.starts_with(kind) => T::open(false, || Atom {
            operator: "StringLike".to_owned(),
            key: "aws:userid".to_owned(),
            values: vec![id.to_owned(), format!("{id}:*")],
        }),
        _ => T::of(false),
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
