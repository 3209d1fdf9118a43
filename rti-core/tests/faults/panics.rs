//! A transport that panics: of this process, and no fault of the service.

use std::future::Future;
use std::pin::Pin;

use rti_core::FailOpenReason::Internal;
use rti_core::{ApiRequest, ApiResponse, CallError, Rti, Transport};

use crate::checking::{check, config};
use crate::outcome::assert_failed_open;

/// Panics before there is a future to await.
struct Early;

/// Panics when its future is polled.
struct Late;

/// Written without the macro, which would move the panic into the future.
impl Transport for Early {
    fn send<'life0, 'async_trait>(
        &'life0 self,
        _: ApiRequest,
    ) -> Pin<Box<dyn Future<Output = Result<ApiResponse, CallError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        panic!("early");
    }
}

#[rti_core::async_trait]
impl Transport for Late {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        panic!("late");
    }
}

async fn assert_continues(transport: impl Transport) {
    let config = config("http://127.0.0.1:9")
        .circuit_breaker_min_calls(1)
        .build();
    let rti = Rti::with_transport(config.unwrap(), transport);
    for _ in 0..10 {
        assert_failed_open(&check(&rti).await, Internal);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_transport_lets_the_visitor_on() {
    assert_continues(Early).await;
    assert_continues(Late).await;
}
