//! A stranger's catalogue folder: one file of it. The first byte says where the file lies.

use palisade_core::catalog::{Catalog, Source, Text};

const PATHS: [&str; 4] = [
    "controls/x/a.toml",
    "tables/a.toml",
    "frameworks/a.toml",
    "recommendations.toml",
];

struct OneFile<'a>(&'a str, &'a str);

impl Source for OneFile<'_> {
    fn name(&self) -> String {
        "own".to_owned()
    }
    fn paths(&self) -> std::io::Result<Vec<String>> {
        Ok(vec![self.0.to_owned()])
    }
    fn text(&self, _: &str) -> std::io::Result<Text> {
        Ok(self.1.to_owned().into())
    }
}

pub(crate) fn run(data: &[u8]) {
    let Some((kind, text)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let path = PATHS[usize::from(*kind) % PATHS.len()];
    match Catalog::load(&[&OneFile(path, text)]) {
        Ok(catalog) => {
            let _ = catalog.near(text.get(..8).unwrap_or_default());
        }
        // Each error is shown, with the part of the file that it points at.
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(!error.one_line().is_empty());
            }
        }
    }
}
