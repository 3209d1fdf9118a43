//! A JSON object. `serde_json` silently lets the last of two equal members win; here the same member
//! wins, with a remark.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::remark::{Remark, SpecRule};

pub(super) fn decode(body: &[u8], remarks: &mut Vec<Remark>) -> Result<Map<String, Value>, String> {
    let repeated = RefCell::default();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = ValueSeed(&repeated)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| format!("not JSON: {error}"))?;
    let remark = |name| Remark::new(name, SpecRule::NotRepeated);
    remarks.extend(repeated.take().into_iter().map(remark));
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Remark::new("body", SpecRule::Object).to_string()),
    }
}

/// Reads any value, and collects the names of members that an object has twice.
#[derive(Clone, Copy)]
struct ValueSeed<'a>(&'a RefCell<Vec<String>>);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
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
        while let Some(value) = elements.next_element_seed(self)? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if object.insert(name.clone(), value).is_some() {
                self.0.borrow_mut().push(name);
            }
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
        let mut remarks = Vec::new();
        let members = decode(value.to_string().as_bytes(), &mut remarks).unwrap();
        assert_eq!((Value::Object(members), remarks), (value, Vec::new()));
    }

    #[test]
    fn of_two_equal_members_the_last_counts() {
        let mut remarks = Vec::new();
        let members = decode(br#"{"a": {"b": 1, "b": 2}}"#, &mut remarks).unwrap();
        assert_eq!(Value::Object(members), json!({"a": {"b": 2}}));
        assert_eq!(remarks, [Remark::new("b", SpecRule::NotRepeated)]);
    }

    #[test]
    fn other_bodies_are_errors() {
        for body in [&b""[..], b"{", b"{} {}", b"\"\xff\"", b"[]", b"1"] {
            decode(body, &mut Vec::new()).unwrap_err();
        }
        decode("[".repeat(1000).as_bytes(), &mut Vec::new()).unwrap_err();
    }
}
