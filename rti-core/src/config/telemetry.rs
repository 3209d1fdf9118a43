//! Where telemetry is sent: the option `telemetry`.

use url::Url;

use super::{ApiEndpoint, ConfigBuilder, options};

/// The service's own.
const SERVICE: &str = "https://rtilogger.production.cheq-platform.com/";

const RULE: &str = "expected `off`, `on`, or an `https://` URL";

/// Where telemetry is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TelemetryUrl {
    pub(crate) origin: ApiEndpoint,
    pub(crate) path: Box<str>,
}

impl std::str::FromStr for TelemetryUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut url = Url::parse(text).map_err(|error| format!("{RULE} ({error})"))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err("expected a URL without query or fragment".into());
        }
        let path = url.path().into();
        url.set_path("/");
        // What holds for the service holds here: the key travels to it.
        let origin = url.as_str().parse()?;
        Ok(Self { origin, path })
    }
}

impl ConfigBuilder {
    pub(super) fn take_telemetry(&mut self) -> Option<TelemetryUrl> {
        let text = self.telemetry.take()?;
        let text = match text.trim() {
            "" => return None,
            word if word.eq_ignore_ascii_case("off") => return None,
            word if word.eq_ignore_ascii_case("on") => SERVICE,
            url => url,
        };
        if cfg!(not(feature = "http")) {
            // It must not be ignored silently.
            let rule = "needs the feature `http`: only the transport of that feature sends it";
            self.invalid(&options::TELEMETRY, text, rule);
            return None;
        }
        let url = text.parse();
        url.map_err(|rule: String| self.invalid(&options::TELEMETRY, text, rule))
            .ok()
    }
}

#[cfg(test)]
#[cfg(feature = "http")]
mod tests {
    use crate::config::Config;

    fn target(telemetry: &str) -> Result<Option<String>, String> {
        let config = Config::builder("key", "hash", "us").telemetry(telemetry);
        let config = config.build().map_err(|error| error.to_string())?;
        let url = config.settings().telemetry.as_ref();
        Ok(url.map(|url| format!("{}{}", url.origin, url.path)))
    }

    #[test]
    fn it_is_off_on_or_a_url() {
        for off in ["off", "OFF", "", "  "] {
            assert_eq!(target(off), Ok(None), "{off:?}");
        }
        let service = "https://rtilogger.production.cheq-platform.com/";
        assert_eq!(target("on"), Ok(Some(service.to_owned())));
        for url in ["https://logs.example/rti", "http://127.0.0.1:9/telemetry"] {
            assert_eq!(target(url), Ok(Some(url.to_owned())));
        }
        let default = Config::builder("key", "hash", "us").build().unwrap();
        assert_eq!(default.settings().telemetry, None);
    }

    #[test]
    fn another_text_is_refused_with_the_rule() {
        for (text, rule) in [
            ("yes", "`on`"),
            ("http://logs.example/", "loopback"),
            ("https://user@logs.example/", "password"),
            ("https://logs.example/?x", "query"),
            ("ftp://logs.example/", "https://"),
        ] {
            let error = target(text).unwrap_err();
            assert!(error.contains("telemetry (RTI_TELEMETRY)"), "{error}");
            assert!(error.contains(rule), "{text}: {error}");
        }
    }
}
