//! The page of a visitor whose network has had too many challenges or refused solutions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rti_core::Reply;

use super::{Lang, STYLE, document, head};
use crate::random::{self, NoRandomError};
use crate::refusal::Refusal;

pub(crate) fn limited(lang: &Lang) -> Result<Reply, NoRandomError> {
    let nonce = STANDARD.encode(random::bytes::<16>()?);
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let refusal = Refusal::RateLimited;
    let (title, text) = (lang.phrases.title, refusal.sentence(&lang.phrases.refusals));
    let html = format!(
        "{}<style nonce=\"{nonce}\">{STYLE}</style>\n</head>\n<body><main>\n\
         <h1>{title}</h1>\n<p>{text}</p>\n</main></body>\n</html>\n",
        head(lang, title)
    );
    Ok(document(refusal.status(), policy).with_body(html))
}
