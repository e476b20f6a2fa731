//! S3 on Outposts: asked through S3 Control, with ARNs where a name stands for S3 itself.
//!
//! The endpoint rules make the host from the ARN; path and query carry the bare name, and a header the
//! Outpost. botocore does the same in `S3ControlArnParamHandlerv2`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/S3OutpostsWorkingBuckets.html>

use serde_json::Value;
use std::borrow::Cow;

/// The header that tells the Outpost.
pub(super) const HEADER: &str = "x-amz-outpost-id";

/// Members that hold a name or an ARN, and what the ARN says of the kind.
const MEMBERS: [(&str, &str); 2] = [("Bucket", "bucket"), ("Name", "accesspoint")];

/// What an ARN such as `arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/bucket/b` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named<'v> {
    account: &'v str,
    outpost: &'v str,
    name: &'v str,
}

/// The Outpost that an input's ARN names.
pub(super) fn outpost(input: &Value) -> Option<&str> {
    named(input).map(|(_, named)| named.outpost)
}

/// The input as path and query want it: the bare name, and the account that the ARN tells.
pub(super) fn bare_names(input: &mut Cow<'_, Value>) {
    let Some((member, named)) = named(input) else {
        return;
    };
    let (name, account) = (Value::from(named.name), Value::from(named.account));
    if let Value::Object(members) = input.to_mut() {
        members.insert(member.to_owned(), name);
        members.insert("AccountId".to_owned(), account);
    }
}

fn named(input: &Value) -> Option<(&'static str, Named<'_>)> {
    MEMBERS.into_iter().find_map(|(member, kind)| {
        let arn = input.get(member)?.as_str()?;
        Some((member, parse(arn, kind)?))
    })
}

fn parse<'v>(arn: &'v str, kind: &str) -> Option<Named<'v>> {
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next().filter(|part| !part.is_empty());
    let (_, _) = (next().filter(|part| *part == "arn")?, next()?);
    let (_, _) = (next().filter(|part| *part == "s3-outposts")?, next()?);
    let account = next()?;
    // Both separators are allowed.
    let mut path = next()?.split([':', '/']);
    let mut next = || path.next().filter(|part| !part.is_empty());
    next().filter(|part| *part == "outpost")?;
    let outpost = next()?;
    next().filter(|part| *part == kind)?;
    let name = next()?;
    path.next().is_none().then_some(Named {
        account,
        outpost,
        name,
    })
}
