//! `/api/summary`: the counts of a window.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rti_core::{Config, ConnectionCounts, Mode, PolicySummary, Rti, ThreatType};
use serde_json::{Map, Value, json};

use crate::Anonymize;
use crate::aggregates::{ByAction, Counts, Slot, Top, Window, approximate};
use crate::record::timestamp;
use crate::store::Shared;

/// So many entries of each list are shown.
const LISTED: usize = 8;

pub(crate) fn summary(shared: &Shared, engine: Option<&Rti>, window: Window) -> Value {
    let now = SystemTime::now();
    let (slots, recorded, circuit, since, windows) = {
        let store = shared.store();
        let ring = &store.ring;
        let recorded = json!({
            "decisions": ring.len(),
            "bytes": ring.bytes(),
            "max_decisions": ring.bounds().decisions,
            "max_bytes": ring.bounds().bytes,
            "marked": store.marks.len(),
            "not_kept": store.not_kept,
        });
        let windows: Vec<_> = store.aggregates.windows().map(Window::as_str).collect();
        let slots = store.aggregates.slots(window, now);
        (slots, recorded, store.circuit, store.since, windows)
    };
    let mut all = Counts::default();
    for slot in &slots {
        all.merge(&slot.counts);
    }
    let config = shared.config();
    let mode = engine.map(Rti::mode).or(config.as_ref().map(Config::mode));
    let latency = &all.latency;
    let statistics = engine.map(Rti::statistics);
    json!({
        "window": window.as_str(),
        "windows": windows,
        "window_seconds": window.seconds(),
        "slot_seconds": window.slot_seconds(),
        "time": timestamp(now),
        "recording_since": timestamp(since),
        "total": all.total,
        "outcomes": {
            "evaluated": all.evaluated,
            "failed_open": all.failed_open,
            "failed_closed": all.failed_closed,
            "skipped": all.skipped,
        },
        "actions": all.actions,
        "policy_actions": all.policy_actions,
        "threat_types": numbers(all.threat_types()),
        "challenges": all.challenges,
        "challenges_by_threat_type": challenges_by_threat_type(&all),
        "fail_open": numbers(all.fail_open.iter()),
        "fail_closed": numbers(all.fail_closed.iter()),
        "fail_open_share": share(all.failed_open, all.checked()),
        "shadow_actions": all.shadow_actions,
        "latency_ms": {
            "p50": latency.percentile(0.5),
            "p90": latency.percentile(0.9),
            "p99": latency.percentile(0.99),
        },
        "latency_histogram": histogram(&all),
        "deadline_ms": config.as_ref().map(|config| config.timeout().as_millis()),
        "mode": mode,
        "blocking_policies": config.as_ref().map(|config| blocking_policies(config, mode)),
        "policies": config.as_ref().map_or(1, |config| config.policies().len()),
        "reload": shared.configured().reload(),
        "api_version": config.as_ref().map(|config| config.api_version().as_str()),
        "policy_options": config.as_ref().map(Config::policy_options),
        "circuit": statistics.map_or(circuit, |statistics| statistics.circuit),
        "calls_in_flight": statistics.map(|statistics| statistics.calls_in_flight),
        // Where the transport does not say, or the engine is not watched.
        "connections": statistics.and_then(|statistics| statistics.connections).map(connections),
        "series": slots.iter().map(point).collect::<Value>(),
        "top": {
            "paths": top(&slots, |slot| &slot.top.paths),
            "event_types": top(&slots, |slot| &slot.top.event_types),
            "user_agents": top(&slots, |slot| &slot.top.user_agents),
            "networks": top(&slots, |slot| &slot.top.networks),
        },
        "recorded": recorded,
        "known_threat_types": known_threat_types(),
        "anonymized": shared.anonymize == Anonymize::Networks,
    })
}

/// The policies of parts of the site that block, which monitoring mode of the whole one does not say.
fn blocking_policies(config: &Config, mode: Option<Mode>) -> Vec<String> {
    if mode == Some(Mode::Off) {
        return Vec::new();
    }
    let mut policies = config.policies();
    // The last is the default one, whose mode is that of the engine.
    policies.pop();
    let acts =
        |policy: &PolicySummary| policy.mode == Mode::Blocking && policy.enforce_percent > 0.0;
    let blocking = policies.into_iter().filter(acts);
    blocking.map(|policy| policy.name.to_string()).collect()
}

fn connections(counts: ConnectionCounts) -> Value {
    json!({"idle": counts.idle, "busy": counts.busy, "dialling": counts.dialling})
}

fn challenges_by_threat_type(all: &Counts) -> Value {
    let named = all.challenges_by_threat_type();
    let named = named.map(|(name, counts)| (name.to_owned(), json!(counts)));
    Value::Object(named.collect())
}

/// By which names codes are shown, and lists are edited.
fn known_threat_types() -> Value {
    let named = ThreatType::NAMED.iter();
    let known = |threat: &ThreatType| json!({"code": threat.code(), "name": threat.as_str()});
    named.map(known).collect()
}

fn point(slot: &Slot) -> Value {
    let counts = &slot.counts;
    let ByAction {
        block,
        redirect,
        challenge,
        ..
    } = counts.policy_actions;
    json!({
        "time": timestamp(UNIX_EPOCH + Duration::from_secs(slot.start)),
        "total": counts.total,
        "block": block,
        "redirect": redirect,
        "challenge": challenge,
        "failed_open": counts.failed_open,
    })
}

fn histogram(all: &Counts) -> Value {
    let buckets = all.latency.histogram().into_iter();
    let bucket = |(up_to_ms, count)| json!({"up_to_ms": up_to_ms, "count": count});
    buckets.map(bucket).collect()
}

fn top(slots: &[Slot], list: impl Fn(&Slot) -> &Top) -> Value {
    let mut all = Top::default();
    for slot in slots {
        all.merge(list(slot));
    }
    let entries = all.first(LISTED).into_iter();
    let entry = |(name, count): (&str, u64)| json!({"name": name, "count": count});
    entries.map(entry).collect()
}

fn numbers<'a>(all: impl Iterator<Item = (&'a str, u64)>) -> Value {
    let named = all.map(|(name, count)| (name.to_owned(), json!(count)));
    Value::Object(named.collect::<Map<_, _>>())
}

/// Zero of nothing.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    approximate(part) / approximate(whole)
}
