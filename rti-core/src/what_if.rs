//! What another configuration would do with a decision that was made: for pages and reports. Nothing is
//! applied, and no request is concerned.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::config::{Config, ConfigBuilder, ConfigError};
use crate::decision::{Action, Decision, Rule, SkipReason};
use crate::path::Target;
use crate::policy::{Bucket, ConfiguredPolicy, Judge, ResponseKind};
use crate::words::Mode;

/// What a configuration would do with a request of which the verdict is known. See
/// [`Config::would_decide`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HypotheticalDecision {
    /// What would be done; [`Action::Allow`] in monitoring mode, and outside the share of visitors that
    /// the policy acts on. A challenge is not played through.
    pub action: Action,
    /// What blocking mode would do.
    pub policy_action: Action,
    /// The rule that leads to it; `None` where no rule matches.
    pub rule: Option<Rule>,
    /// What the visitor would get in blocking mode.
    pub response: ResponseKind,
    /// The name of the policy that decides, of several that may be meant the strictest.
    pub policy: Arc<str>,
}

impl Config {
    /// What this configuration would do with the request of a decision, given the same verdict.
    ///
    /// `None` where that is not known: without a verdict, and where a [`Policy`](crate::Policy) of the
    /// application decided, which no configuration describes. The policy is found as for a request, by the path
    /// as far as the decision [keeps it](Decision::path). A share of the visitors is found by what the decision
    /// keeps of them: the [user agent](Decision::user_agent) is known where there is an observer.
    ///
    /// ```
    /// use rti_core::{Action, Config, Decision};
    ///
    /// /// How many of these would continue if VPN users (14) were not challenged?
    /// fn spared(decisions: &[Decision]) -> Result<usize, rti_core::ConfigError> {
    ///     let milder = Config::builder("key", "hash", "eu").invalid_captcha_codes([4, 5, 13, 15, 17]).build()?;
    ///     let would_continue = |decision: &&Decision| {
    ///         let instead = milder.would_decide(decision);
    ///         instead.is_some_and(|instead| instead.policy_action == Action::Allow)
    ///     };
    ///     let acted = decisions.iter().filter(|decision| decision.policy_action() != Action::Allow);
    ///     Ok(acted.filter(would_continue).count())
    /// }
    /// ```
    pub fn would_decide(&self, decision: &Decision) -> Option<HypotheticalDecision> {
        let verdict = decision.verdict()?;
        if decision.rule() == Some(Rule::Custom) {
            return None;
        }
        let settings = self.settings();
        let mut selected = settings.policies.select(decision.method(), decision.path());
        if settings.need_buckets {
            let user_agent = decision.user_agent();
            selected.bucket = Bucket::of(&settings.tag_hash, decision.client_ip(), user_agent);
        }
        let judge = Judge {
            policies: &settings.policies,
            selected: &selected,
            mode: settings.mode,
            enforcing: decision.enforcing(),
        };
        if let Some(skipped) = self.would_skip(decision, &judge) {
            return Some(HypotheticalDecision {
                action: Action::Allow,
                policy_action: Action::Allow,
                rule: Some(Rule::Skip(skipped)),
                response: ResponseKind::PassThrough,
                policy: Arc::clone(&settings.policies.first(&selected).name),
            });
        }
        let judged = judge.judge(verdict, |_, configured| configured);
        Some(HypotheticalDecision {
            action: judged.applied.action(),
            policy_action: judged.enforcement.action(),
            rule: judged.rule,
            response: judged.enforcement.response_for(decision.requester()),
            policy: Arc::clone(&judged.rules.name),
        })
    }

    /// Why the request of a decision would not be checked.
    fn would_skip(&self, decision: &Decision, judge: &Judge<'_>) -> Option<SkipReason> {
        let settings = self.settings();
        if settings.mode == Mode::Off {
            return Some(SkipReason::Off);
        }
        let target = Target {
            path: decision.path(),
            query: None,
            authority: None,
        };
        match settings.exclusions.find(decision.method(), target) {
            // The query is not known, and the page may be another one with the same path.
            None | Some(SkipReason::RedirectTarget) => judge.off().map(SkipReason::PolicyOff),
            excluded => excluded,
        }
    }

