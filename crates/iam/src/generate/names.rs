//! What parameters say, as it stands in ARNs.

use super::resources::literal;

/// How a parameter's text becomes part of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// After the last slash.
    Last,
    /// `/team/` is `team/`.
    Path,
    /// Lower case: "Naming constraints in Amazon RDS".
    Lower,
    /// Before the first colon.
    Before,
    /// Nothing: only that it is there counts.
    Nothing,
    /// An ARN without its last part.
    Parent,
    /// A secret.
    Secret,
    /// A log group; an ARN of one may end in `:*`.
    LogGroup,
    /// A function, and its version or alias.
    Function,
    /// A name, and what follows it after a colon.
    Qualified,
    /// A task definition without a revision is any of them.
    Revision,
    /// A parameter of Parameter Store.
    Parameter,
    /// A path of Parameter Store.
    Tree,
    /// A key, and no alias.
    Key,
    /// A queue's URL.
    Queue,
    /// An event bus that is not the default one.
    OtherBus,
    /// The default event bus, which no ARN of a rule names.
    DefaultBus,
    /// The source of a copy, in a bucket.
    CopySource,
    /// The source of a copy, at an access point.
    CopyPoint,
    /// A bucket, and no access point.
    Bucket,
    /// An access point, by its ARN.
    Point,
    /// A URL without its scheme.
    Host,
    /// A document of AWS.
    Aws,
    /// An id that begins so.
    Begins(&'static str),
}

/// Why a text is no part of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// It names a resource of another type.
    Other,
    /// It names one of the type, and not by what stands in its ARN.
    Unknown,
}

impl Form {
    pub(super) fn read(text: &'static str) -> Option<Self> {
        Some(match text {
            "last" => Self::Last,
            "path" => Self::Path,
            "lower" => Self::Lower,
            "before" => Self::Before,
            "nothing" => Self::Nothing,
            "parent" => Self::Parent,
            "secret" => Self::Secret,
            "loggroup" => Self::LogGroup,
            "function" => Self::Function,
            "qualified" => Self::Qualified,
            "revision" => Self::Revision,
            "parameter" => Self::Parameter,
            "tree" => Self::Tree,
            "key" => Self::Key,
            "queue" => Self::Queue,
            "otherbus" => Self::OtherBus,
            "defaultbus" => Self::DefaultBus,
            "copysource" => Self::CopySource,
            "copypoint" => Self::CopyPoint,
            "bucket" => Self::Bucket,
            "point" => Self::Point,
            "host" => Self::Host,
            "aws" => Self::Aws,
            _ if text.ends_with('-') => Self::Begins(text),
            _ => return None,
        })
    }

    /// Whether an ARN of the very type is not yet what a policy names.
    pub(super) const fn reads_arns(self) -> bool {
        matches!(
            self,
            Self::Secret
                | Self::LogGroup
                | Self::Function
                | Self::Qualified
                | Self::Revision
                | Self::Parameter
                | Self::Tree
                | Self::Parent
        )
    }

    /// The parts of policies' ARNs for a text; `of_arn`: it stood in one.
    pub(super) fn pieces(self, text: &str, of_arn: bool) -> Result<Vec<String>, Odd> {
        let one = |text: &str| Ok(vec![literal(text)]);
        match self {
            Self::Plain | Self::Queue | Self::Bucket => one(text),
            Self::Point if of_arn => one(text),
            Self::Last => one(text.rsplit('/').next().unwrap_or(text)),
            Self::Path => one(text.trim_start_matches('/')),
            Self::Lower => one(&text.to_lowercase()),
            Self::Before => one(text.split(':').next().unwrap_or(text)),
            Self::Nothing => Ok(vec![String::new()]),
            Self::Parent => match text.rsplit_once(':') {
                Some((parent, _)) if of_arn => one(parent),
                _ => Err(Odd::Unknown),
            },
            Self::Secret => Ok(secret(text, of_arn)),
            Self::LogGroup => {
                let group = text.split(":log-stream:").next().unwrap_or(text);
                one(group.strip_suffix(":*").unwrap_or(group))
            }
            Self::Function | Self::Qualified => Ok(match text.split_once(':') {
                Some((name, _)) => vec![literal(name), literal(text)],
                None => vec![literal(text)],
            }),
            Self::Revision if text.contains(':') => one(text),
            Self::Revision => Ok(vec![format!("{}:*", literal(text))]),
            // "GetParameter": a version or a label follows after a colon.
            Self::Parameter => {
                let name = text.split(':').next().unwrap_or(text);
                one(name.trim_start_matches('/'))
            }
            Self::Tree => match text.trim_matches('/') {
                "" => Ok(vec!["*".to_owned()]),
                path => Ok(vec![literal(path), format!("{}/*", literal(path))]),
            },
            Self::Key if text.contains("alias/") => Err(Odd::Unknown),
            Self::Key => one(text),
            Self::OtherBus | Self::DefaultBus => {
                let name = text.rsplit('/').next().unwrap_or(text);
                match (name, self) {
                    ("default", Self::DefaultBus) => Ok(vec![String::new()]),
                    ("default", _) | (_, Self::DefaultBus) => Err(Odd::Other),
                    _ => one(name),
                }
            }
            Self::CopySource => copy_source(text).map(|source| vec![literal(&source)]),
            Self::Host => {
                let host = text.split_once("://").map_or(text, |(_, host)| host);
                one(host.trim_end_matches('/'))
            }
            Self::Aws if text.starts_with("AWS") => one(text),
            Self::Begins(start) if is_id(text, start) => one(text),
            Self::Aws | Self::Begins(_) | Self::CopyPoint | Self::Point => Err(Odd::Other),
        }
    }

