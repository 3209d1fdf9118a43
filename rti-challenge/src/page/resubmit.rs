//! The page that posts a form again once its visitor has solved the challenge.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rti_core::Reply;

use super::{Lang, STYLE, document, escape, head};
use crate::random::{self, NoRandomError};
use crate::resume::Unsealed;

/// Fields may have any name, `submit` as well, so the method is taken from the prototype.
const SCRIPT: &str =
    "HTMLFormElement.prototype.submit.call(document.getElementById(\"resubmit\"));";

pub(crate) fn resubmit(form: &Unsealed, lang: &Lang) -> Result<Reply, NoRandomError> {
    let nonce = STANDARD.encode(random::bytes::<16>()?);
    // As of the page of the challenge, without `form-action`: a form may lead to a payment service.
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let phrases = lang.phrases;
    let title = phrases.sending;
    let mut html = head(lang, title);
    let path = escape(form.path.as_str());
    let _ = write!(
        html,
        "<style nonce=\"{nonce}\">{STYLE}</style>\n</head>\n\
         <body><main>\n<h1>{title}</h1>\n\
         <form id=\"resubmit\" method=\"post\" action=\"{path}\">\n"
    );
    for (name, value) in &form.fields {
        let (name, value) = (escape(name), escape(value));
        let _ = writeln!(
            html,
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
        );
    }
    let _ = write!(
        html,
        "<noscript><p>{}</p>\n<button>{}</button></noscript>\n</form>\n\
         <script nonce=\"{nonce}\">{SCRIPT}</script>\n</main></body>\n</html>\n",
        phrases.send_again, phrases.send
    );
    Ok(document(200, policy).with_body(html))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resume::ReturnPath;

    #[test]
    fn fields_cannot_inject() {
        let form = Unsealed {
            id: [0; 16],
            path: ReturnPath::parse("/a?b=\"><script>").unwrap(),
            fields: vec![
                (
                    "submit".to_owned(),
                    "\"><script>alert(1)</script>".to_owned(),
                ),
                ("text".to_owned(), "one\r\ntwo".to_owned()),
            ],
        };
        let reply = resubmit(&form, &Lang::of("en")).unwrap();
        let html = std::str::from_utf8(reply.body()).unwrap();
        assert_eq!(html.matches("<script").count(), 1);
        assert!(html.contains("value=\"one&#13;&#10;two\""));
        assert!(html.contains("action=\"/a?b=&quot;&gt;&lt;script&gt;\""));
    }
}
