//! Every framework that this project has an adapter for, as the suite runs it.

mod actix;
mod axum;
pub mod browser;
mod custom;
mod rocket;

use rti_conformance::Harness;

/// Every framework that there is an adapter for.
pub const ALL: [&dyn Harness; 4] = [
    &axum::Axum,
    &actix::Actix,
    &rocket::RocketFramework,
    &custom::Custom,
];

/// The README's snippets, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

/// The snippets about CORS, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/cors.md")]
pub struct CorsPage;

/// The snippets about the challenge kit, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/challenge.md")]
pub struct ChallengePage;

/// The snippets about the rollout, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/rollout.md")]
pub struct RolloutPage;

/// The examples of the page for users' tests, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/testing.md")]
pub struct Testing;
