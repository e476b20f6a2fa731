//! A policy document, ready to be evaluated.

use super::{Condition, Context, Lookup, Operands, Position, Template};

/// The policy language's version; without one, a document is of 2008.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`: no policy variables.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// What a statement does to requests that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Allows them.
    Allow,
    /// Denies them.
    Deny,
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its version.
    pub version: Version,
    /// Its `Id`.
    pub id: Option<String>,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

impl Policy {
    /// Whether a condition or variable reads a key that the context does not tell, or a principal is named by an id that
    /// only such a key could tell.
    pub(crate) fn reads_unknown_keys(&self, context: &Context) -> bool {
        let ids = context.lookup("aws:userid") == Lookup::Unknown;
        self.statements.iter().any(|statement| {
            let by_id = ids
                && statement.principal.iter().any(|clause| {
                    let mut entries = clause.entries.iter();
                    entries.any(|entry| matches!(entry, PrincipalEntry::UniqueId(_)))
                });
            let resources = statement
                .resources
                .iter()
                .flat_map(|resources| &resources.patterns);
            by_id
                || resources
                    .into_iter()
                    .any(|pattern| pattern.is_uncertain(context))
                || statement
                    .conditions
                    .iter()
                    .any(|condition| condition.reads_unknown_keys(context))
        })
    }
}

impl Condition {
    fn reads_unknown_keys(&self, context: &Context) -> bool {
        let by_variable = match &self.operands {
            Operands::Templates(templates) => templates
                .iter()
                .any(|template| template.is_uncertain(context)),
            _ => false,
        };
        by_variable
            || context.lookup(&self.key) == Lookup::Unknown
            || context.is_pathless(&self.key)
    }
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<PrincipalClause>,
    /// `Action` or `NotAction`.
    pub actions: Actions,
    /// `Resource` or `NotResource`; `None` where the policy's resource is implied (role trust).
    pub resources: Option<Resources>,
    /// All of `Condition`, in order; every one has to be met.
    pub conditions: Vec<Condition>,
    /// Where the statement starts.
    pub at: Position,
}

/// `Action` or `NotAction`: lower case, as actions have no case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    /// `NotAction`.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<Template>,
}

/// `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// `NotResource`.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<Template>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalClause {
    /// `NotPrincipal`.
    pub negated: bool,
    /// The principals named.
    pub entries: Vec<PrincipalEntry>,
}

/// One principal named in a policy ("AWS JSON policy elements: Principal", IAM User Guide).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalEntry {
    /// `*`, or `{"AWS": "*"}`.
    Everyone,
    /// An account: its id or root ARN.
    Account(String),
    /// An ARN of a user, role, session or federated user.
    Arn(String),
    /// A unique id (`AROA...`, `AIDA...`) that stands for a principal since deleted or elsewhere.
    UniqueId(String),
    /// An AWS service; `*` for every one.
    Service(String),
    /// An identity provider: an ARN or a domain; `*` for every one.
    Federated(String),
    /// An S3 canonical user.
    CanonicalUser(String),
}
