//! What differs between the services: the widget, and the call.

use serde_json::json;

use super::client::VerifyCall;
use crate::page::escape;
use crate::provider::{ProviderSolution, Widget, WidgetStart};

const FORM: &str = "application/x-www-form-urlencoded";

const RECAPTCHA_SOURCES: &str = "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/ \
     https://recaptcha.google.com/recaptcha/";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Turnstile,
    Hcaptcha,
    RecaptchaV2,
    RecaptchaV3,
    RecaptchaEnterprise,
    Friendly,
}

impl Service {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Turnstile => "turnstile",
            Self::Hcaptcha => "hcaptcha",
            Self::RecaptchaV2 => "recaptcha_v2",
            Self::RecaptchaV3 => "recaptcha_v3",
            Self::RecaptchaEnterprise => "recaptcha_enterprise",
            Self::Friendly => "friendly_captcha",
        }
    }

    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::Turnstile => "https://challenges.cloudflare.com/turnstile/v0/siteverify",
            Self::Hcaptcha => "https://api.hcaptcha.com/siteverify",
            Self::RecaptchaV2 | Self::RecaptchaV3 => {
                "https://www.google.com/recaptcha/api/siteverify"
            }
            Self::RecaptchaEnterprise => "https://recaptchaenterprise.googleapis.com",
            Self::Friendly => "https://global.frcapi.com/api/v2/captcha/siteverify",
        }
    }

    /// Whether a response names the action of the page.
    pub(super) fn has_action(self) -> bool {
        matches!(
            self,
            Self::Turnstile | Self::RecaptchaV3 | Self::RecaptchaEnterprise
        )
    }

    /// Whether a response has a score.
    pub(super) fn has_score(self) -> bool {
        matches!(self, Self::RecaptchaV3 | Self::RecaptchaEnterprise)
    }

    fn field(self) -> &'static str {
        match self {
            Self::Turnstile => "cf-turnstile-response",
            Self::Hcaptcha => "h-captcha-response",
            Self::RecaptchaV2 | Self::RecaptchaV3 | Self::RecaptchaEnterprise => {
                "g-recaptcha-response"
            }
            Self::Friendly => "frc-captcha-response",
        }
    }

    pub(super) fn widget(self, site_key: &str, action: &str) -> Widget {
        let start = match self {
            Self::RecaptchaV3 | Self::RecaptchaEnterprise => WidgetStart::Execute {
                site_key: site_key.to_owned(),
                action: action.to_owned(),
                object: match self {
                    Self::RecaptchaV3 => "grecaptcha",
                    _ => "grecaptcha.enterprise",
                },
            },
            _ => WidgetStart::Callback,
        };
        let (script, sources) = match self {
            Self::Turnstile => (
                "https://challenges.cloudflare.com/turnstile/v0/api.js".to_owned(),
                "https://challenges.cloudflare.com",
            ),
            Self::Hcaptcha => (
                "https://js.hcaptcha.com/1/api.js".to_owned(),
                "https://hcaptcha.com https://*.hcaptcha.com",
            ),
            Self::RecaptchaV2 => (
                "https://www.google.com/recaptcha/api.js".to_owned(),
                RECAPTCHA_SOURCES,
            ),
            Self::RecaptchaV3 => (
                format!("https://www.google.com/recaptcha/api.js?render={site_key}"),
                RECAPTCHA_SOURCES,
            ),
            Self::RecaptchaEnterprise => (
                format!("https://www.google.com/recaptcha/enterprise.js?render={site_key}"),
                RECAPTCHA_SOURCES,
            ),
            Self::Friendly => (
                "https://cdn.jsdelivr.net/npm/@friendlycaptcha/sdk@0.1.36/site.compat.min.js"
                    .to_owned(),
                "https://cdn.jsdelivr.net https://*.frcapi.com",
            ),
        };
        let class = match self {
            Self::Turnstile => "cf-turnstile",
            Self::Hcaptcha => "h-captcha",
            Self::RecaptchaV2 => "g-recaptcha",
            Self::Friendly => "frc-captcha",
            Self::RecaptchaV3 | Self::RecaptchaEnterprise => "",
        };
        let html = match class {
            "" => String::new(),
            class => format!(
                "<div class=\"{class}\" data-sitekey=\"{}\" data-action=\"{}\" \
                 data-callback=\"rtiSolved\"></div>",
                escape(site_key),
                escape(action)
            ),
        };
        Widget::new(self.field(), start)
            .with_script(script)
            .with_html(html)
            .with_sources(sources)
    }

    pub(super) fn call(
        self,
        endpoint: &str,
        site_key: &str,
        secret: &str,
        action: &str,
        solution: &ProviderSolution<'_>,
    ) -> VerifyCall {
        let ip = solution.client_ip.map(|ip| ip.to_string());
        match self {
            Self::Turnstile | Self::Hcaptcha | Self::RecaptchaV2 | Self::RecaptchaV3 => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.append_pair("secret", secret);
                form.append_pair("response", solution.response);
                if let Some(ip) = &ip {
                    form.append_pair("remoteip", ip);
                }
                if self == Self::Hcaptcha {
                    form.append_pair("sitekey", site_key);
                }
                VerifyCall::new(endpoint.to_owned(), FORM, form.finish())
            }
            Self::RecaptchaEnterprise => {
                let event = json!({ "event": {
                    "token": solution.response,
                    "siteKey": site_key,
                    "expectedAction": action,
                    "userAgent": solution.user_agent,
                    "userIpAddress": ip,
                } });
                let mut call =
                    VerifyCall::new(endpoint.to_owned(), "application/json", event.to_string());
                // In a header and not in the query, which proxies log.
                call.headers.push(("x-goog-api-key", secret.to_owned()));
                call
            }
            Self::Friendly => {
                let body = json!({ "response": solution.response, "sitekey": site_key });
                let mut call =
                    VerifyCall::new(endpoint.to_owned(), "application/json", body.to_string());
                call.headers.push(("x-api-key", secret.to_owned()));
                call
            }
        }
    }
}

/// The same path and query at another origin.
pub(super) fn at_origin(url: &str, origin: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..));
    format!("{origin}{}", path.unwrap_or("/"))
}

pub(super) fn widget_at(widget: Widget, origin: &str) -> Widget {
    let script = widget.script.as_deref().map(|url| at_origin(url, origin));
    Widget {
        script,
        sources: origin.to_owned(),
        ..widget
    }
}
