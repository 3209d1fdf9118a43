//! From the response of a captcha service to yes or no.

use serde::Deserialize;
use url::Url;

use super::client::VerifyResponse;
use super::service::Service;
use crate::provider::{ProviderError, ProviderSolution};

/// What a response has to say beside yes.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    /// That of the request where there is none.
    pub(super) host_names: Vec<String>,
    pub(super) action: String,
    pub(super) min_score: f64,
}

impl Default for Expected {
    fn default() -> Self {
        Self {
            host_names: Vec::new(),
            // The characters that every service allows.
            action: "rti_challenge".to_owned(),
            min_score: 0.5,
        }
    }
}

/// The same of every service.
#[derive(Debug, Default)]
struct Answer {
    is_accepted: bool,
    host_name: Option<String>,
    action: Option<String>,
    score: Option<f64>,
    errors: Vec<String>,
}

pub(super) fn judge(
    service: Service,
    expected: &Expected,
    solution: &ProviderSolution<'_>,
    response: &VerifyResponse,
) -> Result<(), ProviderError> {
    let answer = read(service, response)?;
    if !answer.is_accepted {
        let codes = answer.errors.join(", ");
        return Err(if answer.errors.iter().any(|code| is_fault_of_site(code)) {
            ProviderError::Unavailable(format!("it answers {codes}: look at key and secret"))
        } else {
            ProviderError::Refused(codes)
        });
    }
    let host = answer.host_name.unwrap_or_default();
    let is_host = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(&host);
    let is_expected = match expected.host_names.as_slice() {
        [] => solution.host_name.is_some_and(is_host),
        names => names.iter().any(|name| is_host(name)),
    };
    if !is_expected {
        return Err(ProviderError::Refused(format!(
            "solved on the host {host:?}"
        )));
    }
    if service.has_action() && answer.action.as_deref() != Some(&expected.action) {
        return Err(ProviderError::refused("solved for another action"));
    }
    if service.has_score() && answer.score.is_none_or(|score| score < expected.min_score) {
        return Err(ProviderError::Refused(format!("score {:?}", answer.score)));
    }
    Ok(())
}

/// What no visitor can bring about. hCaptcha's `not-using-dummy-secret` and `sitekey-secret-mismatch` are not
/// among them: a visitor can send a response to the key that it publishes for tests, or to one of another account.
fn is_fault_of_site(code: &str) -> bool {
    matches!(
        code,
        "missing-input-secret"
            | "invalid-input-secret"
            | "invalid-sitekey"
            | "internal-error"
            | "auth_required"
            | "auth_invalid"
            | "sitekey_invalid"
    )
}

fn read(service: Service, response: &VerifyResponse) -> Result<Answer, ProviderError> {
    let status = response.status;
    let body = &response.body;
    let read = match service {
        Service::Turnstile | Service::Hcaptcha | Service::RecaptchaV2 | Service::RecaptchaV3 => {
            serde_json::from_slice::<Siteverify>(body).map(Answer::from)
        }
        Service::RecaptchaEnterprise => {
            serde_json::from_slice::<Assessment>(body).map(Answer::from)
        }
        Service::Friendly => serde_json::from_slice::<Friendly>(body).map(Answer::from),
    };
    match (status, read) {
        (200, Ok(answer)) => Ok(answer),
        // Some give their codes with a status of 400. What else they say with it counts for nothing.
        (400..=499, Ok(answer)) if !answer.errors.is_empty() => Ok(Answer {
            is_accepted: false,
            ..answer
        }),
        (401 | 403, _) => Err(ProviderError::unavailable("it does not accept the secret")),
        // A visitor brings about too many calls, and calls that are not valid: it is no failure on which
        // a site may let visitors continue.
        (400..=499, _) => Err(ProviderError::Refused(format!("status {status}"))),
        (200, Err(_)) => Err(ProviderError::unavailable("a response that is not its own")),
        _ => Err(ProviderError::Unavailable(format!("status {status}"))),
    }
}

