//! Several accounts of one organization: what is asked once, and what goes away on the way.

use crate::support::{ledger, options, recipes, rows};
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use palisade_collect::{
    Account, Api, Ask, Lost, Page, Refusal, Scope, Silent, Wanted, organization, plan, run,
};
use palisade_core::schema::Reads;
use palisade_core::snapshot::Membership;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const MANAGEMENT: &str = "111111111111";
const MEMBER: &str = "222222222222";

/// Answers from a list, and remembers what it was asked.
#[derive(Default)]
struct Answers {
    asked: Mutex<Vec<String>>,
}

impl Answers {
    fn asked(&self, operation: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let mut accounts: Vec<String> = asked
            .iter()
            .filter_map(|line| Some(line.strip_suffix(operation)?.trim().to_owned()))
            .collect();
        accounts.sort_unstable();
        accounts
    }
}

fn account(id: &str, name: &str) -> Value {
    json!({ "Id": id, "Arn": format!("arn:aws:organizations::{MANAGEMENT}:account/o-1/{id}"), "Name": name, "State": "ACTIVE" })
}

impl Api for Answers {
    fn call(&self, ask: Ask, _: Wanted) -> BoxFuture<'static, Result<Page, Refusal>> {
        let line = format!("{} {}", ask.account, ask.operation);
        self.asked.lock().unwrap().push(line);
        let first = ask.input.get("NextToken").is_none();
        let (value, next) = match ask.operation.as_str() {
            "organizations:DescribeOrganization" => (
                json!({ "Organization": { "Id": "o-1", "MasterAccountId": MANAGEMENT } }),
                None,
            ),
            "organizations:ListAccounts" if first => (
                json!({ "Accounts": [account(MEMBER, "member")] }),
                Some(json!({ "NextToken": "more" })),
            ),
            "organizations:ListAccounts" => (
                json!({ "Accounts": [account(MANAGEMENT, "management")] }),
                None,
            ),
            "organizations:ListDelegatedAdministrators" => (
                json!({ "DelegatedAdministrators": [{ "Id": MEMBER }] }),
                None,
            ),
            "sqs:ListQueues" => (
                json!({ "QueueUrls": [format!("https://sqs.us-east-1.amazonaws.com/{}/q", ask.account)] }),
                None,
            ),
            _ => (json!({}), None),
        };
        let page = Page {
            value,
            next,
            attempts: 1,
        };
        ready(Ok(page)).boxed()
    }
}

#[tokio::test]
async fn the_accounts_of_all_pages_are_told_apart() {
    let found = organization(&Answers::default(), MANAGEMENT, "us-east-1")
        .await
        .unwrap();
    assert_eq!(
        (found.id.as_str(), found.management.as_str()),
        ("o-1", MANAGEMENT)
    );
    let told: Vec<(&str, Membership)> = found
        .accounts
        .iter()
        .map(|a| (a.name.as_str(), a.membership))
        .collect();
    assert_eq!(
        told,
        [
            ("management", Membership::Management),
            ("member", Membership::DelegatedAdministrator)
        ]
    );
    assert!(found.notes.is_empty());
}

#[tokio::test]
async fn what_is_of_the_organization_is_asked_once_and_a_lost_account_has_no_rows() {
    let recipes = recipes(&["aws_organizations_account", "aws_sqs_queue"]);
    let reads = Reads::from([
        ("aws_organizations_account".to_owned(), [].into()),
        ("aws_sqs_queue".to_owned(), [].into()),
    ]);
    let of = |id: &str| Account {
        id: id.to_owned(),
        partition: "aws".to_owned(),
        regions: vec!["us-east-1".to_owned()],
        ..Account::default()
    };
    let scope = Scope {
        accounts: vec![of(MANAGEMENT), of(MEMBER)],
        home_region: "us-east-1".to_owned(),
        answers_for_organization: Some(MANAGEMENT.to_owned()),
    };
    let plan = plan(&recipes, &reads, &scope).unwrap();
    let answers = Arc::new(Answers::default());
    let clients = [MANAGEMENT, MEMBER].map(|id| {
        let api: Arc<dyn Api> = Arc::<Answers>::clone(&answers);
        (id.to_owned(), api)
    });
    let mut options = options();
    options.lost = Some(Lost::new(|| {
        let gone = BTreeMap::from([(MEMBER.to_owned(), "it was suspended".to_owned())]);
        ready(gone).boxed()
    }));
    let out = tempfile::tempdir().unwrap();
    let clients = BTreeMap::from(clients);
    let manifest = run(plan, &clients, out.path(), options, Arc::new(Silent))
        .await
        .unwrap();
    // Two pages, of one account.
    assert_eq!(
        answers.asked("organizations:ListAccounts"),
        [MANAGEMENT, MANAGEMENT]
    );
    assert_eq!(answers.asked("sqs:ListQueues"), [MANAGEMENT, MEMBER]);
    assert_eq!(manifest.accounts[0].not_reached, None);
    assert_eq!(
        manifest.accounts[1].not_reached.as_deref(),
        Some("it was suspended")
    );
    let queues = rows(out.path(), "aws_sqs_queue");
    assert_eq!(queues.len(), 1);
    assert_eq!(queues[0]["account_id"], MANAGEMENT);
    // What was asked stays in the ledger.
    let lines = ledger(out.path());
    assert!(lines.iter().any(|line| line["account_id"] == MEMBER));
}
