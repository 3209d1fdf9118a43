//! The page of a challenged visitor, and its policy.

mod limited;
mod phrases;
mod resubmit;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rti_core::Reply;

pub(crate) use self::limited::limited;
pub(crate) use self::phrases::{Phrases, Refusals};
pub(crate) use self::resubmit::resubmit;
use crate::assets;
use crate::provider::{Widget, WidgetStart};
use crate::random::{self, NoRandomError};
use crate::resume::Form;

/// Readable as they stand: nobody has to decode them.
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// What a page shows.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) lang: &'a Lang,
    /// The prefix of the kit's paths; validated at start.
    pub(crate) prefix: &'a str,
    pub(crate) kind: Kind<'a>,
    pub(crate) return_to: &'a str,
    pub(crate) form: &'a Form,
    pub(crate) wait: Option<Wait<'a>>,
    pub(crate) reference: Option<&'a str>,
    /// Why the last solution was refused. The visitor then starts the next one.
    pub(crate) notice: Option<&'static str>,
}

/// A language: its texts, and the tag that a page in it has.
#[derive(Debug, Clone)]
pub(crate) struct Lang {
    pub(crate) phrases: &'static Phrases,
    tag: Box<str>,
}

impl Lang {
    /// English where there are no texts in the language of the tag.
    pub(crate) fn of(tag: &str) -> Self {
        let (phrases, tag) = Phrases::of(tag);
        let tag = tag.into();
        Self { phrases, tag }
    }
}

#[derive(Debug)]
pub(crate) enum Kind<'a> {
    ProofOfWork,
    Provider(&'a Widget),
}

/// The path without scripts.
#[derive(Debug)]
pub(crate) struct Wait<'a> {
    pub(crate) permission: &'a str,
    pub(crate) seconds: u64,
}