#[derive(Debug, Deserialize)]
struct Siteverify {
    success: bool,
    hostname: Option<String>,
    action: Option<String>,
    score: Option<f64>,
    #[serde(rename = "error-codes", default)]
    error_codes: Vec<String>,
}

impl From<Siteverify> for Answer {
    fn from(answer: Siteverify) -> Self {
        Self {
            is_accepted: answer.success,
            host_name: answer.hostname,
            action: answer.action,
            score: answer.score,
            errors: answer.error_codes,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assessment {
    token_properties: TokenProperties,
    #[serde(default)]
    risk_analysis: RiskAnalysis,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenProperties {
    #[serde(default)]
    valid: bool,
    hostname: Option<String>,
    action: Option<String>,
    invalid_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct RiskAnalysis {
    score: Option<f64>,
}

impl From<Assessment> for Answer {
    fn from(answer: Assessment) -> Self {
        let token = answer.token_properties;
        Self {
            is_accepted: token.valid,
            host_name: token.hostname,
            action: token.action,
            score: answer.risk_analysis.score,
            errors: token.invalid_reason.into_iter().collect(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Friendly {
    success: bool,
    data: Option<FriendlyData>,
    error: Option<FriendlyError>,
}

#[derive(Debug, Deserialize)]
struct FriendlyData {
    challenge: FriendlyChallenge,
}

#[derive(Debug, Deserialize)]
struct FriendlyChallenge {
    origin: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FriendlyError {
    error_code: String,
}

impl From<Friendly> for Answer {
    fn from(answer: Friendly) -> Self {
        let origin = answer.data.and_then(|data| data.challenge.origin);
        Self {
            is_accepted: answer.success,
            // An origin, or a host name alone.
            host_name: origin.map(|origin| {
                let url = Url::parse(&origin).ok();
                let host = url.and_then(|url| url.host_str().map(str::to_owned));
                host.unwrap_or(origin)
            }),
            action: None,
            score: None,
            errors: answer
                .error
                .map(|error| error.error_code)
                .into_iter()
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(service: Service, status: u16, body: &str) -> Result<(), ProviderError> {
        let mut solution = ProviderSolution::new("token");
        solution.host_name = Some("shop.example");
        let response = VerifyResponse::new(status, body.to_owned());
        judge(service, &Expected::default(), &solution, &response)
    }

    fn is_refused(result: &Result<(), ProviderError>) -> bool {
        matches!(result, Err(ProviderError::Refused(_)))
    }

    fn is_unavailable(result: &Result<(), ProviderError>) -> bool {
        matches!(result, Err(ProviderError::Unavailable(_)))
    }

    #[test]
    fn what_each_service_accepts_counts() {
        for (service, body) in [
            (
                Service::Turnstile,
                r#"{"success":true,"hostname":"shop.example","action":"rti_challenge","error-codes":[]}"#,
            ),
            (
                Service::Hcaptcha,
                r#"{"success":true,"hostname":"shop.example"}"#,
            ),
            (
                Service::RecaptchaV2,
                r#"{"success":true,"hostname":"Shop.Example"}"#,
            ),
            (
                Service::RecaptchaV3,
                r#"{"success":true,"hostname":"shop.example","action":"rti_challenge","score":0.5}"#,
            ),
            (
                Service::RecaptchaEnterprise,
                r#"{"tokenProperties":{"valid":true,"hostname":"shop.example","action":"rti_challenge"},"riskAnalysis":{"score":0.9}}"#,
            ),
            (
                Service::Friendly,
                r#"{"success":true,"data":{"challenge":{"origin":"https://shop.example"}}}"#,
            ),
            (
                Service::Friendly,
                r#"{"success":true,"data":{"challenge":{"origin":"shop.example"}}}"#,
            ),
        ] {
            assert_eq!(judged(service, 200, body), Ok(()), "{body}");
        }
    }

    #[test]
    fn a_success_for_another_host_name() {
        for (service, body) in [
            (
                Service::Hcaptcha,
                r#"{"success":true,"hostname":"evil.example"}"#,
            ),
            (Service::Hcaptcha, r#"{"success":true,"hostname":""}"#),
            (Service::Hcaptcha, r#"{"success":true}"#),
            (
                Service::Turnstile,
                r#"{"success":true,"hostname":"evil.example","action":"rti_challenge"}"#,
            ),
            (
                Service::RecaptchaEnterprise,
                r#"{"tokenProperties":{"valid":true,"hostname":"evil.example","action":"rti_challenge"},"riskAnalysis":{"score":0.9}}"#,
            ),
            (
                Service::Friendly,
                r#"{"success":true,"data":{"challenge":{"origin":"https://evil.example"}}}"#,
            ),
            (
                Service::Friendly,
                r#"{"success":true,"data":{"challenge":{"origin":null}}}"#,
            ),
            (Service::Friendly, r#"{"success":true}"#),
        ] {
            assert!(is_refused(&judged(service, 200, body)), "{body}");
        }
    }

    #[test]
    fn another_action_or_a_low_score() {
        for (service, action, score) in [
            (Service::Turnstile, "login", "1"),
            (Service::RecaptchaV3, "login", "1"),
            (Service::RecaptchaV3, "rti_challenge", "0.49"),
            (Service::RecaptchaV3, "rti_challenge", "null"),
        ] {
            let body = format!(
                r#"{{"success":true,"hostname":"shop.example","action":"{action}","score":{score}}}"#
            );
            assert!(is_refused(&judged(service, 200, &body)), "{body}");
        }
    }

    #[test]
    fn what_a_visitor_brings_about_is_no_failure_of_the_service() {
        for (status, body) in [
            (
                200,
                r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#,
            ),
            (
                400,
                r#"{"success":false,"error-codes":["invalid-input-response"]}"#,
            ),
            (
                400,
                r#"{"success":true,"error-codes":["bad-request"],"hostname":"shop.example"}"#,
            ),
            // Of hCaptcha: a response to the key that it publishes for tests, or to one of another account.
            (
                200,
                r#"{"success":false,"error-codes":["not-using-dummy-secret"]}"#,
            ),
            (
                200,
                r#"{"success":false,"error-codes":["sitekey-secret-mismatch"]}"#,
            ),
            (200, r#"{"success":false}"#),
            (413, "too large"),
            (429, "slow down"),
        ] {
            assert!(
                is_refused(&judged(Service::Hcaptcha, status, body)),
                "{body}"
            );
        }
    }

    #[test]
    fn what_the_service_or_the_site_brings_about_is() {
        for (status, body) in [
            (500, ""),
            (503, r#"{"success":true,"hostname":"shop.example"}"#),
            (302, ""),
            (200, "<html>"),
            (200, r#"{"success":"true"}"#),
            (401, ""),
            (
                200,
                r#"{"success":false,"error-codes":["invalid-input-secret"]}"#,
            ),
        ] {
            assert!(
                is_unavailable(&judged(Service::Hcaptcha, status, body)),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn the_named_hosts_count_and_not_that_of_the_request() {
        let expected = Expected {
            host_names: vec!["www.shop.example".to_owned()],
            ..Expected::default()
        };
        let mut solution = ProviderSolution::new("token");
        solution.host_name = Some("evil.example");
        for (host, counts) in [("evil.example", false), ("www.shop.example", true)] {
            let body = format!(r#"{{"success":true,"hostname":"{host}"}}"#);
            let response = VerifyResponse::new(200, body);
            let judged = judge(Service::Hcaptcha, &expected, &solution, &response);
            assert_eq!(judged.is_ok(), counts);
        }
    }
}
