//! Setting what blocked visitors see.

use std::path::PathBuf;

use super::ConfigBuilder;

/// The page, as it was set. A blank text counts as not set.
#[derive(Default)]
pub(in crate::config) struct PageOptions {
    pub(in crate::config) title: Option<String>,
    pub(in crate::config) message: Option<String>,
    pub(in crate::config) support_url: Option<String>,
    pub(in crate::config) lang: Option<String>,
    pub(in crate::config) template: Option<PathBuf>,
}

/// The page that blocked visitors see, which is made once, by `build`.
///
/// ```
/// use rti_core::Config;
///
/// let config = Config::builder("key", "hash", "eu")
///     .block_page_title("Example Shop")
///     .block_page_message("Sorry, we cannot show you this page.")
///     .support_url("mailto:help@shop.example")
///     .build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
impl ConfigBuilder {
    /// The title and the heading of the page: the name of the site, as a rule. Default: "Access
    /// denied", in the language of the page; at most 100 characters.
    pub fn block_page_title(mut self, title: impl Into<String>) -> Self {
        self.page.title = Some(title.into());
        self
    }

    /// What the page says to the visitor, as text; line breaks are kept. Default: that the request
    /// looks automated; at most 1000 characters.
    pub fn block_page_message(mut self, message: impl Into<String>) -> Self {
        self.page.message = Some(message.into());
        self
    }

    /// Where the page sends visitors who need help: an `http(s)://` URL, `mailto:` and an address, or a
    /// path on this site that begins with `/`. Default: there is no link.
    ///
    /// A page of this site is checked like any other: exclude it with
    /// [`uri_exclusion`](Self::uri_exclusion), or blocked visitors are blocked there too.
    pub fn support_url(mut self, url: impl Into<String>) -> Self {
        self.page.support_url = Some(url.into());
        self
    }

    /// The language of the page, as a language tag (BCP 47) such as `de` or `pt-BR`. Default: `en`.
    ///
    /// What the page says by itself it says in `de`, `en`, `es`, `fr`, `it`, `nl` or `pt`; in a page in
    /// another language the words that you do not set are English.
    pub fn lang(mut self, tag: impl Into<String>) -> Self {
        self.page.lang = Some(tag.into());
        self
    }

    /// A file that is shown in place of the built-in page: HTML in UTF-8, at most 64 KiB, in which
    /// `{{reference}}` stands for the service's id of the request, in text or in a quoted attribute. It
    /// is read once, by [`build`](Self::build). The options above are refused beside it: what they set
    /// is not on it. Default: none.
    ///
    /// It is sent with a `Content-Security-Policy` under which its inline style works, and styles,
    /// images and fonts of this site or in `data:` URLs do; no script runs. What it loads from this site
    /// is checked too and must be excluded. A page that needs more than that is given by the
    /// adapter's `on_block`.
    pub fn block_page(mut self, path: impl Into<PathBuf>) -> Self {
        self.page.template = Some(path.into());
        self
    }
}
