//! Who makes a request.

/// The kind of a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// The root user of its account.
    Root,
    /// An IAM user.
    User,
    /// A role, where the session's name is not told.
    Role,
    /// A session of a role.
    RoleSession,
    /// A user federated with `GetFederationToken`.
    FederatedUser,
    /// A web identity or SAML provider's user, before a role is assumed; the provider's ARN or domain.
    Federated(String),
    /// An AWS service by its own right.
    Service(String),
    /// Nobody: an unsigned request.
    Anonymous,
}

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Its kind.
    pub kind: PrincipalKind,
    /// Its ARN, where it has one.
    pub arn: Option<String>,
    /// Its account, where it has one.
    pub account: Option<String>,
    /// The user's, role's or federated user's name.
    pub name: Option<String>,
    /// The ARN of the role of a session. A session's ARN lacks the role's path: see `role_path_known`.
    pub role_arn: Option<String>,
    /// Whether `role_arn` has the role's true path.
    pub role_path_known: bool,
}

impl Principal {
    /// An unsigned request.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::of(PrincipalKind::Anonymous)
    }

    /// An AWS service: `lambda.amazonaws.com`.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self::of(PrincipalKind::Service(name.to_owned()))
    }

    /// A provider's user, by the provider's ARN or domain.
    #[must_use]
    pub fn federated(provider: &str) -> Self {
        let mut principal = Self::of(PrincipalKind::Federated(provider.to_owned()));
        principal.arn = provider.starts_with("arn:").then(|| provider.to_owned());
        principal
    }

    /// Reads what people write for a principal: an ARN, an account id, `*`, a service's or a provider's domain.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "*" || text.eq_ignore_ascii_case("anonymous") {
            return Ok(Self::anonymous());
        }
        if is_account(text) {
            return Ok(Self::root("aws", text));
        }
        if text.starts_with("arn:") {
            return Self::parse_arn(text);
        }
        if is_service(text) {
            return Ok(Self::service(text));
        }
        if text.contains('.') && !text.contains([' ', ':']) {
            return Ok(Self::federated(text));
        }
        Err(format!(
            "`{text}` is no principal: write an ARN of a user, role, session or root, an account id, a service or a provider"
        ))
    }

    fn parse_arn(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no ARN of a user, role, session, federated user, root or identity provider"
            )
        };
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or_else(wrong);
        let (_, partition, service, _, account, resource) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        if resource == "root" && service == "iam" {
            return Ok(Self::root(partition, account));
        }
        let (kind, path) = resource.split_once('/').ok_or_else(wrong)?;
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.is_empty() || account.is_empty() {
            return Err(wrong());
        }
        let base = |kind| Self {
            arn: Some(text.to_owned()),
            account: Some(account.to_owned()),
            name: Some(name.to_owned()),
            ..Self::of(kind)
        };
        match (service, kind) {
            ("iam", "user") => Ok(base(PrincipalKind::User)),
            ("iam", "role") => Ok(Self {
                role_arn: Some(text.to_owned()),
                role_path_known: true,
                ..base(PrincipalKind::Role)
            }),
            ("iam", "oidc-provider" | "saml-provider") => Ok(Self::federated(text)),
            ("sts", "assumed-role") => {
                let (role, _) = path.split_once('/').ok_or_else(wrong)?;
                Ok(Self {
                    name: Some(role.to_owned()),
                    role_arn: Some(format!("arn:{partition}:iam::{account}:role/{role}")),
                    ..base(PrincipalKind::RoleSession)
                })
            }
            ("sts", "federated-user") => Ok(base(PrincipalKind::FederatedUser)),
            _ => Err(wrong()),
        }
    }

    fn root(partition: &str, account: &str) -> Self {
        Self {
            arn: Some(format!("arn:{partition}:iam::{account}:root")),
            account: Some(account.to_owned()),
            ..Self::of(PrincipalKind::Root)
        }
    }

    fn of(kind: PrincipalKind) -> Self {
        Self {
            kind,
            arn: None,
            account: None,
            name: None,
            role_arn: None,
            role_path_known: false,
        }
    }

    /// The role's path and name become known: `arn:aws:iam::1:role/path/name` of the same role.
    pub(crate) fn learn_role(&mut self, arn: &str) {
        let same = arn.rsplit('/').next() == self.name.as_deref()
            && arn.split(':').nth(4) == self.account.as_deref();
        if self.kind == PrincipalKind::RoleSession && same && arn.contains(":role/") {
            self.role_arn = Some(arn.to_owned());
            self.role_path_known = true;
        }
    }

    /// Whether it is a service-linked role or its session. A session's ARN has no path;
    /// there the reserved name tells ("Using service-linked roles", IAM User Guide).
    #[must_use]
    pub fn is_service_linked_role(&self) -> bool {
        let by_path = self
            .role_arn
            .as_deref()
            .is_some_and(|arn| arn.contains(":role/aws-service-role/"));
        let by_name = self.kind == PrincipalKind::RoleSession
            && !self.role_path_known
            && self
                .name
                .as_deref()
                .is_some_and(|name| name.starts_with("AWSServiceRoleFor"));
        by_path || by_name
    }

    /// Whether identity policies can be attached to it, or it is root.
    #[must_use]
    pub fn has_account(&self) -> bool {
        !matches!(
            self.kind,
            PrincipalKind::Anonymous | PrincipalKind::Service(_) | PrincipalKind::Federated(_)
        )
    }
}

/// Whether it is the id of an account: twelve digits.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A service principal's name.
pub(crate) fn is_service(text: &str) -> bool {
    !text.starts_with("arn:")
        && !text.starts_with("cognito-identity.")
        && (text.ends_with(".amazonaws.com")
            || text.ends_with(".amazonaws.com.cn")
            || text.ends_with(".amazon.com"))
        && text != "www.amazon.com"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let user = Principal::parse("arn:aws:iam::111122223333:user/a/b/c").unwrap();
        assert_eq!(
            (user.kind, user.name.as_deref()),
            (PrincipalKind::User, Some("c"))
        );
        let session = Principal::parse("arn:aws:sts::111122223333:assumed-role/r/s").unwrap();
        assert_eq!(
            session.role_arn.as_deref(),
            Some("arn:aws:iam::111122223333:role/r")
        );
        assert_eq!(
            Principal::parse("111122223333").unwrap().kind,
            PrincipalKind::Root
        );
        for wrong in [
            "",
            "arn:aws:iam::1",
            "arn:aws:s3:::b",
            "arn:aws:iam::1:user/",
            "nobody",
            "arn:aws:sts::1:assumed-role/r",
        ] {
            assert!(Principal::parse(wrong).is_err(), "{wrong}");
        }
    }
}
