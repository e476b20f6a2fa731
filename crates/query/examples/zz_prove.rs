fn main() {
    use palisade_core::catalog::Catalog;
    let t = std::time::Instant::now();
    let catalog = Catalog::embedded()
        .map_err(|e| {
            for e in e {
                eprintln!("{}", e.one_line())
            }
        })
        .unwrap();
    eprintln!("catalog {:?}", t.elapsed());
    let text = std::fs::read_to_string("/work/cache/schemas.json").unwrap();
    let schemas: std::collections::BTreeMap<String, palisade_core::schema::TableSchema> =
        serde_json::from_str(&text).unwrap();
    let schemas: palisade_core::schema::Schemas = schemas
        .into_iter()
        .map(|(k, v)| (k, std::sync::Arc::new(v)))
        .collect();
    let t = std::time::Instant::now();
    let controls: Vec<_> = catalog.controls.values().collect();
    match palisade_query::reads(&catalog, &schemas, &controls) {
        Ok(r) => eprintln!(
            "reads {} tables {} fills {:?}",
            r.len(),
            r.values().map(|f| f.len()).sum::<usize>(),
            t.elapsed()
        ),
        Err(e) => {
            for e in e {
                println!("READS {}", e.one_line())
            }
        }
    }
    let t = std::time::Instant::now();
    let report = palisade_query::check(&catalog, &schemas).unwrap();
    eprintln!(
        "check {} controls {} tests {} errors {:?}",
        report.controls,
        report.tests,
        report.errors.len(),
        t.elapsed()
    );
    for e in report.errors {
        println!("{}", e.one_line())
    }
}