impl Page<'_> {
    /// The page with this status.
    pub(crate) fn reply(&self, status: u16) -> Result<Reply, NoRandomError> {
        let nonce = STANDARD.encode(random::bytes::<16>()?);
        let policy = self.policy(&nonce);
        Ok(document(status, policy).with_body(self.html(&nonce)))
    }

    /// Nothing is loaded but what the challenge needs, nothing runs but what has the nonce, and the page
    /// is shown in no frame. Where its form leads to is not limited: Chromium and Safari apply `form-action` to
    /// redirects too, and the page that was asked for may redirect to the sign-in of another host.
    fn policy(&self, nonce: &str) -> String {
        let (sources, rest) = match &self.kind {
            Kind::ProofOfWork => ("", "connect-src 'self'; worker-src 'self'".to_owned()),
            Kind::Provider(Widget { sources, .. }) => (
                sources.as_str(),
                format!(
                    "connect-src {sources}; frame-src {sources}; img-src {sources}; \
                     worker-src {sources} blob:"
                ),
            ),
        };
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}' {sources}; style-src 'nonce-{nonce}' \
             {sources}; {rest}; base-uri 'none'; frame-ancestors 'none'"
        )
    }

    fn html(&self, nonce: &str) -> String {
        let prefix = self.prefix;
        let phrases = self.lang.phrases;
        let mut html = head(self.lang, phrases.title);
        if let Kind::ProofOfWork = self.kind {
            let style = assets::WIDGET_STYLE;
            let _ = writeln!(
                html,
                "<link rel=\"stylesheet\" nonce=\"{nonce}\" href=\"{prefix}assets/{style}\">"
            );
        }
        let _ = writeln!(
            html,
            "<style nonce=\"{nonce}\">{STYLE}{}</style>",
            self.delay()
        );
        let _ = writeln!(
            html,
            "<script nonce=\"{nonce}\">document.documentElement.className = \"scripts\";</script>"
        );
        let (title, text) = match self.kind {
            Kind::ProofOfWork => (phrases.title, phrases.work),
            Kind::Provider(_) => (phrases.title, phrases.task),
        };
        let _ = writeln!(
            html,
            "</head>\n<body><main>\n<h1>{title}</h1>\n<p>{text}</p>"
        );
        if let Some(notice) = self.notice {
            let _ = writeln!(html, "<p class=\"notice\" role=\"alert\">{notice}</p>");
        }
        if *self.form == Form::Lost {
            let _ = writeln!(html, "<p class=\"notice\">{}</p>", phrases.lost_form);
        }
        self.challenge(&mut html, nonce);
        self.without_scripts(&mut html);
        if let Some(reference) = self.reference {
            let reference = escape(reference);
            let _ = writeln!(
                html,
                "<p class=\"reference\">{}: <code>{reference}</code></p>",
                phrases.reference
            );
        }
        html.push_str("</main></body>\n</html>\n");
        html
    }

    fn challenge(&self, html: &mut String, nonce: &str) {
        let prefix = self.prefix;
        let start = if self.notice.is_none() {
            "auto"
        } else {
            "click"
        };
        let settings = match &self.kind {
            Kind::ProofOfWork => format!(
                "data-kind=\"pow\" data-challenge=\"{prefix}challenge\" \
                 data-worker=\"{prefix}assets/{}\"",
                assets::WORKER
            ),
            Kind::Provider(widget) => match &widget.start {
                WidgetStart::Callback => "data-kind=\"callback\"".to_owned(),
                WidgetStart::Form => "data-kind=\"form\"".to_owned(),
                WidgetStart::Execute {
                    site_key,
                    action,
                    object,
                } => format!(
                    "data-kind=\"execute\" data-site-key=\"{}\" data-action=\"{}\" \
                     data-object=\"{}\" data-field=\"{}\"",
                    escape(site_key),
                    escape(action),
                    escape(object),
                    escape(widget.field)
                ),
            },
        };
        let texts = serde_json::to_string(&self.lang.phrases.script).unwrap_or_default();
        let texts = escape(&texts);
        let _ = writeln!(
            html,
            "<form id=\"solve\" method=\"post\" action=\"{prefix}verify\" data-start=\"{start}\" \
             data-texts=\"{texts}\" {settings}>"
        );
        self.fields(html);
        // A form works without scripts.
        html.push_str(match &self.kind {
            Kind::Provider(widget) if widget.start == WidgetStart::Form => {
                "<div id=\"challenge\" class=\"plain\">"
            }
            _ => "<div id=\"challenge\">",
        });
        if let Kind::Provider(widget) = &self.kind {
            html.push_str(&widget.html);
            if let WidgetStart::Execute { .. } = widget.start {
                let field = escape(widget.field);
                let _ = write!(html, "<input type=\"hidden\" name=\"{field}\">");
            }
        }
        html.push_str(
            "</div>\n<p id=\"status\" role=\"status\" aria-live=\"polite\"></p>\n</form>\n",
        );
        match &self.kind {
            Kind::ProofOfWork => {
                let _ = writeln!(
                    html,
                    "<script type=\"module\" nonce=\"{nonce}\" src=\"{prefix}assets/{}\"></script>",
                    assets::WIDGET
                );
            }
            Kind::Provider(Widget {
                script: Some(url), ..
            }) => {
                let url = escape(url);
                let _ = writeln!(
                    html,
                    "<script nonce=\"{nonce}\" src=\"{url}\" defer></script>"
                );
            }
            Kind::Provider(_) => {}
        }
        let _ = writeln!(
            html,
            "<script type=\"module\" nonce=\"{nonce}\">{SCRIPT}</script>"
        );
    }

    fn without_scripts(&self, html: &mut String) {
        let (prefix, phrases) = (self.prefix, self.lang.phrases);
        let Some(Wait {
            permission,
            seconds,
        }) = self.wait
        else {
            if let Kind::Provider(widget) = &self.kind
                && widget.start == WidgetStart::Form
            {
                return;
            }
            let _ = writeln!(
                html,
                "<noscript><p class=\"notice\">{}</p></noscript>",
                phrases.scripts_needed
            );
            return;
        };
        let wait = phrases.wait.replace("{seconds}", &seconds.to_string());
        let _ = writeln!(
            html,
            "<form id=\"wait\" method=\"post\" action=\"{prefix}verify\">\n\
             <noscript><p>{}</p></noscript>\n<p>{wait}</p>\n\
             <input type=\"hidden\" name=\"wait\" value=\"{permission}\">",
            phrases.scripts_off
        );
        self.fields(html);
        let _ = writeln!(html, "<button>{}</button>\n</form>", phrases.proceed);
    }

    fn fields(&self, html: &mut String) {
        let mut field = |name, value: &str| {
            let value = escape(value);
            let _ = writeln!(
                html,
                "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
            );
        };
        field("return_to", self.return_to);
        if let Form::Sealed(sealed) = self.form {
            field("resume", sealed);
        }
    }

    /// Shows the button when the time has come, without a script. The server looks at its own clock.
    fn delay(&self) -> String {
        self.wait.as_ref().map_or_else(String::new, |wait| {
            format!(
                "@keyframes appear {{ from {{ visibility: hidden; }} to {{ visibility: visible; }} }}\n\
                 #wait button {{ animation: appear 1ms {}s both; }}\n",
                wait.seconds
            )
        })
    }
}

