//! Memory does not grow with the account. A test of its own, because a process has but one peak.

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use futures::future::{BoxFuture, FutureExt as _};
    use palisade_aws::Models;
    use palisade_aws::reads::Reads as AllowList;
    use palisade_collect::{
        Account, Api, Ask, Page, Plan, Recipes, Refusal, RunOptions, Scope, Silent, Wanted, plan,
        run,
    };
    use palisade_core::catalog::embedded_file;
    use palisade_core::schema::Reads;
    use palisade_core::{Catalog, Clock};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    const PAGE: usize = 200;

    /// Instances without end, each with its answers.
    struct Estate(usize);

    impl Api for Estate {
        fn call(&self, ask: Ask, _: Wanted) -> BoxFuture<'static, Result<Page, Refusal>> {
            let most = self.0;
            async move {
                let first = ask.input["NextToken"].as_str().map_or(0, |t| t.parse().unwrap());
                let value = match ask.operation.as_str() {
                    "ec2:DescribeInstances" => {
                        let instances: Vec<Value> = (first..most.min(first + PAGE)).map(instance).collect();
                        json!({"Reservations": [{"Instances": instances}]})
                    }
                    _ => json!({"DisableApiTermination": {"Value": true}, "UserData": {"Value": "IyEvYmluL3NoCg=="}}),
                };
                let last = first + PAGE >= most || ask.operation != "ec2:DescribeInstances";
                let next = (!last).then(|| json!({"NextToken": (first + PAGE).to_string()}));
                Ok(Page { value, next, attempts: 1 })
            }
            .boxed()
        }
    }

    fn instance(n: usize) -> Value {
        json!({
            "InstanceId": format!("i-{n:017x}"),
            "InstanceType": "m5.large",
            "LaunchTime": "2026-01-01T00:00:00Z",
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "SecurityGroups": [{"GroupId": format!("sg-{n}"), "GroupName": "default"}],
            "Tags": (0..10).map(|t| json!({"Key": format!("key-{t}"), "Value": format!("value-{n}-{t}")})).collect::<Vec<_>>(),
        })
    }

    fn instances_plan() -> Plan {
        let catalog = Catalog::embedded().unwrap();
        let list =
            String::from_utf8(embedded_file("models/reads.toml").unwrap().into_owned()).unwrap();
        let models = Models::new(|name| embedded_file(&format!("models/{name}")));
        let only = ["aws_ec2_instance".to_owned()].into();
        let recipes = Recipes::new(
            &catalog,
            &models,
            &AllowList::from_toml(&list).unwrap(),
            Some(&only),
        )
        .unwrap();
        let reads = Reads::from([(
            "aws_ec2_instance".to_owned(),
            ["user_data".to_owned(), "termination".to_owned()].into(),
        )]);
        let account = Account {
            id: "123456789012".to_owned(),
            partition: "aws".to_owned(),
            regions: vec!["us-east-1".to_owned()],
            ..Account::default()
        };
        let scope = Scope {
            accounts: vec![account],
            home_region: "us-east-1".to_owned(),
            ..Scope::default()
        };
        plan(&Arc::new(recipes), &reads, &scope).unwrap()
    }

    /// The most memory that this process has had, in KiB.
    fn peak() -> u64 {
        let status = fs_err::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn memory_stays_flat_as_the_account_grows() {
        let mut peaks = Vec::new();
        for instances in [2_500, 20_000] {
            let folder = tempfile::tempdir().unwrap();
            let clients = BTreeMap::from([(
                "123456789012".to_owned(),
                Arc::new(Estate(instances)) as Arc<dyn Api>,
            )]);
            let options =
                RunOptions::new(Clock::at("2026-01-01T00:00:00Z".parse().unwrap()), "test");
            let manifest = run(
                instances_plan(),
                &clients,
                folder.path(),
                options,
                Arc::new(Silent),
            )
            .await
            .unwrap();
            assert_eq!(manifest.tables["aws_ec2_instance"].rows, instances as u64);
            peaks.push(peak());
        }
        assert!(peaks[1] * 2 < peaks[0] * 3, "{peaks:?} KiB");
    }
}
