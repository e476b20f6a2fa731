//! What AWS's services let a policy name: actions with their access level, resource types with their ARNs, condition
//! keys with their types. From the Service Authorization Reference, by way of the catalogue's `authorization` folder.
//!
//! The data is a photograph: services gain actions every week. So what is not in it is *not known here*, which is a
//! reason for a warning and never a reason for "no access".

mod service;
mod spelling;

pub(crate) use service::opened;

pub use service::{
    AccessLevel, Action, ActionResource, ConditionKey, KeyType, ResourceType, Service,
};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;
use zstd::zstd_safe;

/// The services by prefix. A service is read when it is first asked for.
pub struct Authorization {
    source: Header,
    services: BTreeMap<String, Entry>,
}

struct Entry {
    line: Line,
    read: OnceLock<Option<Service>>,
}

/// A service's line.
enum Line {
    Text(String),
    /// In a frame of its own.
    Packed(Cow<'static, [u8]>),
}

/// Bytes that a service's line may have: the longest has a twentieth of it.
const LONGEST: usize = 8 << 20;

/// Where the data comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Header {
    /// The package.
    pub source: String,
    /// Its version.
    pub version: String,
    /// Services whose resources resource control policies reach
    /// ("Resource control policies", AWS Organizations User Guide).
    pub rcp: Vec<String>,
    /// The regions of all partitions.
    #[serde(default)]
    pub regions: Vec<String>,
    /// The service part of ARNs, with the services whose resources have it.
    #[serde(default)]
    pub arns: BTreeMap<String, Vec<String>>,
    /// Prefixes of condition keys that are no service's own, with the services whose requests carry them.
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
    /// The services, in the order of their lines.
    #[serde(default)]
    pub services: Vec<String>,
}

/// The file is not of its form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct AuthorizationError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl Authorization {
    /// Opens the data: a line of JSON on where it comes from, then a line for each service.
    ///
    /// # Errors
    /// A line that does not begin as it must.
    pub fn open(text: &str) -> Result<Self, AuthorizationError> {
        let wrong = |line: usize, problem: &str| AuthorizationError {
            line,
            problem: problem.to_owned(),
        };
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        let source =
            serde_json::from_str(header).map_err(|error| wrong(1, &format!("header: {error}")))?;
        let mut services = BTreeMap::new();
        for (at, line) in lines.enumerate() {
            let prefix = line
                .strip_prefix("{\"prefix\":\"")
                .and_then(|rest| rest.split_once('"'))
                .map(|(prefix, _)| prefix.to_owned())
                .ok_or_else(|| wrong(at + 2, "a service begins with its prefix"))?;
            let entry = Entry::new(Line::Text(line.to_owned()));
            if services.insert(prefix, entry).is_some() {
                return Err(wrong(at + 2, "this service stands here twice"));
            }
        }
        Ok(Self { source, services })
    }

    /// The same from a Zstandard file with a frame for each line (RFC 8878): a service is unpacked when it is first asked
    /// for. All of them would be 4 MB, and few are.
    ///
    /// # Errors
    /// A frame that is none, or fewer or more of them than the first tells services.
    pub fn packed(bytes: Cow<'static, [u8]>) -> Result<Self, AuthorizationError> {
        let wrong = |line: usize, problem: String| AuthorizationError { line, problem };
        let mut frames = frames(bytes)
            .map_err(|(at, problem)| wrong(at, problem.to_owned()))?
            .into_iter();
        let header = frames.next().and_then(|frame| unpacked(&frame));
        let header = header.unwrap_or_default();
        let source: Header =
            serde_json::from_str(&header).map_err(|error| wrong(1, format!("header: {error}")))?;
        let lines: Vec<Entry> = frames
            .map(|frame| Entry::new(Line::Packed(frame)))
            .collect();
        if lines.len() != source.services.len() {
            let problem = format!(
                "{} services in {} frames",
                source.services.len(),
                lines.len()
            );
            return Err(wrong(1, problem));
        }
        let services = source.services.iter().cloned().zip(lines).collect();
        Ok(Self { source, services })
    }

    /// Reads every service, so that a fault in any of them is told.
    ///
    /// # Errors
    /// The first service that is not of its form.
    pub fn check(&self) -> Result<(), AuthorizationError> {
        for (at, entry) in self.services.values().enumerate() {
            Service::read(&entry.line()).map_err(|problem| AuthorizationError {
                line: at + 2,
                problem,
            })?;
        }
        Ok(())
    }

    /// Where the data comes from.
    #[must_use]
    pub fn source(&self) -> &Header {
        &self.source
    }

    /// The prefixes of all services, sorted.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(String::as_str)
    }

    /// All services, in the order of their prefixes.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values().filter_map(Entry::service)
    }

    /// A service by its prefix, in any case; `None`: not known here.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        let entry = self
            .services
            .get(prefix)
            .or_else(|| self.services.get(&prefix.to_lowercase()))?;
        entry.service()
    }

    /// An action as policies write it, `s3:GetObject`, in any case; `None`: not known here.
    #[must_use]
    pub fn action(&self, action: &str) -> Option<&Action> {
        let (prefix, name) = action.split_once(':')?;
        self.service(prefix)?.action(name)
    }

    /// Whether resource control policies reach the service's resources.
    #[must_use]
    pub fn has_rcp(&self, prefix: &str) -> bool {
        self.source
            .rcp
            .iter()
            .any(|with| with.eq_ignore_ascii_case(prefix))
    }
}