    /// The options in force that decide what follows from a verdict, by their names and in the form that
    /// a file has them: mode, share, lists, strategies, exclusions, and the policies of parts of the site
    /// under `policy`, as they were set. No credentials are among them.
    ///
    /// ```
    /// # use rti_core::Config;
    /// let config = Config::builder("key", "hash", "eu").invalid_captcha_codes([14]).build()?;
    /// let options = config.policy_options();
    /// assert_eq!(options["invalid_captcha_codes"], serde_json::json!([14]));
    /// assert_eq!(options["mode"], "monitoring");
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    ///
    /// [`with_policy_options`](Self::with_policy_options) reads them again.
    pub fn policy_options(&self) -> Map<String, Value> {
        let settings = self.settings();
        let excluded = settings.exclusions.rules.values().filter_map(|skip| {
            let SkipReason::Excluded(entry) = skip else {
                return None;
            };
            Some(entry.to_string())
        });
        // Sorted, since those of one path are in no order.
        let excluded: BTreeSet<String> = excluded.collect();
        let mut options = Map::new();
        let mut set = |name: &str, value: Value| options.insert(name.to_owned(), value);
        set("api_version", json!(settings.api_version.as_str()));
        set("mode", json!(settings.mode));
        set("uri_exclusion", excluded.into_iter().collect());
        let default = settings.policies.default();
        if let Some(url) = &default.redirect_to {
            set("redirect_url", json!(url));
        }
        if let Some(percent) = settings.policies_as_set.enforce_percent {
            set("enforce_percent", json!(percent));
        }
        set("policy", settings.policies_as_set.tables().into());
        match &default.lists {
            ConfiguredPolicy::V1(lists) => {
                // An empty list is the default, and `none` an empty one.
                let codes = |codes: &BTreeSet<i64>| {
                    if codes.is_empty() {
                        json!(["none"])
                    } else {
                        json!(codes)
                    }
                };
                set("invalid_block_redirect_codes", codes(&lists.block_redirect));
                set("invalid_captcha_codes", codes(&lists.captcha));
            }
            ConfiguredPolicy::V4(lists, strategies) => {
                set("block_codes", json!(lists.block.codes));
                set("block_reasons", json!(lists.block.reasons));
                set("challenge_codes", json!(lists.challenge.codes));
                set("challenge_reasons", json!(lists.challenge.reasons));
                set("redirect_codes", json!(lists.redirect.codes));
                set("redirect_reasons", json!(lists.redirect.reasons));
                set("blocking_strategy", json!(strategies.blocking));
                set("challenging_strategy", json!(strategies.challenging));
            }
        }
        options
    }
}

