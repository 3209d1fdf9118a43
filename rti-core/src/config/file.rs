//! Reading a configuration with serde: from TOML, JSON or any other format.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

use super::options::ConfigOption;
use super::{Config, ConfigBuilder, ConfigFault};

/// A builder, so that extractors can be added to what a file says. Faults wait for `build`.
impl<'de> Deserialize<'de> for ConfigBuilder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
        let mut builder = Self::default();
        for (name, value) in values {
            match ConfigOption::by_name(&name) {
                Some(option) => option.read(&mut builder, &value),
                None => builder.faults.push(ConfigFault::unknown(name)),
            }
        }
        Ok(builder)
    }
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ConfigBuilder::deserialize(deserializer)?
            .build()
            .map_err(D::Error::custom)
    }
}
