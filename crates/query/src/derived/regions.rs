//! Where things are, against where they may be.

use super::{Inputs, Made};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Resources named as examples of a region.
const EXAMPLES: usize = 5;

/// The tables whose rows are things that somebody made to work: what AWS puts into every region by itself is left out.
const TABLES: [&str; 10] = [
    "aws_ec2_instance",
    "aws_ecs_cluster",
    "aws_eks_cluster",
    "aws_lambda_function",
    "aws_rds_db_instance",
    "aws_dynamodb_table",
    "aws_s3_bucket",
    "aws_sqs_queue",
    "aws_sns_topic",
    "aws_vpc_nat_gateway",
];

#[derive(Default)]
struct Used {
    kinds: BTreeSet<&'static str>,
    examples: Vec<String>,
    resources: u64,
}

/// The rows of `org_region_use`.
pub(super) fn used(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    let allowed = inputs.declared().allowed_regions.as_ref();
    let mut places: BTreeMap<(String, String), Used> = BTreeMap::new();
    for table in TABLES {
        for row in inputs.rows(table, &["account_id", "region", "arn"]) {
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            let place = (text("account_id").to_owned(), text("region").to_owned());
            let used = places.entry(place).or_default();
            used.kinds.insert(table);
            used.resources += 1;
            if used.examples.len() < EXAMPLES {
                used.examples.push(text("arn").to_owned());
            }
        }
    }
    let rows = places.into_iter().filter_map(|((account, region), used)| {
        match json!({
            "account_id": account,
            "region": region,
            "arn": format!("arn:aws:iam::{account}:root/{region}"),
            "name": region,
            "allowed": allowed.map(|all| all.contains(&region)),
            "resources": used.resources,
            "kinds": used.kinds,
            "examples": used.examples,
        }) {
            Value::Object(row) => Some(row),
            _ => None,
        }
    });
    made.extend(rows);
    Ok(())
}