    /// What is not an ARN and yet tells the account, as the ARN that it means.
    pub(super) fn as_arn(self, text: &str, partition: &str, region: &str) -> Option<String> {
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            // "Amazon SQS queue and message identifiers": https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
            Self::Queue => {
                let (_, path) = text.split_once("://")?.1.split_once('/')?;
                let (account, name) = path.rsplit_once('/')?;
                let account = account.rsplit('/').next().filter(|text| is_account(text))?;
                Some(format!("arn:{partition}:sqs:{region}:{account}:{name}"))
            }
            // "GetFunction", Lambda API Reference, partial ARN: ACCOUNT:function:NAME
            Self::Function => {
                let (account, rest) = text.split_once(':')?;
                rest.strip_prefix("function:")
                    .filter(|_| is_account(account))?;
                Some(format!("arn:{partition}:lambda:{region}:{account}:{rest}"))
            }
            // The source of a copy may be an access point's ARN, and is written as in a URL.
            Self::CopySource | Self::CopyPoint => {
                let source = copy_source(text).ok()?;
                source.starts_with("arn:").then_some(source)
            }
            _ => None,
        }
    }
}

/// A secret's ARN ends in a hyphen and six random characters, and a request may leave them out ("AWS Secrets Manager
/// secret"; "GetSecretValue", Secrets Manager API Reference). Of an ARN that ends in such a word of one kind of letters or of
/// digits and small letters it is not certain that they are there: both are named.
fn secret(text: &str, of_arn: bool) -> Vec<String> {
    let open = format!("{}-??????", literal(text));
    let end = text.rsplit_once('-').map(|(_, end)| end);
    let random = end.filter(|end| {
        of_arn && end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    match random {
        None => vec![open],
        Some(end) => {
            let upper = end.bytes().filter(u8::is_ascii_uppercase).count();
            if upper > 0 && upper < end.len() {
                vec![literal(text)]
            } else {
                vec![literal(text), open]
            }
        }
    }
}

fn is_id(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|rest| {
        !rest.is_empty()
            && rest.len() <= 32
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
    })
}

/// `bucket/key`, with or without a slash before it, written as in a URL, and maybe with a version after it
/// ("CopyObject", S3 API Reference).
fn copy_source(text: &str) -> Result<String, Odd> {
    let source = text.split("?versionId=").next().unwrap_or(text);
    let mut bytes = Vec::with_capacity(source.len());
    let mut rest = source.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|byte| (byte as char).to_digit(16));
            let (high, low) = (digit(), digit());
            let (Some(high), Some(low)) = (high, low) else {
                return Err(Odd::Unknown);
            };
            bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
        } else {
            bytes.push(byte);
        }
    }
    let source = String::from_utf8(bytes).map_err(|_| Odd::Unknown)?;
    let source = source.strip_prefix('/').unwrap_or(&source);
    match source.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => Ok(source.to_owned()),
        _ => Err(Odd::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_copies() {
        for (text, source) in [
            ("b/k", Ok("b/k")),
            ("/b/a%20b%2Fc?versionId=null", Ok("b/a b/c")),
            ("b", Err(Odd::Unknown)),
            ("b/%zz", Err(Odd::Unknown)),
            ("b/%f", Err(Odd::Unknown)),
            ("b/%ff", Err(Odd::Unknown)),
        ] {
            assert_eq!(copy_source(text), source.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn secrets() {
        assert_eq!(secret("db/a", false), ["db/a-??????"]);
        assert_eq!(secret("a-AbCd1f", false), ["a-AbCd1f-??????"]);
        assert_eq!(secret("a-AbCd1f", true), ["a-AbCd1f"]);
        assert_eq!(secret("my-secret", true), ["my-secret", "my-secret-??????"]);
        assert_eq!(secret("my-password", true), ["my-password-??????"]);
    }
}
