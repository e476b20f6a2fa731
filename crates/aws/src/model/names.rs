//! The API's member names as column names.

/// A member name in snake case: `DBInstanceIdentifier` → `db_instance_identifier`.
///
/// A run of capitals is one word up to the capital that starts the next word (`KMSKeyId` →
/// `kms_key_id`); digits stay with the word before them (`EC2InstanceId` → `ec2_instance_id`). Acronyms
/// in the plural (`ARNs`) and words that mix capitals with small letters (`IPv6`) stay whole;
/// anything that is not a letter or a digit becomes one underscore.
#[must_use]
pub fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 8);
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        if let Some(length) = known_word(&letters, at) {
            gap(&mut out);
            let word = letters.iter().skip(at).take(length);
            out.extend(word.flat_map(|letter| letter.to_lowercase()));
            at += length;
            if letters.get(at).is_some_and(|next| next.is_alphanumeric()) {
                gap(&mut out);
            }
            continue;
        }
        if !letter.is_alphanumeric() {
            gap(&mut out);
        } else {
            if starts_word(&letters, at) {
                gap(&mut out);
            }
            out.extend(letter.to_lowercase());
        }
        at += 1;
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// Words that the rule of capitals would cut in the wrong place.
const WORDS: [&str; 8] = ["IPv4", "IPv6", "GiB", "MBps", "FSx", "DDoS", "ETag", "VCpu"];

/// The length of a known word, or of an acronym in the plural (`ARNs`, `IPs`), at this place. It ends
/// where a word may end.
fn known_word(letters: &[char], at: usize) -> Option<usize> {
    let rest = letters.get(at..)?;
    // All of them begin with a capital, most letters are none.
    rest.first().filter(|letter| letter.is_uppercase())?;
    let ends = |length: usize| rest.get(length).is_none_or(|next| !next.is_lowercase());
    let known = WORDS
        .iter()
        .find(|word| word.chars().eq(rest.iter().take(word.len()).copied()) && ends(word.len()));
    let before = at.checked_sub(1).and_then(|before| letters.get(before));
    let inside = before.is_some_and(|before| before.is_uppercase());
    let capitals = rest
        .iter()
        .take_while(|letter| letter.is_uppercase())
        .count();
    let plural =
        || !inside && capitals >= 2 && rest.get(capitals) == Some(&'s') && ends(capitals + 1);
    known
        .map(|word| word.len())
        .or_else(|| plural().then_some(capitals + 1))
}

fn starts_word(letters: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| letters.get(before)) else {
        return false;
    };
    let here = letters.get(at).is_some_and(|letter| letter.is_uppercase());
    let after = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
    here && (before.is_lowercase() || before.is_numeric() || (before.is_uppercase() && after))
}

fn gap(out: &mut String) {
    if !out.is_empty() && !out.ends_with('_') {
        out.push('_');
    }
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names() {
        for (name, column) in [
            ("DBInstanceIdentifier", "db_instance_identifier"),
            ("MFADelete", "mfa_delete"),
            ("EC2InstanceId", "ec2_instance_id"),
            ("IPv6CidrBlock", "ipv6_cidr_block"),
            ("CidrIpv6", "cidr_ipv6"),
            ("S3KeyPrefix", "s3_key_prefix"),
            ("S3BucketName", "s3_bucket_name"),
            ("KMSKeyId", "kms_key_id"),
            ("KmsMasterKeyId", "kms_master_key_id"),
            ("ARN", "arn"),
            ("Arn", "arn"),
            ("SubnetARNs", "subnet_arns"),
            ("VPCZoneIdentifier", "vpc_zone_identifier"),
            ("AccountMFAEnabled", "account_mfa_enabled"),
            ("MultiAZ", "multi_az"),
            ("OwnedIPs", "owned_ips"),
            ("PubliclyAccessible", "publicly_accessible"),
            (
                "IAMDatabaseAuthenticationEnabled",
                "iam_database_authentication_enabled",
            ),
            ("SSEKMSKeyId", "ssekms_key_id"),
            ("SqsManagedSseEnabled", "sqs_managed_sse_enabled"),
            ("HttpPutResponseHopLimit", "http_put_response_hop_limit"),
            ("AWSKMSKeyArn", "awskms_key_arn"),
            ("VolumeSizeInGiB", "volume_size_in_gib"),
            ("IPAddress", "ip_address"),
            ("VPCsInUse", "vpcs_in_use"),
            ("SizeInGBs", "size_in_gbs"),
            ("ETag", "etag"),
            ("FSxLustreConfig", "fsx_lustre_config"),
            ("DBSnapshots", "db_snapshots"),
            ("AwsSns", "aws_sns"),
            ("SHA256", "sha256"),
            ("Route53HealthCheckId", "route53_health_check_id"),
            ("HTTP2Enabled", "http2_enabled"),
            ("Sha256Hash", "sha256_hash"),
            ("x509Cert", "x509_cert"),
            ("vpcId", "vpc_id"),
            ("aws:SourceArn", "aws_source_arn"),
            ("already_snake", "already_snake"),
            ("S3", "s3"),
            ("", ""),
            ("_", ""),
        ] {
            assert_eq!(snake_case(name), column, "{name}");
        }
    }
}
