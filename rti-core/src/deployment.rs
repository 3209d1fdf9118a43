//! Warnings, each once per engine, of deployments that do not do what was meant and where nothing
//! else shows it: verdicts come all the same.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::client_ip::ClientIpSource;
use crate::known_headers::KnownHeader;
use crate::payload::Payload;

/// Of what has been warned.
#[derive(Debug, Default)]
pub(crate) struct Deployment {
    no_peer: AtomicBool,
    untrusted_proxy: AtomicBool,
    /// There is a place without a challenge kit or callback.
    lacks_challenge: AtomicBool,
    no_challenge: AtomicBool,
    other_engine: AtomicBool,
}

impl Deployment {
    pub(crate) fn observe(&self, source: &ClientIpSource, payload: &Payload) {
        if payload.client_ip().is_none() {
            warn_once(
                &self.no_peer,
                "requests have no client address: pass the peer's address to RTI \
                 (axum: into_make_service_with_connect_info::<SocketAddr>())",
            );
        }
        let is_forwarded = payload.header(KnownHeader::XForwardedFor).is_some();
        if is_forwarded && !source.is_configured() {
            warn_once(
                &self.untrusted_proxy,
                "a request has X-Forwarded-For, and no proxy is trusted: if the site is behind a \
                 proxy, name it in trusted_proxies, or all visitors have the proxy's address",
            );
        }
    }

    pub(crate) fn note_no_challenge_callback(&self) {
        self.lacks_challenge.store(true, Ordering::Relaxed);
    }

    pub(crate) fn lacks_challenge_callback(&self) -> bool {
        self.lacks_challenge.load(Ordering::Relaxed)
    }

    pub(crate) fn warn_of_no_challenge_callback(&self) {
        warn_once(
            &self.no_challenge,
            "blocking mode without a challenge kit or callback: visitors to be challenged continue",
        );
    }

    pub(crate) fn warn_of_other_engine(&self) {
        warn_once(
            &self.other_engine,
            "a request is checked twice: another engine, outside of this one, has checked it; give \
             both places clones of one engine, or each its own part of the application",
        );
    }
}

fn warn_once(has_warned: &AtomicBool, message: &'static str) {
    // The load first: a swap on every request would be a write to a shared cache line.
    if !has_warned.load(Ordering::Relaxed) && !has_warned.swap(true, Ordering::Relaxed) {
        tracing::warn!(target: "rti", "{message}");
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::io::Write;
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::{Arc, Mutex};

    use crate::{Config, Decision, HttpVersion, Mode, Rti, RtiRequest, ThreatCodes};

    #[derive(Default)]
    struct Visit {
        peer: Option<IpAddr>,
        forwarded: bool,
    }

    impl RtiRequest for Visit {
        fn method(&self) -> &'static str {
            "GET"
        }

        fn target(&self) -> Cow<'_, str> {
            "/".into()
        }

        fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
            if self.forwarded {
                visit("x-forwarded-for", b"198.51.100.7");
            }
        }

        fn http_version(&self) -> HttpVersion {
            HttpVersion::Http11
        }

        fn peer_ip(&self) -> Option<IpAddr> {
            self.peer
        }
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn captured(run: impl FnOnce()) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, run);
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
    }

    /// What is logged of ten such visits.
    fn logged(trusted_proxies: &[&str], visit: &Visit) -> String {
        captured(|| {
            let config = Config::builder("key", "hash", "http://127.0.0.1:9");
            let config = config.trusted_proxies(trusted_proxies.iter().copied());
            let rti = Rti::with_transport(config.build().unwrap(), Never);
            for _ in 0..10 {
                let _ = rti.inspect(visit);
            }
        })
    }

    struct Never;

    #[crate::async_trait]
    impl crate::Transport for Never {
        async fn send(&self, _: crate::ApiRequest) -> Result<crate::ApiResponse, crate::CallError> {
            std::future::pending().await
        }
    }

    const PEER: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));

    #[test]
    fn challenges_without_a_callback_are_warned_of_once_in_blocking_mode() {
        let warned = |mode: Mode, captcha: ThreatCodes| {
            let config = Config::builder("key", "hash", "http://127.0.0.1:9").mode(mode);
            let config = config.invalid_captcha_codes(captcha);
            let rti = Rti::with_transport(config.build().unwrap(), Never);
            captured(|| (0..2).for_each(|_| rti.note_no_challenge_callback()))
        };
        let log = warned(Mode::Blocking, ThreatCodes::from([4]));
        assert_eq!(
            log.matches("without a challenge kit or callback").count(),
            1,
            "{log}"
        );
        assert_eq!(warned(Mode::Monitoring, ThreatCodes::from([4])), "");
        assert_eq!(warned(Mode::Blocking, ThreatCodes::none()), "");
    }

    /// A site begins in monitoring, and comes to blocking without a restart.
    #[test]
    fn challenges_without_a_callback_are_warned_of_when_blocking_begins() {
        let config = |mode| Config::builder("key", "hash", "http://127.0.0.1:9").mode(mode);
        let reload = |rti: &Rti| rti.reload(config(Mode::Blocking).build().unwrap()).unwrap();
        let set_mode = |rti: &Rti| rti.set_mode(Some(Mode::Blocking));
        let begin: [&dyn Fn(&Rti); 2] = [&reload, &set_mode];
        for begin in begin {
            let rti = Rti::with_transport(config(Mode::Monitoring).build().unwrap(), Never);
            let without_adapter = captured(|| begin(&rti));
            assert!(!without_adapter.contains("callback"), "{without_adapter}");
            let rti = Rti::with_transport(config(Mode::Monitoring).build().unwrap(), Never);
            rti.note_no_challenge_callback();
            let log = captured(|| (0..2).for_each(|_| begin(&rti)));
            assert_eq!(
                log.matches("without a challenge kit or callback").count(),
                1,
                "{log}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_another_engine_checked_is_warned_of_once() {
        let engine = |excluded: &str| {
            let config = Config::builder("key", "hash", "http://127.0.0.1:9");
            let config = config.uri_exclusion([excluded]).build().unwrap();
            Rti::with_transport(config, Never)
        };
        let (outer, excluding, inner) = (engine("/about"), engine("/"), engine("/about"));
        let checked = outer.decide(outer.inspect(&Visit::default())).await;
        assert_eq!(checked.outcome().as_str(), "failed_open");
        let skipped = excluding.decide(excluding.inspect(&Visit::default())).await;
        assert_eq!(skipped.outcome().as_str(), "skipped");
        let warned = |rti: &Rti, decision: &Decision| {
            captured(|| (0..2).for_each(|_| rti.note_other_engine(decision)))
        };
        assert_eq!(warned(&outer, &checked), "");
        assert_eq!(warned(&inner, &skipped), "");
        let log = warned(&inner, &checked);
        assert_eq!(log.matches("checked twice").count(), 1, "{log}");
    }

    #[test]
    fn a_missing_peer_address_is_warned_of_once() {
        let log = logged(&[], &Visit::default());
        assert_eq!(log.matches("no client address").count(), 1, "{log}");
        let visit = Visit {
            peer: PEER,
            ..Visit::default()
        };
        assert_eq!(logged(&[], &visit), "");
    }

    #[test]
    fn a_forwarded_address_without_a_trusted_proxy_is_warned_of_once() {
        let visit = Visit {
            peer: PEER,
            forwarded: true,
        };
        let log = logged(&[], &visit);
        assert_eq!(log.matches("trusted_proxies").count(), 1, "{log}");
        assert_eq!(logged(&["10.0.0.0/8"], &visit), "");
    }
}
