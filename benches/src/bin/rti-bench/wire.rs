//! How the verdict service is reached: plain as where a sidecar is, or over TLS as in production.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use rti_test_network::Http;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::service::Service;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Plain,
    TlsHttp1,
    TlsHttp2,
}

impl Wire {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::TlsHttp1, Self::TlsHttp2];

    /// As on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::TlsHttp1 => "tls-h1",
            Self::TlsHttp2 => "tls-h2",
        }
    }

    /// What the service at this address is called: its certificate is for the name.
    pub(crate) fn origin(self, service: SocketAddr) -> String {
        match self {
            Self::Plain => format!("http://{service}"),
            Self::TlsHttp1 | Self::TlsHttp2 => format!("https://localhost:{}", service.port()),
        }
    }

    /// What a client by hand trusts: nothing where it has no TLS.
    pub(crate) fn client_config(self, service: SocketAddr) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        if self != Self::Plain {
            let pem = fs::read(certificate_of(service)).expect("the harness wrote it");
            let certificate = CertificateDer::from_pem_slice(&pem).expect("it is a certificate");
            roots.add(certificate).expect("it can be trusted");
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has all versions")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }
}

impl FromStr for Wire {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|wire| wire.name() == text);
        known.ok_or_else(|| format!("{text} is not plain, tls-h1 or tls-h2"))
    }
}

/// Where the harness leaves the authority of a service for the servers.
pub(crate) fn certificate_of(service: SocketAddr) -> PathBuf {
    std::env::temp_dir().join(format!("rti-bench-{}.pem", service.port()))
}

/// The verdict service at the other end.
pub(crate) enum Verdicts {
    Plain(Service),
    Tls(Box<rti_test_network::Service>),
}

impl Verdicts {
    pub(crate) fn start(wire: Wire) -> Self {
        let http = match wire {
            Wire::Plain => return Self::Plain(Service::start()),
            Wire::TlsHttp1 => Http::One,
            Wire::TlsHttp2 => Http::Two,
        };
        let service = rti_test_network::Service::builder(http).start();
        let file = certificate_of(service.address());
        fs::write(file, service.authority().pem()).expect("the temporary directory is writable");
        Self::Tls(Box::new(service))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Plain(service) => service.address,
            Self::Tls(service) => service.address(),
        }
    }

    /// Requests read whole.
    pub(crate) fn requests(&self) -> u64 {
        match self {
            Self::Plain(service) => service.requests(),
            Self::Tls(service) => service.requests(),
        }
    }
}

impl Drop for Verdicts {
    fn drop(&mut self) {
        if let Self::Tls(service) = self {
            let _ = fs::remove_file(certificate_of(service.address()));
        }
    }
}
