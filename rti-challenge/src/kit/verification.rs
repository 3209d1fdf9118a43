//! From a solution to a clearance. Whatever goes wrong on the way refuses the solution.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rti_core::ThreatType;
use sha2::{Digest as _, Sha256};

use super::submission::Submission;
use super::{Challenge, settings};
use crate::clearance::{ChallengeId, Grade};
use crate::pow::{Solved, hex};
use crate::provider::{OnProviderFailure, Provider, ProviderError, ProviderSolution};
use crate::random;
use crate::rate::Counted;
use crate::refusal::Refusal;
use crate::replay::{Claim, WAITED};
use crate::request::{ChallengeRequest, Source};
use crate::resume::Unsealed;
use crate::visitor::Network;
use crate::wait::{GRACE, WithoutScripts};

/// How long the response of a provider is remembered. Theirs are valid for five minutes at most, and for
/// one use.
const PROVIDER_SECONDS: u64 = 60 * 60;

/// What a solution earns.
pub(super) struct Cleared {
    pub(super) cookie: String,
    pub(super) grade: Grade,
    /// As the challenge has it.
    pub(super) threat_type: Option<ThreatType>,
}

/// What a solution proves.
struct Proof {
    id: ChallengeId,
    grade: Grade,
    threat_type: Option<ThreatType>,
}

/// The cookie of a new clearance.
pub(super) async fn verify(
    kit: &Challenge,
    request: &ChallengeRequest,
    submission: Result<&Submission, Refusal>,
) -> Result<Cleared, Refusal> {
    // Before anything is counted: a page of another site must not use up what visitors may try.
    if request.source() == Source::Elsewhere {
        return Err(Refusal::CrossSite);
    }
    let settings = kit.settings();
    let network = Network::of(request.client_ip());
    // A failure until the opposite is known. Counted when it has failed, any number of solutions could be
    // judged at once, and one whose client closes the connection would never count.
    let began = kit.now();
    if !settings.rates.count(network, Counted::Failure, began) {
        return Err(Refusal::RateLimited);
    }
    let verified = match submission {
        Ok(submission) => proven(kit, request, submission).await,
        Err(refusal) => Err(refusal),
    };
    let failed = verified.as_ref().err().copied();
    if !failed.is_some_and(is_fault_of_client) {
        settings.rates.forgive(network, began);
    }
    let Proof {
        id,
        grade,
        threat_type,
    } = verified?;
    let cookie = kit.clearances().issue(request, kit.now(), id, grade);
    Ok(Cleared {
        cookie: cookie.ok_or(Refusal::Unavailable)?,
        grade,
        threat_type,
    })
}

async fn proven(
    kit: &Challenge,
    request: &ChallengeRequest,
    submission: &Submission,
) -> Result<Proof, Refusal> {
    let settings = kit.settings();
    if let (Some(wait), WithoutScripts::Wait(_)) = (&submission.wait, settings.without_scripts) {
        let id = kit.waits().verify(wait, request, kit.now())?;
        claim(kit, &format!("{WAITED}{}", hex(&id)), GRACE).await?;
        return Ok(Proof {
            id,
            grade: Grade::Solved,
            threat_type: None,
        });
    }
    let solution = submission.solution.as_deref().ok_or(Refusal::Malformed)?;
    match &settings.provider {
        None => {
            let Solved { id, threat_type } = kit.work().verify(solution, request, kit.now())?;
            claim(
                kit,
                &format!("pow:{}", hex(&id)),
                settings::CHALLENGE_SECONDS,
            )
            .await?;
            Ok(Proof {
                id,
                grade: Grade::Solved,
                threat_type,
            })
        }
        Some(provider) => by_provider(kit, &**provider, request, solution).await,
    }
}

async fn by_provider(
    kit: &Challenge,
    provider: &dyn Provider,
    request: &ChallengeRequest,
    response: &str,
) -> Result<Proof, Refusal> {
    let settings = kit.settings();
    let user_agent = String::from_utf8_lossy(request.user_agent());
    let solution = ProviderSolution {
        response,
        client_ip: request.client_ip(),
        user_agent: &user_agent,
        host_name: request.host_name(),
    };
    let judged = tokio::time::timeout(settings.provider_deadline, provider.verify(solution)).await;
    let judged = judged.unwrap_or_else(|_| Err(ProviderError::unavailable("no answer in time")));
    let grade = match judged {
        Ok(()) => Grade::Solved,
        Err(error @ ProviderError::Refused(_)) => {
            tracing::debug!(target: "rti", provider = provider.name(), %error, "challenge");
            return Err(Refusal::WrongSolution);
        }
        Err(error @ ProviderError::Unavailable(_)) => {
            tracing::warn!(target: "rti", provider = provider.name(), %error, "challenge");
            match settings.on_provider_failure {
                OnProviderFailure::Deny => return Err(Refusal::ProviderUnavailable),
                OnProviderFailure::Pass => Grade::Provisional,
            }
        }
    };
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(response));
    claim(
        kit,
        &format!("{}:{digest}", provider.name()),
        PROVIDER_SECONDS,
    )
    .await?;
    let id = random::bytes().map_err(|_no_random| Refusal::Unavailable)?;
    Ok(Proof {
        id,
        grade,
        threat_type: None,
    })
}

/// The form that was sealed for this visitor, once.
pub(super) async fn take_form(
    kit: &Challenge,
    request: &ChallengeRequest,
    sealed: &str,
) -> Option<Unsealed> {
    let form = kit.sealing().open(sealed, request, kit.now())?;
    let id = format!("form:{}", hex(&form.id));
    claim(kit, &id, settings::FORM_SECONDS).await.ok()?;
    Some(form)
}

/// Claims an id for longer than what has it can be used: the clocks of a fleet are not the same.
async fn claim(kit: &Challenge, id: &str, seconds: u64) -> Result<(), Refusal> {
    let ttl = Duration::from_secs(seconds + 120);
    match kit.settings().store.claim(id, ttl).await {
        Ok(Claim::First) => Ok(()),
        Ok(Claim::Replayed) => Err(Refusal::Replayed),
        Err(error) => {
            tracing::warn!(target: "rti", %error, "challenge");
            Err(Refusal::Unavailable)
        }
    }
}

fn is_fault_of_client(refusal: Refusal) -> bool {
    !matches!(
        refusal,
        Refusal::TooEarly
            | Refusal::RateLimited
            | Refusal::ProviderUnavailable
            | Refusal::Unavailable
    )
}
