//! The certificate of the site, made anew for each run of a proxy.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::CertifiedKey;
use rti_conformance::client::HOST;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// A certificate for the host that visitors ask for, signed by itself.
pub(crate) struct Certificate(CertifiedKey<rcgen::KeyPair>);

/// Where it lies: the certificate, its key, and both in one file.
pub(crate) struct Files {
    pub(crate) chain: String,
    pub(crate) key: String,
    pub(crate) both: String,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        Self(rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap())
    }

    pub(crate) fn write(&self, directory: &Path) -> Files {
        let chain = self.0.cert.pem();
        let key = self.0.signing_key.serialize_pem();
        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        Files {
            chain: write("shop.pem", &chain),
            key: write("shop.key", &key),
            both: write("both.pem", &[chain.as_str(), &key].concat()),
        }
    }

    /// A visitor's side of TLS: trusts this certificate alone, and speaks this protocol alone.
    pub(crate) fn client(&self, protocol: &str) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.0.cert.der().to_vec()))
            .unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.alpn_protocols = vec![protocol.into()];
        Arc::new(client)
    }
}
