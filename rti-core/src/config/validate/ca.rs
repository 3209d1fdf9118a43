//! The certificate authorities of `ca_file`, trusted in place of the system's.

use crate::config::ConfigBuilder;
#[cfg(not(feature = "http"))]
use crate::config::ConfigFault;
use crate::config::options;

/// Another transport has authorities of its own, and an option must not be ignored silently.
#[cfg(not(feature = "http"))]
impl ConfigBuilder {
    pub(super) fn refuse_ca_bundle(&mut self) {
        if let Some(bundle) = self.ca_bundle.take() {
            let rule = "needs the feature `http`: only the transport of that feature reads it";
            let fault = ConfigFault::conflict(&options::CA_FILE, bundle.shown(), rule);
            self.faults.push(fault);
        }
    }
}

#[cfg(feature = "http")]
mod reading {
    use std::sync::Arc;

    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::{ConfigBuilder, options};
    use crate::config::CaBundle;
    use crate::config::ConfigWarning;

    impl ConfigBuilder {
        /// Reads the bundle once, here: a later change of the file has no effect.
        pub(in crate::config::validate) fn take_ca_bundle(
            &mut self,
            warnings: &mut Vec<ConfigWarning>,
        ) -> Option<Arc<RootCertStore>> {
            let bundle = self.ca_bundle.take()?;
            let shown = bundle.shown();
            match bundle.read() {
                Ok((roots, ignored)) => {
                    if ignored > 0 {
                        warnings.push(ConfigWarning::new(
                            options::CA_FILE.name,
                            shown,
                            "holds a certificate that cannot be read; it is ignored",
                        ));
                    }
                    Some(Arc::new(roots))
                }
                Err(rule) => {
                    self.invalid(&options::CA_FILE, &shown, rule);
                    None
                }
            }
        }
    }

    impl CaBundle {
        /// The authorities, and the number of certificates that are none. Bundles of operating
        /// systems hold some that rustls cannot read, so one of those does not spoil the others.
        fn read(self) -> Result<(RootCertStore, usize), String> {
            let pem = match self {
                Self::File(path) => std::fs::read(path)
                    .map_err(|error| format!("expected a file that can be read ({error})"))?,
                Self::Pem(pem) => pem,
            };
            // The parser's error quotes the content, so it is not shown.
            let certificates = CertificateDer::pem_slice_iter(&pem)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| "expected certificates in PEM; a section is broken or cut off")?;
            if certificates.is_empty() {
                return Err("expected certificates in PEM; there is none".into());
            }
            let mut roots = RootCertStore::empty();
            let (added, ignored) = roots.add_parsable_certificates(certificates);
            if added == 0 {
                return Err("expected certificates in PEM; none of them can be read".into());
            }
            Ok((roots, ignored))
        }
    }
}

#[cfg(test)]
#[cfg(not(feature = "http"))]
mod tests_without_http {
    use crate::config::{Config, ConfigErrorKind};

    #[test]
    fn an_option_that_nothing_reads_is_refused() {
        let config = Config::builder("key", "hash", "us").ca_file("ca.pem");
        let error = config.build().unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Conflict);
        assert_eq!(error.faults()[0].option(), "ca_file");
    }
}

#[cfg(test)]
#[cfg(feature = "http")]
mod tests {
    use std::path::PathBuf;

    use crate::config::{Config, ConfigBuilder, ConfigError, ConfigErrorKind, ConfigWarning};

    /// PEM whose content is no certificate.
    const NO_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    fn authority() -> String {
        let names = ["authority.example".to_owned()];
        let certified = rcgen::generate_simple_self_signed(names).unwrap();
        certified.cert.pem()
    }

    fn builder() -> ConfigBuilder {
        Config::builder("key-7", "hash", "us")
    }

    fn with_pem(pem: &str) -> Result<Config, ConfigError> {
        builder().ca_certificates(pem).build()
    }

    fn authorities(config: &Config) -> usize {
        let roots = config.settings().authorities.as_ref();
        roots.map_or(0, |roots| roots.len())
    }

    /// A file of this test's own.
    fn file(name: &str, content: &str) -> PathBuf {
        let name = format!("rti-ca-file-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn a_bundle_is_read_from_a_file_or_from_memory() {
        let bundle = format!("a comment\n{}{}", authority(), authority());
        assert_eq!(authorities(&with_pem(&bundle).unwrap()), 2);
        let path = file("two", &bundle);
        let config = builder().ca_file(&path).build().unwrap();
        assert_eq!(authorities(&config), 2);
        let vars = [
            ("RTI_API_KEY", "key"),
            ("RTI_TAG_HASH", "hash"),
            ("RTI_API_ENDPOINT", "us"),
            ("RTI_CA_FILE", path.to_str().unwrap()),
        ];
        let config = ConfigBuilder::from_vars(vars).build().unwrap();
        assert_eq!(authorities(&config), 2);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn the_last_of_the_setters_counts() {
        let config = builder().ca_file("/does/not/exist");
        let config = config.ca_certificates(authority()).build().unwrap();
        assert_eq!(authorities(&config), 1);
        assert_eq!(authorities(&builder().build().unwrap()), 0);
    }

    #[test]
    fn what_is_no_bundle_is_refused_with_option_value_and_rule() {
        let key_alone = rcgen::KeyPair::generate().unwrap().serialize_pem();
        for (pem, rule) in [
            ("", "there is none"),
            ("not PEM", "there is none"),
            (key_alone.as_str(), "there is none"),
            (NO_CERTIFICATE, "none of them can be read"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "broken or cut off"),
            ("-----BEGIN key-7\n", "broken or cut off"),
            (
                "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
                "broken or cut off",
            ),
        ] {
            let error = with_pem(pem).unwrap_err();
            let fault = &error.faults()[0];
            assert_eq!(fault.option(), "ca_file", "{pem}");
            assert_eq!(fault.kind(), ConfigErrorKind::Invalid, "{pem}");
            assert!(fault.rule().contains(rule), "{pem}: {error}");
            assert!(!error.to_string().contains("BEGIN"), "{error}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = builder().ca_file("/does/not/exist.pem").build();
        let error = error.unwrap_err().to_string();
        for part in [
            "ca_file (RTI_CA_FILE)",
            "/does/not/exist.pem",
            "expected a file",
        ] {
            assert!(error.contains(part), "{error}");
        }
        let error = builder().ca_file(std::env::temp_dir()).build();
        assert_eq!(error.unwrap_err().kind(), ConfigErrorKind::Invalid);
    }

    #[test]
    fn one_unreadable_certificate_among_others_is_a_warning() {
        let config = with_pem(&format!("{NO_CERTIFICATE}{}", authority())).unwrap();
        assert_eq!(authorities(&config), 1);
        let options: Vec<_> = config
            .warnings()
            .iter()
            .map(ConfigWarning::option)
            .collect();
        assert_eq!(options, ["ca_file"]);
    }
}
