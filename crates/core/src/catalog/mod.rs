//! The catalogue: tables, controls, recommendations and frameworks, as files that anyone can read, with their checks.

mod attestation;
mod control;
mod declared;
mod derived;
mod entry;
mod error;
mod exception;
mod framework;
mod load;
mod mutelist;
mod named;
mod pattern;
mod recommendation;
mod select;
mod source;
mod table;
mod text;
mod unheard;
mod unread;
mod waivers;
mod written;

pub use attestation::{Attestation, Attestations, Void};
pub use control::{Control, ControlTest, DAY, Effort, Repair, Sql, Subject};
pub use declared::Declared;
pub use derived::{Derived, DerivedColumn};
pub use error::CatalogError;
pub use exception::{Exception, Exceptions};
pub use framework::{EvidenceKind, Framework, Reach, Requirement};
pub use load::Catalog;
pub use named::Named;
pub use pattern::Pattern;
pub use recommendation::{Attest, Kind, Recommendation, RecommendationScope, Remedy};
pub use select::{Selected, Selection, SelectionError, UnknownId};
pub use source::{Embedded, Folder, Source, embedded_file, embedded_files};
pub use table::{Before, Fill, List, Scope, Table, TextType};
pub use text::Text;
