//! What a test request gets back: one line on how it was decided.

use std::fmt::Write as _;

use super::Decision;

impl Decision {
    /// For the response to a test request, under [`EXPLAIN_HEADER`](crate::EXPLAIN_HEADER): how it was decided,
    /// in visible ASCII. `None` for any other request.
    ///
    /// `policy=checkout; outcome=evaluated; action=block; policy_action=block; threat_type=3;
    /// rule="invalid_block_redirect_codes: 3"; total_ms=12.3; connection_ms=0.0; service_ms=11.9`
    pub fn explanation(&self) -> Option<String> {
        self.is_test().then(|| self.explain())
    }

    fn explain(&self) -> String {
        let mut line = format!(
            "policy={}; outcome={}; action={}; policy_action={}",
            visible(self.policy()),
            self.outcome().as_str(),
            self.action(),
            self.policy_action(),
        );
        let times = self.times();
        let millis = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
        let threat_type = self.threat_type().map(|threat| threat.code().to_string());
        let quoted = |text: String| format!("\"{}\"", visible(&text));
        let parts = [
            ("threat_type", threat_type),
            ("rule", self.rule().map(|rule| quoted(rule.to_string()))),
            ("reason", self.reason().map(quoted)),
            (
                "shadow_action",
                self.shadow_action().map(|action| action.to_string()),
            ),
            ("total_ms", Some(format!("{:.1}", millis(times.total)))),
            (
                "connection_ms",
                times.connection.map(|time| format!("{:.1}", millis(time))),
            ),
            (
                "service_ms",
                times.service.map(|time| format!("{:.1}", millis(time))),
            ),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                // Writing into a String does not fail.
                let _ = write!(line, "; {name}={value}");
            }
        }
        line
    }
}

/// A configuration may hold what a header may not.
fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        ' '..='~' if c != '"' => c,
        _ => '?',
    };
    text.chars().map(shown).collect()
}