impl Entry {
    const fn new(line: Line) -> Self {
        Self {
            line,
            read: OnceLock::new(),
        }
    }

    fn line(&self) -> Cow<'_, str> {
        match &self.line {
            Line::Text(text) => text.into(),
            Line::Packed(frame) => unpacked(frame).unwrap_or_default().into(),
        }
    }

    fn service(&self) -> Option<&Service> {
        self.read
            .get_or_init(|| Service::read(&self.line()).ok())
            .as_ref()
    }
}

/// The frames of a Zstandard file; an error says which, from 1, is none.
fn frames(bytes: Cow<'static, [u8]>) -> Result<Vec<Cow<'static, [u8]>>, (usize, &'static str)> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = zstd_safe::find_frame_compressed_size(rest)
            .map_err(|code| (places.len() + 1, zstd_safe::get_error_name(code)))?;
        places.push(at..at + length);
        at += length;
    }
    let places = places.into_iter();
    Ok(match bytes {
        Cow::Borrowed(all) => places
            .map(|at| Cow::Borrowed(all.get(at).unwrap_or_default()))
            .collect(),
        Cow::Owned(all) => places
            .map(|at| Cow::Owned(all.get(at).unwrap_or_default().to_vec()))
            .collect(),
    })
}

fn unpacked(frame: &[u8]) -> Option<String> {
    let length = zstd_safe::get_frame_content_size(frame).ok()??;
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= LONGEST)?;
    String::from_utf8(zstd::bulk::decompress(frame, length).ok()?).ok()
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("source", &self.source)
            .field("services", &self.services.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = concat!(
        r#"{"source":"x","version":"1","rcp":["s3"]}"#,
        "\n",
        r#"{"prefix":"s3","name":"Amazon S3","keys":[["s3:prefix","String"],["s3:odd",null]],"resources":[{"name":"bucket","arn":"arn:${Partition}:s3:::${BucketName}"}],"actions":[{"name":"ListBucket","level":"List","resources":[{"type":0,"required":true}],"keys":[0]}]}"#,
        "\n",
        r#"{"prefix":"odd","#,
    );

    #[test]
    fn an_action_is_found_in_any_case_and_an_unknown_one_is_unknown() {
        let data = Authorization::open(TEXT).unwrap();
        let action = data.action("S3:listbucket").unwrap();
        assert_eq!(action.name, "ListBucket");
        assert_eq!(action.level, AccessLevel::List);
        let service = data.service("s3").unwrap();
        assert_eq!(service.keys[action.keys[0]].name, "s3:prefix");
        assert_eq!(service.keys[1].kind, None);
        assert!(data.action("s3:ListBuckets").is_none());
        assert!(data.action("ListBucket").is_none());
        assert!(data.has_rcp("s3") && !data.has_rcp("ec2"));
    }

    #[test]
    fn packed_it_is_the_same() {
        let frames: Vec<Vec<u8>> = TEXT
            .replace(r#""rcp""#, r#""services":["s3","odd"],"rcp""#)
            .lines()
            .map(|line| zstd::bulk::compress(line.as_bytes(), 3).unwrap())
            .collect();
        let all = frames.concat();
        let data = Authorization::packed(all.clone().into()).unwrap();
        assert_eq!(data.prefixes().collect::<Vec<_>>(), ["odd", "s3"]);
        assert_eq!(data.action("s3:listbucket").unwrap().name, "ListBucket");
        assert!(data.service("odd").is_none() && data.check().is_err());
        for wrong in [
            &all[..frames[0].len()],
            &all[..all.len() - 1],
            &all[1..],
            &[][..],
            b"not packed",
        ] {
            assert!(Authorization::packed(wrong.to_vec().into()).is_err());
        }
    }

    #[test]
    fn a_broken_service_is_named_by_check_and_is_unknown_before() {
        let data = Authorization::open(TEXT).unwrap();
        assert!(data.service("odd").is_none());
        assert!(data.check().is_err());
        let twice = format!("{TEXT}\n{{\"prefix\":\"s3\"");
        assert_eq!(Authorization::open(&twice).unwrap_err().line, 4);
        assert_eq!(Authorization::open("{}").unwrap_err().line, 1);
        assert_eq!(Authorization::open("").unwrap_err().line, 1);
    }
}
