//! What is posted with a solution, as a form or as JSON.

use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::request::{ChallengeRequest, RequestBody};

/// The most of a provider's response. Those of reCAPTCHA have about 2 KiB.
const MAX_RESPONSE_BYTES: usize = 8 * 1024;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Submission {
    /// The field `altcha`, or the provider's own.
    pub(super) solution: Option<String>,
    /// The permission to continue without scripts.
    pub(super) wait: Option<String>,
    /// The signed path.
    pub(super) return_to: Option<String>,
    /// The sealed form.
    pub(super) resume: Option<String>,
}

impl Submission {
    pub(super) fn read(
        request: &ChallengeRequest,
        provider: Option<&dyn Provider>,
    ) -> Result<Self, Refusal> {
        let body = match request.body() {
            RequestBody::Whole(body) => body,
            RequestBody::TooLarge => return Err(Refusal::TooLarge),
            RequestBody::NotRead => return Err(Refusal::Malformed),
        };
        if body.len() > super::MAX_SUBMISSION_BYTES {
            return Err(Refusal::TooLarge);
        }
        let field = provider.map_or("altcha", |provider| provider.widget().field);
        let mut submission = Self::default();
        if request
            .media_type()
            .eq_ignore_ascii_case("application/json")
        {
            let members: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(body).map_err(|_error| Refusal::Malformed)?;
            for (name, value) in members {
                if let serde_json::Value::String(value) = value {
                    submission.set(&name, value, field);
                }
            }
        } else {
            for (name, value) in form_urlencoded::parse(body) {
                submission.set(&name, value.into_owned(), field);
            }
        }
        let solution = submission.solution.as_ref();
        if solution.is_some_and(|solution| solution.len() > MAX_RESPONSE_BYTES) {
            return Err(Refusal::TooLarge);
        }
        Ok(submission)
    }

    /// An empty value is none: a browser sends fields that a widget has not filled.
    fn set(&mut self, name: &str, value: String, field: &str) {
        if value.is_empty() {
            return;
        }
        match name {
            name if name == field => self.solution = Some(value),
            "wait" => self.wait = Some(value),
            "return_to" => self.return_to = Some(value),
            "resume" => self.resume = Some(value),
            _ => {}
        }
    }
}
