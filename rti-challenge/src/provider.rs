//! Captcha providers: what the page shows of them, and the call that judges a solution.

use std::fmt::Debug;
use std::net::IpAddr;

use async_trait::async_trait;

/// A captcha provider: a widget for the page, and a call that judges its solutions.
///
/// ```
/// use rti_challenge::{Provider, ProviderError, ProviderSolution, Widget, WidgetStart};
///
/// /// Answers with the word that is on the wall.
/// #[derive(Debug)]
/// struct Password;
///
/// #[rti_challenge::async_trait]
/// impl Provider for Password {
///     fn name(&self) -> &'static str {
///         "password"
///     }
///
///     fn widget(&self) -> Widget {
///         Widget::new("password", WidgetStart::Form)
///             .with_html("<label>Password <input name=\"password\"></label> <button>Continue</button>")
///     }
///
///     async fn verify(&self, solution: ProviderSolution<'_>) -> Result<(), ProviderError> {
///         match solution.response {
///             "swordfish" => Ok(()),
///             _ => Err(ProviderError::refused("another word")),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Provider: Debug + Send + Sync {
    /// A word for logs. A clearance counts for kits with a provider of this name.
    fn name(&self) -> &'static str;

    /// What the page shows.
    fn widget(&self) -> Widget;

    /// Judges a solution. The kit bounds the time that this takes, and sees to it that a solution is
    /// used once.
    ///
    /// # Errors
    /// [`ProviderError::refused`] where the solution does not count, and
    /// [`ProviderError::unavailable`] where the provider cannot say. Take care that a client cannot
    /// bring about the second, since a site may let visitors continue on it.
    async fn verify(&self, solution: ProviderSolution<'_>) -> Result<(), ProviderError>;
}

/// A solution, and what a provider may compare it with.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ProviderSolution<'a> {
    /// What the widget put into the field of the form: not empty, at most 8 KiB.
    pub response: &'a str,
    /// The visitor's address.
    pub client_ip: Option<IpAddr>,
    /// The visitor's user agent.
    pub user_agent: &'a str,
    /// The host name of the page, as the request has it. A client can write any.
    pub host_name: Option<&'a str>,
}

impl<'a> ProviderSolution<'a> {
    /// A solution of which nothing else is known.
    pub fn new(response: &'a str) -> Self {
        Self {
            response,
            client_ip: None,
            user_agent: "",
            host_name: None,
        }
    }
}

/// Why a provider did not accept a solution. The reason is logged; put no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The solution does not count.
    #[error("the provider refused the solution: {0}")]
    Refused(String),
    /// The provider cannot be reached, or fails.
    #[error("the provider is not available: {0}")]
    Unavailable(String),
}

impl ProviderError {
    /// The solution does not count.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }

    /// The provider cannot be reached, or fails.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(reason.into())
    }
}

/// What the page shows of a provider. The texts are put into the page as they are: they are of the
/// site's own, with nothing of a request in them.
///
/// ```
/// use rti_challenge::{Widget, WidgetStart};
///
/// let widget = Widget::new("example-response", WidgetStart::Callback)
///     .with_script("https://captcha.example/api.js")
///     .with_html("<div class=\"example\" data-callback=\"rtiSolved\"></div>")
///     .with_sources("https://captcha.example");
/// ```
#[derive(Debug, Clone)]
pub struct Widget {
    pub(crate) field: &'static str,
    pub(crate) start: WidgetStart,
    pub(crate) script: Option<String>,
    pub(crate) html: String,
    pub(crate) sources: String,
}

/// How a solution gets from the widget to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WidgetStart {
    /// The widget fills its field and calls the function `rtiSolved`, which sends the form.
    Callback,
    /// The visitor sends the form.
    Form,
    /// `grecaptcha.execute` is called with this site key and action, which gives the solution.
    Execute {
        /// The site key.
        site_key: String,
        /// The action, which the provider's response names again.
        action: String,
        /// Whether it is `grecaptcha.enterprise`.
        object: &'static str,
    },
}

impl Widget {
    /// A widget that fills this field of the form.
    pub fn new(field: &'static str, start: WidgetStart) -> Self {
        Self {
            field,
            start,
            script: None,
            html: String::new(),
            sources: String::new(),
        }
    }

    /// The URL of its script.
    #[must_use]
    pub fn with_script(mut self, url: impl Into<String>) -> Self {
        self.script = Some(url.into());
        self
    }

    /// Its place in the page, as HTML.
    #[must_use]
    pub fn with_html(mut self, html: impl Into<String>) -> Self {
        self.html = html.into();
        self
    }

    /// Sources that the content security policy allows it, separated by spaces: of scripts, styles,
    /// images, frames and connections.
    #[must_use]
    pub fn with_sources(mut self, sources: impl Into<String>) -> Self {
        self.sources = sources.into();
        self
    }
}

/// What happens to visitors when the provider cannot be reached.
///
/// ```
/// use rti_challenge::OnProviderFailure;
///
/// assert_eq!(OnProviderFailure::default(), OnProviderFailure::Deny);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnProviderFailure {
    /// The solution is refused, and the page shown again.
    #[default]
    Deny,
    /// The visitor continues for a minute, long enough for the page and its parts, and is challenged
    /// again after it. Whoever can keep the provider away from the server gets in.
    Pass,
}