impl Config {
    /// A configuration with the credentials of this one and these options, for
    /// [`would_decide`](Self::would_decide): in the form of [`policy_options`](Self::policy_options), and with the
    /// defaults of all that is not among them.
    ///
    /// # Errors
    /// Every option that breaks its rule, in one error.
    ///
    /// ```
    /// # use rti_core::Config;
    /// let config = Config::builder("key", "hash", "eu").build()?;
    /// let mut options = config.policy_options();
    /// options.insert("mode".to_owned(), serde_json::json!("blocking"));
    /// assert_eq!(config.with_policy_options(options)?.mode(), rti_core::Mode::Blocking);
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn with_policy_options(&self, options: Map<String, Value>) -> Result<Self, ConfigError> {
        let settings = self.settings();
        // Reading an object does not fail: faults wait for `build`.
        let builder = ConfigBuilder::deserialize(Value::Object(options)).unwrap_or_default();
        builder
            .api_key(settings.api_key.expose_secret())
            .tag_hash(&settings.tag_hash)
            .api_endpoint(settings.api_endpoint.origin())
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page would show a change where there is none.
    #[test]
    fn exclusions_have_one_order() {
        let paths: Vec<String> = (0..20).map(|n| format!("/{n:02}")).collect();
        let config = Config::builder("key", "hash", "eu").uri_exclusion(paths.clone());
        let options = config.build().unwrap().policy_options();
        assert_eq!(options["uri_exclusion"], json!(paths));
    }
    use crate::config::ConfigBuilder;
    use crate::config::PolicyOptions;
    use crate::decision::{Enforcing, Outcome, RequestFacts, Response, Times};
    use crate::verdict::Verdict;
    use crate::words::{ApiVersion, OnFailure};

    fn builder() -> ConfigBuilder {
        Config::builder("key", "hash", "eu")
    }

    fn decision(version: ApiVersion, response: &Value, rule: Option<Rule>) -> Decision {
        let verdict = Verdict::decode(version, response.to_string().as_bytes()).unwrap();
        let facts = RequestFacts {
            method: "GET".into(),
            path: "/shop/cart".into(),
            ..RequestFacts::unknown("rust_test_0")
        };
        let response = Response {
            rule,
            ..Response::PASS_THROUGH
        };
        let outcome = Outcome::Evaluated(verdict);
        let times = Times::default();
        Decision::new(
            0,
            facts,
            outcome,
            times,
            response,
            None,
            Enforcing::ByPolicy,
        )
    }

    fn vpn() -> Decision {
        let response = json!({"version": 1, "isInvalid": true, "threatTypeCode": 14,
            "requestId": "r", "setCookie": ""});
        decision(ApiVersion::V1, &response, None)
    }

    #[test]
    fn another_list_mode_or_exclusion_would_decide_otherwise() {
        let as_is = builder().build().unwrap().would_decide(&vpn()).unwrap();
        assert_eq!(as_is.action, Action::Allow);
        assert_eq!(as_is.policy_action, Action::Challenge);
        assert_eq!(as_is.response, ResponseKind::Captcha);
        assert_eq!(as_is.rule.unwrap().to_string(), "invalid_captcha_codes: 14");

        let blocking = builder()
            .mode(Mode::Blocking)
            .invalid_captcha_codes([4])
            .invalid_block_redirect_codes([14])
            .build();
        let stricter = blocking.unwrap().would_decide(&vpn()).unwrap();
        assert_eq!(stricter.action, Action::Block);
        assert_eq!(stricter.response, ResponseKind::AccessDenied);

        let excluded = builder().uri_exclusion(["re:^/shop/[a-z]+$"]).build();
        let excluded = excluded.unwrap().would_decide(&vpn()).unwrap();
        assert_eq!(excluded.policy_action, Action::Allow);
        assert_eq!(
            excluded.rule.unwrap().to_string(),
            "excluded by re:^/shop/[a-z]+$"
        );
    }

    /// Every option that a policy has, in one of them.
    fn with_routes(mode: Mode) -> ConfigBuilder {
        let named = PolicyOptions::new()
            .mode(mode)
            .enforce_percent(12.5)
            .on_failure(OnFailure::Closed)
            .timeout(std::time::Duration::from_millis(80))
            .event_type("subscribe")
            .redirect_url("/elsewhere")
            .invalid_block_redirect_codes([14])
            .invalid_captcha_codes(crate::config::ThreatCodes::none())
            .shadow(PolicyOptions::new().enforce_percent(1.0));
        builder()
            .enforce_percent(100.0)
            .redirect_url("/sorry")
            .policy("all", ["POST /api", "re:^/api/"], named)
            .policy("off", ["/off"], PolicyOptions::new().mode(Mode::Off))
            .policy(
                "cart",
                ["/shop/cart"],
                PolicyOptions::new().mode(mode).redirect_url("none"),
            )
    }

    #[test]
    fn the_policy_of_the_path_decides() {
        let decided = |mode| {
            let config = with_routes(mode).build().unwrap();
            config.would_decide(&vpn()).unwrap()
        };
        let blocking = decided(Mode::Blocking);
        assert_eq!(&*blocking.policy, "cart");
        assert_eq!(blocking.action, Action::Challenge);
        assert_eq!(decided(Mode::Monitoring).action, Action::Allow);
        let off = decided(Mode::Off);
        assert_eq!(off.policy_action, Action::Allow);
        assert_eq!(
            off.rule,
            Some(Rule::Skip(SkipReason::PolicyOff("cart".into())))
        );
        let all_off = builder().mode(Mode::Off).build().unwrap();
        let all_off = all_off.would_decide(&vpn()).unwrap();
        assert_eq!(all_off.rule, Some(Rule::Skip(SkipReason::Off)));
    }

    #[test]
    fn a_share_of_nobody_acts_on_nobody() {
        let nobody = builder().mode(Mode::Blocking).enforce_percent(0.0).build();
        let nobody = nobody.unwrap().would_decide(&vpn()).unwrap();
        assert_eq!(nobody.action, Action::Allow);
        assert_eq!(nobody.policy_action, Action::Challenge);
    }

    #[test]
    fn strategies_show_in_the_response() {
        let response = json!({"decision": {"verdict": "malicious"},
            "classification": {"code": 3}, "ids": {"rayId": "r"}});
        let malicious = decision(ApiVersion::V4_1, &response, None);
        let config = builder()
            .api_version(ApiVersion::V4_1)
            .blocking_strategy(crate::words::Strategy::NotFound)
            .build();
        let would_be = config.unwrap().would_decide(&malicious).unwrap();
        assert_eq!(would_be.policy_action, Action::Block);
        assert_eq!(would_be.response, ResponseKind::NotFound);
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let config = builder().build().unwrap();
        let response = json!({"version": 1, "isInvalid": true, "threatTypeCode": 14,
            "requestId": "r", "setCookie": ""});
        let custom = decision(ApiVersion::V1, &response, Some(Rule::Custom));
        assert_eq!(config.would_decide(&custom), None);
        let facts = RequestFacts::unknown("rust_test_0");
        let skipped = Outcome::Skipped(SkipReason::Preflight);
        let (times, response) = (Times::default(), Response::PASS_THROUGH);
        let enforcing = Enforcing::ByPolicy;
        let skipped = Decision::new(0, facts, skipped, times, response, None, enforcing);
        assert_eq!(config.would_decide(&skipped), None);
    }

    #[test]
    fn the_options_make_the_same_policy_again() {
        let of_v1 = builder()
            .redirect_url("/sorry")
            .uri_exclusion(["/health", "POST re:^/hook$"])
            .invalid_captcha_codes(crate::config::ThreatCodes::none());
        let of_v4 = builder()
            .api_version(ApiVersion::V4_1)
            .redirect_url("/sorry")
            .block_codes([14])
            .redirect_reasons([-3]);
        let of_routes = with_routes(Mode::Blocking);
        for builder in [of_v1, of_v4, of_routes] {
            let config = builder.build().unwrap();
            let again = config.with_policy_options(config.policy_options()).unwrap();
            assert_eq!(again.policy_options(), config.policy_options());
            let policies = |config: &Config| -> Vec<String> {
                let rules = config.settings().policies.iter();
                rules.map(|rules| format!("{rules:?}")).collect()
            };
            assert_eq!(policies(&again), policies(&config));
        }
    }
}
