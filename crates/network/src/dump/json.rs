//! Reading members of AWS's JSON without fear: what is missing or of another type is `None`.

use crate::model::Tags;
use ipnet::IpNet;
use serde_json::Value;
use std::net::IpAddr;

pub(crate) trait Json {
    fn text(&self, key: &str) -> Option<&str>;
    fn string(&self, key: &str) -> String;
    fn number(&self, key: &str) -> Option<i64>;
    fn flag(&self, key: &str) -> Option<bool>;
    fn list(&self, key: &str) -> &[Value];
    fn texts(&self, key: &str) -> Vec<String>;
    fn member(&self, key: &str) -> &Value;
    fn address(&self, key: &str) -> Option<IpAddr>;
    fn block(&self, key: &str) -> Option<IpNet>;
    fn tags(&self) -> Tags;
    fn each(&self, key: &str, read: impl FnMut(&Value));
}

impl Json for Value {
    fn text(&self, key: &str) -> Option<&str> {
        self.get(key)
            .and_then(Self::as_str)
            .filter(|text| !text.is_empty())
    }

    fn string(&self, key: &str) -> String {
        self.text(key).unwrap_or_default().to_owned()
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.get(key)
            .and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(Self::as_bool)
    }

    fn list(&self, key: &str) -> &[Self] {
        self.get(key)
            .and_then(Self::as_array)
            .map_or(&[], Vec::as_slice)
    }

    fn texts(&self, key: &str) -> Vec<String> {
        self.list(key)
            .iter()
            .filter_map(Self::as_str)
            .map(str::to_owned)
            .collect()
    }

    fn member(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&Self::Null)
    }

    fn address(&self, key: &str) -> Option<IpAddr> {
        self.text(key).and_then(|text| text.parse().ok())
    }

    fn block(&self, key: &str) -> Option<IpNet> {
        self.text(key).and_then(|text| text.parse().ok())
    }

    fn tags(&self) -> Tags {
        let all = self.list("Tags").iter().chain(self.list("TagSet"));
        all.filter_map(|tag| {
            Some((
                tag.text("Key")?.to_owned(),
                tag.get("Value").and_then(Self::as_str)?.to_owned(),
            ))
        })
        .collect()
    }

    fn each(&self, key: &str, mut read: impl FnMut(&Self)) {
        for item in self.list(key) {
            read(item);
        }
    }
}
