//! The shop's metrics, for Prometheus to scrape at `/metrics`.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use rti_core::{Rti, VERDICT_DURATION, VERDICT_DURATION_BUCKETS};

/// How often durations are sorted into buckets where nobody scrapes; they would pile up.
const UPKEEP: Duration = Duration::from_secs(5);

/// The metrics of an engine.
#[derive(Clone)]
pub struct Metrics {
    prometheus: PrometheusHandle,
    rti: Rti,
}

impl Metrics {
    /// The content type of [`render`](Self::render).
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4";

    /// Installs the recorder of this process. It is called once, inside a tokio runtime.
    ///
    /// # Errors
    /// There is a recorder already.
    pub fn install(rti: Rti) -> Result<Self, BuildError> {
        let histogram = Matcher::Full(VERDICT_DURATION.to_owned());
        let prometheus = PrometheusBuilder::new()
            .set_buckets_for_metric(histogram, VERDICT_DURATION_BUCKETS)?
            .install_recorder()?;
        let upkept = prometheus.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                upkept.run_upkeep();
            }
        });
        Ok(Self { prometheus, rti })
    }

    /// What `GET /metrics` answers.
    pub fn render(&self) -> String {
        self.rti.record_gauges();
        self.prometheus.render()
    }
}
