//! The captcha services that are known here: one type, and what differs between them as data.

mod client;
#[cfg(feature = "http")]
mod http;
mod judge;
mod service;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::client::{VerifyCall, VerifyClient, VerifyResponse};
#[cfg(feature = "http")]
pub use self::http::{HttpClient, HttpClientError};
use self::judge::Expected;
use self::service::Service;
use crate::provider::{Provider, ProviderError, ProviderSolution, Widget};

/// A captcha service: Turnstile, hCaptcha, reCAPTCHA or Friendly Captcha.
///
/// A response counts when the service says so and names the host of this page and, where it names one,
/// the action. `Debug` does not show the secret.
///
/// ```no_run
/// use rti_challenge::{Captcha, Challenge, HttpClient, Keys};
///
/// # fn doc() -> Result<(), Box<dyn std::error::Error>> {
/// let captcha = Captcha::recaptcha_v3("site key", "secret", HttpClient::new()?)
///     .min_score(0.7)
///     .host_names(["shop.example", "www.shop.example"]);
/// let kit = Challenge::with_provider(captcha, Keys::random()?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Captcha {
    service: Service,
    site_key: String,
    secret: String,
    endpoint: String,
    origin: Option<String>,
    expected: Expected,
    client: Arc<dyn VerifyClient>,
}

impl Captcha {
    /// Cloudflare Turnstile.
    pub fn turnstile(
        site_key: impl Into<String>,
        secret: impl Into<String>,
        client: impl VerifyClient + 'static,
    ) -> Self {
        Self::new(Service::Turnstile, site_key, secret, client)
    }

    /// hCaptcha.
    pub fn hcaptcha(
        site_key: impl Into<String>,
        secret: impl Into<String>,
        client: impl VerifyClient + 'static,
    ) -> Self {
        Self::new(Service::Hcaptcha, site_key, secret, client)
    }

    /// reCAPTCHA v2, the checkbox.
    pub fn recaptcha_v2(
        site_key: impl Into<String>,
        secret: impl Into<String>,
        client: impl VerifyClient + 'static,
    ) -> Self {
        Self::new(Service::RecaptchaV2, site_key, secret, client)
    }

    /// reCAPTCHA v3: there is no task, the service gives a score.
    pub fn recaptcha_v3(
        site_key: impl Into<String>,
        secret: impl Into<String>,
        client: impl VerifyClient + 'static,
    ) -> Self {
        Self::new(Service::RecaptchaV3, site_key, secret, client)
    }

    /// reCAPTCHA Enterprise with a key that gives a score: an API key of a Google Cloud project.
    pub fn recaptcha_enterprise(
        project: impl AsRef<str>,
        site_key: impl Into<String>,
        api_key: impl Into<String>,
        client: impl VerifyClient + 'static,
    ) -> Self {
        let mut captcha = Self::new(Service::RecaptchaEnterprise, site_key, api_key, client);
        let project = utf8_percent_encode(project.as_ref(), NON_ALPHANUMERIC);
        captcha.endpoint = format!("{}/v1/projects/{project}/assessments", captcha.endpoint);
        captcha
    }

    /// Friendly Captcha, version 2. The secret is the API key.
    pub fn friendly_captcha(
        site_key: impl Into<String>,
        api_key: impl Into<String>,
        client: impl VerifyClient + 'static,
    ) -> Self {
        Self::new(Service::Friendly, site_key, api_key, client)
    }

    fn new(
        service: Service,
        site_key: impl Into<String>,
        secret: impl Into<String>,
        client: impl VerifyClient + 'static,
    ) -> Self {
        Self {
            service,
            site_key: site_key.into(),
            secret: secret.into(),
            endpoint: service.endpoint().to_owned(),
            origin: None,
            expected: Expected::default(),
            client: Arc::new(client),
        }
    }

    /// The host names of which responses count. By default it is the one that the request names in its
    /// `Host` header, which a client can choose: name them where the server answers to any host and the
    /// service does not bind the site key to host names itself.
    #[must_use]
    pub fn host_names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.expected.host_names = names.into_iter().map(Into::into).collect();
        self
    }

    /// The action that the page names and the response has to name again; `rti_challenge` by default. Of
    /// Turnstile, reCAPTCHA v3 and Enterprise.
    #[must_use]
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.expected.action = action.into();
        self
    }

    /// The least score that counts, from 0 to 1; 0.5 by default. Of reCAPTCHA v3 and Enterprise.
    #[must_use]
    pub fn min_score(mut self, score: f64) -> Self {
        self.expected.min_score = score.clamp(0.0, 1.0);
        self
    }

    /// Another URL to verify at, such as that of a region of the service.
    #[must_use]
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = url.into();
        self
    }

    /// Another origin, such as `http://127.0.0.1:8091`, for all that is loaded from the service and sent to
    /// it: a stand-in for tests, with the paths of the service.
    #[must_use]
    pub fn stand_in(mut self, origin: &str) -> Self {
        self.endpoint = service::at_origin(&self.endpoint, origin);
        self.origin = Some(origin.to_owned());
        self
    }
}

#[async_trait]
impl Provider for Captcha {
    fn name(&self) -> &'static str {
        self.service.name()
    }

    fn widget(&self) -> Widget {
        let widget = self.service.widget(&self.site_key, &self.expected.action);
        match &self.origin {
            Some(origin) => service::widget_at(widget, origin),
            None => widget,
        }
    }

    async fn verify(&self, solution: ProviderSolution<'_>) -> Result<(), ProviderError> {
        let call = self.service.call(
            &self.endpoint,
            &self.site_key,
            &self.secret,
            &self.expected.action,
            &solution,
        );
        let response = self.client.post(call).await?;
        judge::judge(self.service, &self.expected, &solution, &response)
    }
}

impl fmt::Debug for Captcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captcha")
            .field("service", &self.service)
            .field("site_key", &self.site_key)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}
