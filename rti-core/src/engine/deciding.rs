//! The second step: from what was found and what the service says to a decision.

use std::sync::Arc;

use tokio::time::Instant;

use super::Engine;
use super::inspection::{Finding, Inspection};
use crate::config::ResultHeader;
use crate::decision::{Action, Challenge, Decision, Outcome, Response};
use crate::payload::Payload;
use crate::policy::{Course, Shown};
use crate::reply::{Reply, ReplyFormat};
use crate::result_header;
use crate::verdict::Verdict;

impl Engine {
    pub(super) async fn decide(self: &Arc<Self>, inspection: Inspection) -> Decision {
        let began = Instant::now();
        match inspection.finding {
            Finding::Settled(outcome) => self.settle(outcome, Response::ONWARD, began),
            Finding::Ask(payload) => {
                let shape = ReplyShape::of(&payload);
                match self.ask(payload, began).await {
                    Ok(verdict) => {
                        self.health.evaluated();
                        let response = self.respond(&verdict, shape);
                        self.settle(Outcome::Evaluated(verdict), response, began)
                    }
                    Err(error) => {
                        self.health.failed_open(&error);
                        self.settle(Outcome::FailedOpen(error.kind()), Response::ONWARD, began)
                    }
                }
            }
        }
    }

    pub(super) fn settle(&self, outcome: Outcome, response: Response, began: Instant) -> Decision {
        let decision = Decision::new(self.id, outcome, began.elapsed(), response);
        log(&decision);
        decision
    }

    fn respond(&self, verdict: &Verdict, shape: ReplyShape) -> Response {
        let settings = self.config.settings();
        let Course { action, shown } = settings.policy.course(verdict);
        let reply = match (shown, action) {
            (Shown::Onward, _) | (Shown::Captcha, Action::Challenge) => None,
            (Shown::Redirect, _) => settings
                .redirect_url
                .as_ref()
                .map(|url| Reply::redirect(&url.location)),
            (Shown::NotFound, _) => Some(Reply::not_found()),
            // A blocked visitor whom nobody challenges stays blocked.
            (Shown::AccessDenied | Shown::Captcha, _) => {
                Some(Reply::blocked(shape.format, verdict))
            }
        };
        Response {
            action,
            reply: match shape.part {
                ReplyPart::Whole => reply,
                ReplyPart::Head => reply.map(Reply::headers_alone),
            },
            challenge: if shown == Shown::Captcha {
                Challenge::Wanted
            } else {
                Challenge::NotWanted
            },
            result_header: (settings.result_header == ResultHeader::On)
                .then(|| result_header::value(settings.api_version, verdict)),
        }
    }
}

/// All that a reply needs of the request: the payload itself is gone while the verdict is under way,
/// since it is some kilobytes a visitor.
#[derive(Debug, Clone, Copy)]
struct ReplyShape {
    format: ReplyFormat,
    part: ReplyPart,
}

#[derive(Debug, Clone, Copy)]
enum ReplyPart {
    Whole,
    /// Of an answer to HEAD.
    Head,
}

impl ReplyShape {
    fn of(payload: &Payload) -> Self {
        let part = if payload.method() == "HEAD" {
            ReplyPart::Head
        } else {
            ReplyPart::Whole
        };
        Self {
            format: payload.reply_format(),
            part,
        }
    }
}

fn log(decision: &Decision) {
    if !tracing::enabled!(target: "rti", tracing::Level::DEBUG) {
        return;
    }
    let verdict = decision.verdict();
    tracing::debug!(
        target: "rti",
        action = decision.action().as_str(),
        outcome = decision.outcome().as_str(),
        reason = decision.outcome().reason().as_deref().unwrap_or_default(),
        threat_type = verdict.map(|verdict| verdict.threat_type().code()),
        request_id = verdict.and_then(Verdict::request_id).map(tracing::field::debug),
        elapsed_us = u64::try_from(decision.elapsed().as_micros()).unwrap_or(u64::MAX),
        "decision"
    );
}
