//! The challenge kit: what an application configures, and what an adapter calls.

mod endpoints;
mod interstitial;
mod settings;
mod submission;
mod verification;

use std::fmt;
use std::future::{Future as _, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rti_core::{ChallengeEvent, ChallengeEventKind, Reply, Requester, Rti, ThreatType};

use self::settings::Settings;
#[cfg(feature = "http")]
use crate::captcha::{Captcha, HttpClient, HttpClientError};
use crate::challenged::Challenged;
use crate::clearance::{Clearance, Clearances};
use crate::keys::Keys;
use crate::page::Lang;
use crate::pow::{Cost, ProofOfWork};
use crate::provider::{OnProviderFailure, Provider};
use crate::rate::{Limits, Rates};
use crate::refusal::Refusal;
use crate::replay::ReplayStore;
use crate::request::ChallengeRequest;
use crate::resume::{MAX_FORM_BYTES, MAX_RETURN_CHARACTERS, MAX_SEALED_CHARACTERS, Sealing};
use crate::visitor::Binding;
use crate::wait::{Waits, WithoutScripts};

pub use self::settings::{PrefixError, TtlError};

/// The most of the body of a solution that is read: a sealed form, a signed path, and the response of a
/// widget.
const MAX_SUBMISSION_BYTES: usize = MAX_SEALED_CHARACTERS + MAX_RETURN_CHARACTERS + 16 * 1024;

/// How long an adapter reads a body before it gives up: a form of 64 KiB over a bad connection.
pub const MAX_BODY_TIME: Duration = Duration::from_secs(10);

/// The challenge kit: it shows challenged visitors a page, verifies what they solve there, and lets them
/// continue. Cheap to clone; clones share what is counted.
///
/// | option | default |
/// | --- | --- |
/// | [`ttl`](Self::ttl) | 30 minutes |
/// | [`binding`](Self::binding) | user agent and client network |
/// | [`store`](Self::store) | in memory, for one process |
/// | [`without_scripts`](Self::without_scripts) | visitors wait for 30 seconds; with a provider: nothing |
/// | [`cost`](Self::cost) | see [`Cost`] |
/// | [`on_provider_failure`](Self::on_provider_failure) | deny |
/// | [`provider_deadline`](Self::provider_deadline) | 5 seconds |
/// | [`challenges_per_minute`](Self::challenges_per_minute) | 300 a client network |
/// | [`failures_per_minute`](Self::failures_per_minute) | 30 a client network |
/// | [`prefix`](Self::prefix) | `/.well-known/rti/` |
/// | [`lang`](Self::lang) | that of the block page |
///
/// ```
/// use std::time::Duration;
/// use rti_challenge::{Challenge, Keys};
///
/// # fn doc() -> Result<(), Box<dyn std::error::Error>> {
/// let kit = Challenge::proof_of_work(Keys::random()?).ttl(Duration::from_secs(3600))?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Challenge(Arc<Settings>);

impl Challenge {
    /// Proof of work: no account, nothing of a third party. See `docs/challenge.md` for what it is worth.
    pub fn proof_of_work(keys: Keys) -> Self {
        Self(Arc::new(Settings::new(keys, None)))
    }

    /// Cloudflare Turnstile. For its options, make a [`Captcha`](crate::Captcha).
    ///
    /// ```no_run
    /// use rti_challenge::{Challenge, Keys};
    ///
    /// let kit = Challenge::turnstile("site key", "secret", Keys::random()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Where there can be no HTTPS client.
    #[cfg(feature = "http")]
    pub fn turnstile(site_key: &str, secret: &str, keys: Keys) -> Result<Self, HttpClientError> {
        let captcha = Captcha::turnstile(site_key, secret, HttpClient::new()?);
        Ok(Self::with_provider(captcha, keys))
    }

    /// hCaptcha.
    ///
    /// # Errors
    /// Where there can be no HTTPS client.
    #[cfg(feature = "http")]
    pub fn hcaptcha(site_key: &str, secret: &str, keys: Keys) -> Result<Self, HttpClientError> {
        let captcha = Captcha::hcaptcha(site_key, secret, HttpClient::new()?);
        Ok(Self::with_provider(captcha, keys))
    }

    /// reCAPTCHA v2, the checkbox.
    ///
    /// # Errors
    /// Where there can be no HTTPS client.
    #[cfg(feature = "http")]
    pub fn recaptcha(site_key: &str, secret: &str, keys: Keys) -> Result<Self, HttpClientError> {
        let captcha = Captcha::recaptcha_v2(site_key, secret, HttpClient::new()?);
        Ok(Self::with_provider(captcha, keys))
    }

    /// Friendly Captcha, version 2.
    ///
    /// # Errors
    /// Where there can be no HTTPS client.
    #[cfg(feature = "http")]
    pub fn friendly_captcha(
        site_key: &str,
        api_key: &str,
        keys: Keys,
    ) -> Result<Self, HttpClientError> {
        let captcha = Captcha::friendly_captcha(site_key, api_key, HttpClient::new()?);
        Ok(Self::with_provider(captcha, keys))
    }

    /// The widget of a captcha provider.
    pub fn with_provider(provider: impl Provider + 'static, keys: Keys) -> Self {
        Self(Arc::new(Settings::new(keys, Some(Arc::new(provider)))))
    }

    /// How long a visitor continues after a solution, in whole seconds.
    ///
    /// # Errors
    /// Where it is shorter than a minute or longer than 30 days.
    pub fn ttl(self, ttl: Duration) -> Result<Self, TtlError> {
        let ttl = settings::checked_ttl(ttl.as_secs())?;
        Ok(self.with(|settings| settings.ttl = ttl))
    }

    /// What a clearance, a challenge and a sealed form are bound to.
    #[must_use]
    pub fn binding(self, binding: Binding) -> Self {
        self.with(|settings| settings.binding = binding)
    }

    /// Where used solutions are kept. A site of several processes needs one that they share.
    #[must_use]
    pub fn store(self, store: impl ReplayStore + 'static) -> Self {
        self.with(|settings| settings.store = Arc::new(store))
    }

    /// The work of a challenge by proof of work, for desktop and mobile devices alike.
    #[must_use]
    pub fn cost(self, cost: Cost) -> Self {
        self.with(|settings| {
            settings.cost = cost;
            settings.mobile_cost = cost;
        })
    }

    /// The work for devices that say they are mobile (`Sec-CH-UA-Mobile`). A program can say so too: the
    /// lower of the two costs is what a challenge is worth. Call it after [`cost`](Self::cost).
    #[must_use]
    pub fn mobile_cost(self, cost: Cost) -> Self {
        self.with(|settings| settings.mobile_cost = cost)
    }

    /// What visitors whose browsers run no scripts can do. With a provider it is nothing by default: a program
    /// that waits would pass by the captcha.
    #[must_use]
    pub fn without_scripts(self, without_scripts: WithoutScripts) -> Self {
        self.with(|settings| settings.without_scripts = without_scripts)
    }

    /// What happens to visitors when the provider cannot be reached.
    #[must_use]
    pub fn on_provider_failure(self, on_failure: OnProviderFailure) -> Self {
        self.with(|settings| settings.on_provider_failure = on_failure)
    }

    /// How long the provider may take to judge a solution.
    #[must_use]
    pub fn provider_deadline(self, deadline: Duration) -> Self {
        self.with(|settings| settings.provider_deadline = deadline)
    }

    /// How many challenges a client network (IPv4 /24, IPv6 /48) may have in a minute. A page counts as
    /// one, and the challenge that its widget fetches as another.
    #[must_use]
    pub fn challenges_per_minute(self, challenges: u32) -> Self {
        self.with(|settings| {
            let limits = Limits {
                challenges,
                ..settings.rates.limits()
            };
            settings.rates = Arc::new(Rates::new(limits));
        })
    }

    /// How many solutions of a client network may be refused in a minute. One that is being judged counts as
    /// refused until it is known, so this is also how many are judged at once.
    #[must_use]
    pub fn failures_per_minute(self, failures: u32) -> Self {
        self.with(|settings| {
            let limits = Limits {
                failures,
                ..settings.rates.limits()
            };
            settings.rates = Arc::new(Rates::new(limits));
        })
    }

    /// What the paths of the kit begin with.
    ///
    /// # Errors
    /// Where it does not begin and end with `/`, is `/` alone, or has other characters than letters,
    /// digits, `-`, `_`, `.` and `/`.
    pub fn prefix(self, prefix: &str) -> Result<Self, PrefixError> {
        let prefix = settings::checked_prefix(prefix)?;
        Ok(self.with(|settings| settings.prefix = prefix))
    }

    /// The language of the pages, by its tag, such as `de` or `pt-BR`. There are texts in `de`, `en`, `es`,
    /// `fr`, `it`, `nl` and `pt`, those of the block page; in another language the page is English.
    /// Default: the language of the block page.
    #[must_use]
    pub fn lang(self, tag: &str) -> Self {
        self.with(|settings| settings.lang = Some(Lang::of(tag)))
    }

    /// At a time of the test's.
    #[cfg(test)]
    fn at(self, now: u64) -> Self {
        self.with(|settings| settings.clock = settings::Clock::At(now))
    }

    /// The language of a page for this request.
    fn lang_for(&self, request: &ChallengeRequest) -> Lang {
        let own = self.0.lang.clone();
        own.unwrap_or_else(|| {
            let config = request.engine().map(Rti::config);
            let tag = config.as_ref().and_then(|config| config.lang());
            Lang::of(tag.unwrap_or("en"))
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Whether a request of this path, as received, is for the kit. Such a request is not sent to the
    /// service and does not reach the application: [`handle`](Self::handle) answers it.
    pub fn owns(&self, path: &str) -> bool {
        path.starts_with(&*self.0.prefix)
    }

    /// How much of the body the adapter reads, before it calls [`handle`](Self::handle) or
    /// [`interstitial`](Self::interstitial), in bytes. `None`: the body is not needed. One that is longer
    /// is given as [`RequestBody::TooLarge`](crate::RequestBody::TooLarge).
    pub fn body_limit(&self, request: &ChallengeRequest) -> Option<usize> {
        if self.owns(request.path()) {
            return (request.method() == "POST").then_some(MAX_SUBMISSION_BYTES);
        }
        Sealing::can_keep(request).then_some(MAX_FORM_BYTES)
    }

    /// What a challenged request proves. With [`Clearance::Valid`] it continues. A blocked one is blocked
    /// all the same: ask only where the decision wants a challenge.
    pub fn clearance(&self, request: &ChallengeRequest) -> Clearance {
        let clearance = self.clearances().check(request, self.now());
        if let Clearance::Invalid(fault) = clearance {
            tracing::debug!(target: "rti", fault = fault.as_str(), "clearance refused");
        }
        clearance
    }

    /// What a challenged visitor gets in place of the page: status 403 and a page, or for a script JSON
    /// with the URL at which a challenge is solved.
    pub fn interstitial(&self, request: &ChallengeRequest, challenged: &Challenged) -> Reply {
        let reply = || interstitial::reply(self, request, challenged);
        // A provider's widget is code of others.
        let reply =
            catch_unwind(AssertUnwindSafe(reply)).unwrap_or_else(|_panic| interstitial::refused());
        match (request.method(), challenged.requester) {
            ("HEAD", Requester::Navigation | Requester::Script) => reply.headers_alone(),
            _ => reply,
        }
    }

    /// Answers a request that [`owns`](Self::owns) says is for the kit. It has no errors: what goes wrong
    /// refuses the solution.
    ///
    /// A panic of a provider or a store refuses it too.
    pub async fn handle(&self, request: &ChallengeRequest) -> Reply {
        let mut handled = pin!(endpoints::reply(self, request));
        poll_fn(|context| {
            let poll = AssertUnwindSafe(|| handled.as_mut().poll(context));
            catch_unwind(poll).unwrap_or_else(|_panic| {
                Poll::Ready(interstitial::refusal_as_json(Refusal::Unavailable))
            })
        })
        .await
    }

    fn settings(&self) -> &Settings {
        &self.0
    }

    fn now(&self) -> u64 {
        self.0.clock.now()
    }

    fn clearances(&self) -> Clearances {
        Clearances {
            keys: self.0.keys.clone(),
            binding: self.0.binding,
            method: self.0.method(),
            ttl: self.0.ttl,
        }
    }

    fn work(&self) -> ProofOfWork {
        ProofOfWork {
            keys: self.0.keys.clone(),
            binding: self.0.binding,
            cost: self.0.cost,
            mobile_cost: self.0.mobile_cost,
            ttl: settings::CHALLENGE_SECONDS,
        }
    }

    fn sealing(&self) -> Sealing {
        Sealing {
            keys: self.0.keys.clone(),
            binding: self.0.binding,
            ttl: settings::FORM_SECONDS,
        }
    }

    fn waits(&self) -> Waits {
        Waits {
            keys: self.0.keys.clone(),
            binding: self.0.binding,
        }
    }
}

/// What happens is for the engine that the request passes: several may share one kit.
fn report(
    request: &ChallengeRequest,
    kind: ChallengeEventKind,
    threat_type: Option<ThreatType>,
    refusal: Option<Refusal>,
) {
    tracing::debug!(
        target: "rti",
        result = kind.as_str(),
        refusal = refusal.map(Refusal::as_str),
        threat_type = threat_type.map(ThreatType::code),
        "challenge"
    );
    if let Some(engine) = request.engine() {
        engine.observe_challenge(&ChallengeEvent::new(kind, threat_type));
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
