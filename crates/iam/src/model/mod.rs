//! The inputs of a decision: policies, a request, and the layers that judge it.

mod condition;
mod context;
mod layers;
mod multivalued;
mod operator;
mod policy;
mod position;
mod principal;
mod reached;
mod request;
mod role_paths;
mod template;
mod vain;

pub mod scalar;

pub use condition::{Condition, Operands};
pub use context::{Context, ContextValue, Lookup};
pub use layers::{Acl, Facts, KmsGrant, Layers, Level, NamedPolicy, S3Facts};
pub(crate) use multivalued::is_multivalued;
pub use operator::{Operator, Order, SetOperator, Test, TextTest};
pub use policy::{
    Actions, Effect, Policy, PrincipalClause, PrincipalEntry, Resources, Statement, Version,
};
pub use position::Position;
pub use principal::is_account;
pub(crate) use principal::is_service;
pub use principal::{Principal, PrincipalKind};
pub use reached::Reached;
pub(crate) use request::arn_part;
pub use request::{Request, RequestInput};
pub(crate) use template::Resolved;
pub use template::{Part, Template, Variable};