/// A response that is a page: kept by nobody, found by nobody, shown in no frame.
fn document(status: u16, policy: String) -> Reply {
    Reply::new(status)
        .with_header("content-type", "text/html; charset=utf-8")
        .with_header("cache-control", "no-store")
        .with_header("content-security-policy", policy)
        .with_header("x-frame-options", "DENY")
        .with_header("x-content-type-options", "nosniff")
        .with_header("x-robots-tag", "noindex")
        // Without it a browser sends `Origin: null` with the solution.
        .with_header("referrer-policy", "same-origin")
}

fn head(lang: &Lang, title: &str) -> String {
    let lang = escape(&lang.tag);
    format!(
        "<!doctype html>\n\
         <html lang=\"{lang}\">\n\
         <head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n"
    )
}

pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push('\t'),
            // The one character that HTML cannot have.
            '\0' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static ENGLISH: LazyLock<Lang> = LazyLock::new(|| Lang::of("en"));

    fn page<'a>(kind: Kind<'a>, form: &'a Form) -> Page<'a> {
        Page {
            lang: &ENGLISH,
            prefix: "/.well-known/rti/",
            kind,
            return_to: "signed",
            form,
            wait: Some(Wait {
                permission: "permission",
                seconds: 30,
            }),
            reference: Some("<script>\"r-1\""),
            notice: None,
        }
    }

    fn header(reply: &Reply, name: &str) -> String {
        let found = reply.headers().find(|(candidate, _)| *candidate == name);
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }

    #[test]
    fn nothing_runs_without_the_nonce_and_no_frame_shows_the_page() {
        let reply = page(Kind::ProofOfWork, &Form::None).reply(403).unwrap();
        let policy = header(&reply, "content-security-policy");
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap();
        assert_eq!(nonce.len(), 24);
        let html = std::str::from_utf8(reply.body()).unwrap();
        for tag in ["<script", "<style", "<link"] {
            for element in html.split(tag).skip(1) {
                let element = element.split('>').next().unwrap();
                assert!(element.contains(&format!("nonce=\"{nonce}\"")), "{element}");
            }
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"));
        assert!(policy.contains("frame-ancestors 'none'"));
        assert!(!html.contains("style=\"") && !html.contains("onclick"));
        assert_eq!(header(&reply, "x-frame-options"), "DENY");
        assert_eq!(header(&reply, "cache-control"), "no-store");
        assert_eq!(reply.status(), 403);
        let other = page(Kind::ProofOfWork, &Form::None).reply(403).unwrap();
        assert_ne!(
            header(&other, "content-security-policy"),
            policy,
            "a new nonce"
        );
    }

    #[test]
    fn a_reference_cannot_inject() {
        let reply = page(Kind::ProofOfWork, &Form::None).reply(403).unwrap();
        let html = std::str::from_utf8(reply.body()).unwrap();
        assert!(html.contains("&lt;script&gt;&quot;r-1&quot;"));
    }

    #[test]
    fn what_is_lost_is_said_and_what_is_sealed_is_there_for_both_paths() {
        let html = |form| {
            let reply = page(Kind::ProofOfWork, &form).reply(403).unwrap();
            String::from_utf8(reply.body().to_vec()).unwrap()
        };
        assert!(html(Form::Lost).contains("send it again"));
        let sealed = html(Form::Sealed("sealed".to_owned()));
        assert_eq!(
            sealed.matches("name=\"resume\" value=\"sealed\"").count(),
            2
        );
        assert_eq!(
            sealed
                .matches("name=\"return_to\" value=\"signed\"")
                .count(),
            2
        );
    }

    #[test]
    fn a_page_is_in_the_language_of_the_site() {
        let lang = Lang::of("de-AT");
        let german = Page {
            lang: &lang,
            ..page(Kind::ProofOfWork, &Form::None)
        };
        let html = german.html("nonce");
        assert!(html.contains("<html lang=\"de-AT\">"), "{html}");
        assert!(html.contains("<h1>Einen Moment bitte</h1>"), "{html}");
        assert!(html.contains("30 Sekunden"), "{html}");
        assert!(html.contains("Ich bin kein Roboter"), "{html}");
        assert!(!html.contains("This site checks"), "{html}");
        let lang = Lang::of("de-\"><script>");
        let hostile = Page {
            lang: &lang,
            ..page(Kind::ProofOfWork, &Form::None)
        };
        assert!(!hostile.html("nonce").contains("\"><script>"));
    }
}
