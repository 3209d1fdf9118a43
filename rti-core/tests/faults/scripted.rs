//! A transport that does as it is told, for what takes time that nobody should wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use rti_core::{ApiRequest, ApiResponse, CallError, Rti, Transport};

use crate::checking::config;

/// What a call comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Answers,
    Hangs,
}

const SCRIPTS: [Script; 2] = [Script::Answers, Script::Hangs];

/// Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scripted(Arc<State>);

#[derive(Debug, Default)]
struct State {
    script: AtomicU8,
    calls: AtomicU64,
}

impl Scripted {
    /// An engine with the options' defaults that asks over this.
    pub(crate) fn engine(&self) -> Rti {
        let config = config("http://127.0.0.1:9").build().unwrap();
        Rti::with_transport(config, self.clone())
    }

    /// From now on calls come to this.
    pub(crate) fn play(&self, script: Script) {
        self.0.script.store(script as u8, Ordering::SeqCst);
    }

    /// How many calls there have been.
    pub(crate) fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::SeqCst)
    }
}

#[rti_core::async_trait]
impl Transport for Scripted {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        match SCRIPTS[usize::from(self.0.script.load(Ordering::SeqCst))] {
            Script::Answers => Ok(ApiResponse::new(
                200,
                r#"{"isInvalid":true,"threatTypeCode":3}"#,
            )),
            Script::Hangs => std::future::pending().await,
        }
    }
}
