//! SQL of a stranger, and texts that the SQL functions read. The first byte says how the rest is used:
//! as a query, as what a control requires, or as the text of a policy.

use super::snapshot::estate;
use super::support::{TABLES, Texts, catalog, control, schemas};
use palisade_core::Catalog;
use palisade_query::{Limits, Rows, Session, reads};
use std::sync::OnceLock;
use std::time::Duration;

fn session() -> &'static Session {
    static SESSION: OnceLock<Session> = OnceLock::new();
    SESSION.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = estate().write(folder.path());
        let limits = Limits {
            memory: 64 << 20,
            control: Duration::from_secs(2),
            ..Limits::default()
        };
        let session =
            Session::with_limits(&snapshot, &catalog(vec![]), &schemas(), limits).unwrap();
        // The files are read when they are asked for.
        let _ = folder.keep();
        session
    })
}

fn answer(sql: &str) {
    if let Err(error) = session().write(sql, Rows::Json, &mut Vec::new(), 0) {
        assert!(!error.to_string().is_empty());
        let _ = error.hint();
    }
}

pub(crate) fn run(data: &[u8]) {
    let Some((kind, text)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let quoted = text.replace('\'', "''");
    match kind % 3 {
        // A query may be made to take its time; a fuzzer has none.
        0 if text.len() < 200 && !text.to_lowercase().contains("join") => {
            answer(&format!("select * from ({text}) limit 9"));
        }
        0 => {}
        1 => {
            let body = format!("subject = 'aws_sqs_queue'\nrequire = '''{text}'''");
            let files = vec![
                ("tables/all.toml".to_owned(), TABLES.to_owned()),
                control("a", &body),
            ];
            if let Ok(catalog) = Catalog::load(&[&Texts(files)]) {
                let controls: Vec<_> = catalog.controls.values().collect();
                let _ = reads(&catalog, &schemas(), &controls).map_err(|e| format!("{e:?}"));
            }
        }
        _ => {
            answer(&format!("select policy_openness('{quoted}') as p"));
            answer(&format!("select policy_allows_everything('{quoted}') as p"));
            answer(&format!("select secret_kinds('{quoted}') as k"));
            answer(&format!(
                "select json_get_str('{quoted}', 'Statement', 0, 'Effect') as e"
            ));
        }
    }
}
