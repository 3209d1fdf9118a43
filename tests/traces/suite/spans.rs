//! The span of a decision, as tracing-opentelemetry exports it.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use rti_axum::LogDecisions;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::site::{REQUEST_ID, Site};

struct Traces {
    exporter: InMemorySpanExporter,
    /// Exports for as long as it lives.
    _provider: SdkTracerProvider,
    _guard: DefaultGuard,
}

impl Traces {
    fn begin() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
        let subscriber = tracing_subscriber::registry().with(layer);
        Self {
            exporter,
            _provider: provider,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    fn spans(&self, name: &str) -> Vec<SpanData> {
        let spans = self.exporter.get_finished_spans().unwrap();
        spans.into_iter().filter(|span| span.name == name).collect()
    }

    /// The one span of this name.
    fn span(&self, name: &str) -> SpanData {
        let [span] = self.spans(name).try_into().unwrap();
        span
    }
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let mut attributes = span.attributes.iter();
    let found = attributes.find(|attribute| attribute.key.as_str() == name);
    found.map(|attribute| attribute.value.to_string())
}

#[tokio::test]
async fn the_verdict_is_in_the_trace_of_the_request() {
    let traces = Traces::begin();
    let site = Site::start(LogDecisions::default()).await;
    site.visit("bot").await;
    let (request, decide) = (traces.span("request"), traces.span("rti.decide"));
    assert_eq!(decide.parent_span_id, request.span_context.span_id());
    let trace = request.span_context.trace_id();
    assert_eq!(decide.span_context.trace_id(), trace);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("url.path", "/shop"),
        ("client.address", "127.0.0.1"),
        ("server.address", "127.0.0.1"),
        ("rti.outcome", "evaluated"),
        ("rti.action", "block"),
        ("rti.policy_action", "block"),
        ("rti.threat_type", "automation tools (3)"),
        ("rti.request_id", REQUEST_ID),
    ] {
        assert_eq!(attribute(&decide, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(attribute(&decide, "rti.reason"), None);
}

#[tokio::test]
async fn the_span_says_why_there_is_no_verdict() {
    let traces = Traces::begin();
    let site = Site::start(LogDecisions::default()).await;
    site.visit("unlucky").await;
    let decide = traces.span("rti.decide");
    let attribute = |name| attribute(&decide, name);
    assert_eq!(attribute("rti.outcome").as_deref(), Some("failed_open"));
    assert_eq!(attribute("rti.reason").as_deref(), Some("status_503"));
    assert_eq!(attribute("rti.threat_type"), None);
}

#[tokio::test]
async fn there_is_no_span_where_nothing_is_logged() {
    let traces = Traces::begin();
    let site = Site::start(LogDecisions::Off).await;
    site.visit("bot").await;
    assert_eq!(traces.spans("request").len(), 1);
    assert!(traces.spans("rti.decide").is_empty());
}
