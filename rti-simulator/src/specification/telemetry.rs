//! The JSON of a telemetry message.

use serde_json::{Map, Value};

use crate::remark::{Remark, SpecRule};

const MEMBERS: [&str; 6] = [
    "level",
    "apiKey",
    "tagHash",
    "action",
    "application",
    "message",
];

pub(super) fn check(members: &Map<String, Value>, remarks: &mut Vec<Remark>) {
    for (name, value) in members {
        let broken = match value.as_str() {
            _ if !MEMBERS.contains(&name.as_str()) => SpecRule::Known,
            None => SpecRule::Text,
            Some(text) if text.trim().is_empty() => SpecRule::NotEmpty,
            Some(_) => continue,
        };
        remarks.push(Remark::new(name, broken));
    }
    let missing = MEMBERS
        .into_iter()
        .filter(|name| !members.contains_key(*name));
    remarks.extend(missing.map(|name| Remark::new(name, SpecRule::Required)));
}
