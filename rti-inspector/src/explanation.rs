//! One decision explained in sentences, for people who do not know the options by heart.

use rti_core::{Action, Decision, Mode, Outcome, Rule};

/// The sentences, in the order in which things happened.
pub(crate) fn explain(decision: &Decision, mode: Option<Mode>) -> Vec<String> {
    let mut sentences = Vec::new();
    match decision.outcome() {
        Outcome::Evaluated(verdict) => {
            let held = if verdict.is_invalid() {
                "invalid"
            } else {
                "valid"
            };
            sentences.push(format!(
                "The service holds the visitor {held}: {}.",
                verdict.threat_type()
            ));
        }
        Outcome::FailedOpen(reason) => {
            sentences.push(format!(
                "There was no verdict ({reason}), so the request continued."
            ));
            if decision.rule() == Some(Rule::OnFailure) {
                let policy = decision.policy();
                sentences.push(format!(
                    "The policy {policy} has on_failure = closed: where blocking mode acts, the visitor gets a 503."
                ));
            }
            return sentences;
        }
        Outcome::FailedClosed(reason) => {
            let policy = decision.policy();
            sentences.push(format!(
                "There was no verdict ({reason}), and the policy {policy} has on_failure = closed: the visitor got a 503."
            ));
            return sentences;
        }
        _ => {
            let reason = decision.reason().unwrap_or_default();
            sentences.push(format!("The request was not checked: {reason}."));
            return sentences;
        }
    }
    sentences.push(match decision.rule() {
        Some(Rule::Custom) => "A policy of the application decided.".to_owned(),
        Some(rule) => format!("The rule that matched is {rule}."),
        None => "No rule matches that.".to_owned(),
    });
    if decision.policy() != "default" {
        sentences.push(format!("The policy of this path is {}.", decision.policy()));
    }
    let would = match decision.policy_action() {
        Action::Block => "blocks the request",
        Action::Redirect => "redirects the visitor",
        Action::Challenge => "challenges the visitor",
        _ => "lets the request continue",
    };
    sentences.push(if decision.enforced() {
        format!("Blocking mode {would}, and so it was done.")
    } else if let Some(result) = decision.challenge_result() {
        format!(
            "Blocking mode {would}; the challenge ended with {result}, and the request continued."
        )
    } else if mode == Some(Mode::Monitoring) && decision.policy() == "default" {
        format!("Blocking mode {would}; this is monitoring mode, so the request continued.")
    } else {
        format!(
            "Blocking mode {would}; the policy does not act on this request (monitoring mode, or a share of the visitors), so it continued."
        )
    });
    if let Some(action) = decision.shadow_action() {
        sentences.push(format!(
            "The shadow of the policy has: {action}. It is never applied."
        ));
    }
    sentences
}
