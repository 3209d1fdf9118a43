//! What a framework may be unable to do. Each is declared as a [`Limit`], with the reason, and a case shows
//! it.

/// Something that not every framework can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// The order of different headers reaches the adapter.
    HeaderOrder,
    /// A repeated header keeps each of its places among the others.
    RepeatedHeaderPlaces,
    /// Header names reach the adapter in the case they were written in.
    HeaderCase,
    /// Header values that are not UTF-8 reach the adapter.
    NonUtf8HeaderValues,
    /// The host of an absolute target reaches the adapter.
    AbsoluteTargets,
    /// A header can be removed from a request; elsewhere it loses its value.
    RemovesHeaders,
    /// A panic of the challenge callback is caught.
    ChallengePanics,
    /// Visitors are challenged by the kit of `rti-challenge`.
    ChallengeKit,
    /// Methods that no RFC knows reach the adapter.
    UnknownMethods,
    /// HTTP/2 over cleartext, by prior knowledge.
    Http2,
    /// WebSocket upgrades.
    WebSocket,
    /// `Expect: 100-continue` is answered when the handler begins to read, and not before a verdict.
    ExpectContinue,
    /// A request reaches the adapter before the first byte of its body has come.
    HeadBeforeBody,
    /// HTTP/1.0 requests without `Host` are served.
    Http10WithoutHost,
    /// A handler's panic becomes a 500.
    PanicAsResponse,
    /// A visitor who hangs up ends the handling of the request.
    NoticesHangUp,
    /// What an application adds to its responses can be kept off those that RTI gives.
    ResponsesInside,
    /// The same engine can be layered more than once.
    Layering,
    /// Two engines can protect two parts of one application.
    TwoEngines,
}

/// What a framework cannot do, and why.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What it cannot do.
    pub capability: Capability,
    /// Why not.
    pub reason: &'static str,
}
