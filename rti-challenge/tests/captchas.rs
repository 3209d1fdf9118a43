//! Every captcha service over a real socket, with the stand-ins of the simulator.

#![cfg(feature = "aws-lc-rs")]
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something is missing"
)]

use std::time::Duration;

use rti_challenge::{Captcha, HttpClient, Provider, ProviderError, ProviderSolution};
use rti_simulator::Captchas;

const HOST: &str = "shop.example";

fn all(secret: &str, origin: &str) -> Vec<Captcha> {
    let client = HttpClient::new().unwrap();
    let captchas = [
        Captcha::turnstile("site", secret, client.clone()),
        Captcha::hcaptcha("site", secret, client.clone()),
        Captcha::recaptcha_v2("site", secret, client.clone()),
        Captcha::recaptcha_v3("site", secret, client.clone()),
        Captcha::recaptcha_enterprise("project", "site", secret, client.clone()),
        Captcha::friendly_captcha("site", secret, client),
    ];
    captchas.map(|captcha| captcha.stand_in(origin)).into()
}

async fn verify(captcha: &Captcha, response: &str) -> Result<(), ProviderError> {
    let mut solution = ProviderSolution::new(response);
    solution.host_name = Some(HOST);
    solution.client_ip = "192.0.2.1".parse().ok();
    captcha.verify(solution).await
}

fn pass(captcha: &Captcha, host: &str) -> String {
    let name = captcha.name();
    format!("pass;hostname={host};action=rti_challenge;score=0.9;id={name}")
}

#[tokio::test]
async fn a_response_is_accepted_once() {
    let captchas = Captchas::start().await.unwrap();
    for captcha in all("secret", captchas.origin()) {
        let response = pass(&captcha, HOST);
        assert_eq!(verify(&captcha, &response).await, Ok(()), "{captcha:?}");
        let again = verify(&captcha, &response).await;
        assert_eq!(again, Err(ProviderError::refused("timeout-or-duplicate")));
    }
    assert_eq!(captchas.bodies().len(), 12);
    assert!(
        captchas
            .bodies()
            .iter()
            .any(|body| body.contains("remoteip=192.0.2.1"))
    );
}

#[tokio::test]
async fn a_success_for_another_host_name() {
    let captchas = Captchas::start().await.unwrap();
    for captcha in all("secret", captchas.origin()) {
        let refused = verify(&captcha, &pass(&captcha, "evil.example")).await;
        assert!(
            matches!(refused, Err(ProviderError::Refused(_))),
            "{captcha:?}"
        );
    }
}

#[tokio::test]
async fn a_provider_that_hangs_or_is_down() {
    let captchas = Captchas::start().await.unwrap();
    for captcha in all("secret", captchas.origin()) {
        let call = verify(&captcha, "hang");
        let hanging = tokio::time::timeout(Duration::from_millis(100), call).await;
        assert!(hanging.is_err());
        let down = verify(&captcha, "down").await;
        assert!(
            matches!(down, Err(ProviderError::Unavailable(_))),
            "{captcha:?}"
        );
    }
    drop(captchas);
    let gone = all("secret", "http://127.0.0.1:1");
    for captcha in gone {
        let refused = verify(&captcha, "any").await.unwrap_err();
        assert!(matches!(refused, ProviderError::Unavailable(_)));
        assert!(!refused.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn a_wrong_secret_is_a_fault_of_the_site() {
    let captchas = Captchas::start().await.unwrap();
    for captcha in all("wrong", captchas.origin()) {
        assert!(!format!("{captcha:?}").contains("wrong"));
        let refused = verify(&captcha, &pass(&captcha, HOST)).await;
        assert!(
            matches!(refused, Err(ProviderError::Unavailable(_))),
            "{captcha:?}"
        );
    }
}
