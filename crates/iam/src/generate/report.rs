//! The answer as JSON.

use serde_json::{Value, json};

use super::{Generated, LeftOut, Proof};

impl Generated {
    /// As JSON: `palisade.access-generate/v1`.
    #[must_use]
    pub fn report(&self) -> Value {
        let left_out = |all: &[LeftOut]| -> Vec<Value> {
            let one = |found: &LeftOut| {
                json!({"eventSource": found.source, "eventName": found.event, "reason": found.what,
                    "records": found.times, "firstRecord": found.record})
            };
            all.iter().map(one).collect()
        };
        let used = self.used.iter().map(|used| {
            json!({"action": used.action, "records": used.times, "first": used.first, "last": used.last,
                "resources": used.resources, "wide": used.wide})
        });
        let beyond = self.beyond.iter().map(|found| {
            json!({"action": found.action, "resource": found.resource, "reason": found.reason})
        });
        let (proof, why) = match &self.proof {
            Proof::NotAsked => ("NOT_ASKED", None),
            Proof::NoWider => ("NO_NEW_ACCESS", None),
            Proof::Unknown(why) => ("UNKNOWN", Some(why)),
        };
        json!({
            "schema": "palisade.access-generate/v1",
            "policy": self.document,
            "records": {"principal": self.records.0, "all": self.records.1},
            "used": used.collect::<Vec<_>>(),
            "denied": left_out(&self.denied),
            "unknown": left_out(&self.unknown),
            "other": left_out(&self.other),
            "rolesNotTold": left_out(&self.roles_untold),
            "beyond": beyond.collect::<Vec<_>>(),
            "comparedWithToday": {"result": proof, "reason": why},
        })
    }
}
