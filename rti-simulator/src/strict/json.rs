//! JSON in which a member stands once: `serde_json` lets the last one win in silence.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Reason;

pub(super) fn decode(body: &[u8]) -> Result<Value, Reason> {
    serde_json::from_slice(body)
        .map(|Document(value)| value)
        .map_err(|error| format!("not the JSON expected: {error}"))
}

struct Document(Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DocumentVisitor).map(Self)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Document(value)) = elements.next_element()? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Document(value))) = members.next_entry::<String, _>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("the member {name} twice")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_type_is_kept() {
        let value = json!({"a": [null, true, -1, 1, 1.5, "text"], "b": {}});
        assert_eq!(decode(value.to_string().as_bytes()).unwrap(), value);
    }

    #[test]
    fn a_member_stands_once() {
        let reason = decode(br#"{"a": {"b": 1, "b": 2}}"#).unwrap_err();
        assert!(reason.contains("the member b twice"), "{reason}");
    }

    #[test]
    fn broken_json_and_text_behind_it() {
        for body in [&b""[..], b"{", b"{} {}", b"\"\xff\""] {
            decode(body).unwrap_err();
        }
        decode("[".repeat(1000).as_bytes()).unwrap_err();
    }
}
