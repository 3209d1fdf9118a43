//! The requests of public clients get a verdict, and remarks on their departures.

mod support;

use rti_simulator::{Received, Remark, Simulator, SpecRule};
use support::{FORM, V1, V3, V4_0, call, strict};

const PYTHON: &str = include_str!("recorded/python-1.0.5-v1.form");
const EXPRESS_V1: &str = include_str!("recorded/express-1.4.6-v1.form");
const EXPRESS_V3: &str = include_str!("recorded/express-1.4.6-v3.form");
const EXPRESS_V4: &str = include_str!("recorded/express-1.4.6-v4.0-default.json");
const EXPRESS_V4_HEADERS: &str = include_str!("recorded/express-1.4.6-v4.0-ip_useragent.json");
const CLOUDFLARE: &str = include_str!("recorded/cloudflare-4.0.json");
const NODE: &str = include_str!("recorded/node-client-0.2.0-v1.form");

/// Path, body, threat code by the default rules, and the first remarks.
type Recorded = (
    &'static str,
    &'static str,
    u32,
    &'static [(&'static str, SpecRule)],
);

const RECORDED: [Recorded; 7] = [
    (
        V1,
        PYTHON,
        0,
        &[
            ("RequestTime", SpecRule::Milliseconds),
            ("HeaderNames", SpecRule::NoTrailingComma),
        ],
    ),
    (
        V1,
        EXPRESS_V1,
        0,
        &[
            ("RequestId", SpecRule::NotEmpty),
            ("TrueClientIP", SpecRule::NotEmpty),
        ],
    ),
    (
        V3,
        EXPRESS_V3,
        0,
        &[
            ("RequestId", SpecRule::NotEmpty),
            ("TrueClientIP", SpecRule::NotEmpty),
        ],
    ),
    (
        V4_0,
        EXPRESS_V4,
        0,
        &[
            ("customId1", SpecRule::Required),
            ("microTime", SpecRule::Required),
            ("endUserParams", SpecRule::Required),
        ],
    ),
    (
        V4_0,
        EXPRESS_V4_HEADERS,
        0,
        &[
            ("endUserParams.headers.cookie", SpecRule::NotForwarded),
            ("customId1", SpecRule::Required),
            ("microTime", SpecRule::Required),
        ],
    ),
    (V4_0, CLOUDFLARE, 0, &[("microTime", SpecRule::Required)]),
    // Its visitor was curl.
    (V1, NODE, 3, &[("XForwardedFor", SpecRule::NotEmpty)]),
];

fn remarks(received: &Received) -> Vec<(&str, SpecRule)> {
    let pair = |remark| (Remark::field(remark), Remark::rule(remark));
    received.remarks().iter().map(pair).collect()
}

#[tokio::test]
async fn every_recorded_client_gets_a_verdict() {
    let simulator = Simulator::start().await.unwrap();
    for (path, body, code, expected) in RECORDED {
        let answer = call(&simulator, path, body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.body);
        let verdict = answer.json();
        let found = match path {
            V4_0 => &verdict["classification"]["code"],
            _ => &verdict["threatTypeCode"],
        };
        assert_eq!(*found, code, "{body}");
        let received = simulator.journal().pop().unwrap();
        assert!(
            remarks(&received).starts_with(expected),
            "{:?}",
            received.remarks()
        );
    }
    assert!(simulator.refusals().is_empty());
}

#[tokio::test]
async fn strict_mode_refuses_every_one_of_them_for_its_first_departure() {
    let simulator = strict().await;
    for (path, body, _, expected) in RECORDED {
        let answer = call(&simulator, path, body).await;
        let received = simulator.journal().pop().unwrap();
        assert_eq!(
            (answer.status, answer.body),
            (400, received.remarks()[0].to_string())
        );
        assert!(remarks(&received).starts_with(expected));
    }
}

#[tokio::test]
async fn a_client_that_keeps_to_the_specification_gets_no_remarks() {
    let simulator = Simulator::start().await.unwrap();
    call(&simulator, V1, FORM).await;
    assert_eq!(simulator.journal()[0].remarks(), []);
}

#[tokio::test]
async fn other_departures_of_public_clients_are_remarked_on() {
    let simulator = Simulator::start().await.unwrap();
    for (change, expected) in [
        (
            "&CheqCookie=_cheq_rti%3Dabc",
            "CheqCookie: the cookie's name must not be part of its value",
        ),
        ("&Unheard=of", "Unheard: unknown in this protocol version"),
        ("&RequestId=%", "RequestId: malformed percent-encoding"),
        ("&Method=GET", "Method: sent more than once"),
        ("&", "body: not a pair of a name and a value"),
    ] {
        let answer = call(&simulator, V1, &format!("{FORM}{change}")).await;
        assert_eq!(answer.status, 200, "{change}");
        let received = simulator.journal().pop().unwrap();
        let remarks: Vec<_> = received.remarks().iter().map(ToString::to_string).collect();
        assert_eq!(remarks, [expected]);
    }
    let without_time = FORM.replace("1795370096002", "");
    assert_eq!(call(&simulator, V1, &without_time).await.status, 200);
}
