//! Who may see it.

use serde_json::json;

use crate::harness::{Response, Site};

const PATHS: [&str; 7] = [
    "/",
    "/inspector.js",
    "/api/summary",
    "/api/decisions",
    "/api/decisions/1",
    "/api/stream",
    "/api/export",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_without_the_whole_token() {
    let site = Site::start().await;
    let token = site.server.token();
    assert_eq!(token.len(), 64);
    let shorter = &token[..63];
    for path in PATHS {
        for headers in [
            String::new(),
            "Authorization: Bearer \r\n".to_owned(),
            format!("Authorization: Bearer {shorter}\r\n"),
            format!("Authorization: Bearer {token}0\r\n"),
            format!("Authorization: Basic {token}\r\n"),
            format!("Cookie: rti_inspector={token}\r\n"),
            format!("Cookie: rti_inspector_1={token}\r\n"),
        ] {
            let response = site.send("GET", path, &headers, "").await;
            assert_eq!(response.status, 401, "{path} {headers}");
            assert!(!response.body.contains(token));
        }
        let response = site
            .send("GET", &format!("{path}?token={shorter}"), "", "")
            .await;
        assert_eq!(response.status, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_url_gives_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let site = Site::start().await;
    let path = site
        .server
        .url()
        .replace(&format!("http://{}", site.server.address()), "");
    let response = site.send("GET", &path, "", "").await;
    assert_eq!(response.status, 303);
    assert!(
        response.head.contains("location: /\r\n"),
        "{}",
        response.head
    );
    let mut lines = response.head.lines();
    let cookie = lines
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap();
    for attribute in ["httponly", "samesite=strict", "path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    let page = site
        .send("GET", "/", &format!("Cookie: a=b; {pair}\r\n"), "")
        .await;
    assert_eq!(page.status, 200);
    let summary = site
        .send("GET", "/api/summary", &format!("Cookie: {pair}\r\n"), "")
        .await;
    assert_eq!(summary.status, 200);
}

/// A name of a stranger's that leads to this address is not this page's (DNS rebinding).
#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_refused_on_every_path() {
    let site = Site::start().await;
    let port = site.server.address().port();
    let bearer = site.bearer();
    for path in PATHS {
        for host in [
            format!("Host: evil.example:{port}\r\n"),
            "Host: 127.0.0.1\r\n".to_owned(),
            format!("Host: 127.0.0.1:{}\r\n", port ^ 1),
            format!("Host: 127.0.0.1.evil.example:{port}\r\n"),
            format!("Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n"),
            "Host: \r\n".to_owned(),
        ] {
            let response = site
                .send_to_host("GET", path, &format!("{host}{bearer}"), "")
                .await;
            assert!(
                [400, 421].contains(&response.status),
                "{path} {host} {}",
                response.status
            );
        }
        let target = format!("http://evil.example:{port}{path}");
        let own = format!("Host: 127.0.0.1:{port}\r\n{bearer}");
        let response = site.send_to_host("GET", &target, &own, "").await;
        assert_eq!(response.status, 421, "{target}");
    }
    for host in ["localhost", "LOCALHOST", "[::1]"] {
        let headers = format!("Host: {host}:{port}\r\n{bearer}");
        let response = site.send_to_host("GET", "/api/summary", &headers, "").await;
        assert_eq!(response.status, 200, "{host}");
    }
}

/// Also of the stream: a page of another origin may open one, and its cookie goes along between ports.
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_another_origin_are_refused() {
    let site = Site::start().await;
    let own = site.server.address();
    let bearer = site.bearer();
    for path in [
        "/api/summary",
        "/api/stream",
        "/api/decisions",
        "/api/export",
    ] {
        for header in [
            "Origin: http://evil.example",
            "Origin: null",
            "Origin: http://127.0.0.1",
            "Origin: http://localhost:8080",
            &format!("Origin: ftp://{own}"),
            &format!("Origin: http://{own}.evil.example"),
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site",
        ] {
            let headers = format!("{header}\r\n{bearer}");
            let response = site.send("GET", path, &headers, "").await;
            assert_eq!(response.status, 403, "{path} {header}");
            assert!(
                !response.head.contains("access-control-allow"),
                "{}",
                response.head
            );
        }
    }
    let headers = format!("Origin: http://{own}\r\nSec-Fetch-Site: same-origin\r\n{bearer}");
    assert_eq!(
        site.send("GET", "/api/summary", &headers, "").await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_in_another_spelling_is_not_past_the_checks() {
    let site = Site::start().await;
    for path in [
        "/%61pi/summary",
        "/api%2fsummary",
        "//api/summary",
        "/api/../api/summary",
        "/API/summary",
        "/api/summary/",
        "/api/%73tream",
        "/x;/api/summary",
        "/nothing",
    ] {
        assert_eq!(site.send("GET", path, "", "").await.status, 401, "{path}");
        let found = site.send("GET", path, &site.bearer(), "").await;
        assert_eq!(found.status, 404, "{path}");
        let evil = format!("Origin: http://evil.example\r\n{}", site.bearer());
        assert_eq!(
            site.send("GET", path, &evil, "").await.status,
            403,
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_changes_nothing() {
    let site = Site::start().await;
    site.visit_by_three().await;
    for path in [
        "/api/mark?id=1",
        "/api/mark?id=1&marked=true",
        "/api/what-if?mode=blocking",
    ] {
        let response = site.send("GET", path, &site.bearer(), "").await;
        assert_eq!(response.status, 405, "{path}");
    }
    // What a form of another site can send is not JSON.
    let form = format!("{}Content-Type: text/plain\r\n", site.bearer());
    let response = site.send("POST", "/api/mark", &form, "{\"id\":1}").await;
    assert_eq!(response.status, 415);
    assert_eq!(site.get("/api/summary").await["recorded"]["marked"], 0);
    let marked = site.post("/api/mark", &json!({"id": 1})).await;
    assert_eq!(marked.status, 200);
    assert_eq!(site.get("/api/summary").await["recorded"]["marked"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_the_headers_that_confine_it() {
    let site = Site::start().await;
    let with_token = site.bearer();
    let evil = format!("Origin: http://evil.example\r\n{with_token}");
    let responses: Vec<Response> = vec![
        site.send("GET", "/", "", "").await,
        site.send("GET", "/", &with_token, "").await,
        site.send("GET", "/inspector.js", &with_token, "").await,
        site.send("GET", "/api/decisions", &with_token, "").await,
        site.send("GET", "/nothing", &with_token, "").await,
        site.send("GET", "/api/summary", &evil, "").await,
    ];
    for response in responses {
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self';",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(
                response.head.contains(header),
                "{header}: {}",
                response.head
            );
        }
        assert!(!response.head.contains("unsafe"), "{}", response.head);
    }
}

#[test]
fn an_address_that_others_reach_needs_a_host() {
    let inspector = rti_inspector::Inspector::new().unwrap();
    let everywhere = ([0, 0, 0, 0], 0).into();
    let error = inspector.serve(everywhere).unwrap_err();
    assert!(error.to_string().contains("RTI_INSPECTOR_HOSTS"), "{error}");
    let told = rti_inspector::Inspector::builder().hosts(["inspector.example:8443", "[::1]", ""]);
    let server = told.build().unwrap().serve(everywhere).unwrap();
    // What is printed can be opened on this machine.
    let port = server.address().port();
    let opened = format!("http://127.0.0.1:{port}/?token=");
    assert!(server.url().starts_with(&opened), "{}", server.url());
}

/// It would match no request, and the page would be reached by nobody.
#[test]
fn what_is_no_host_is_refused() {
    for host in ["https://inspector.example/", "*.example", "a b"] {
        let builder = rti_inspector::Inspector::builder().hosts([host]);
        let error = builder.build().err().unwrap().to_string();
        assert!(error.contains("RTI_INSPECTOR_HOSTS"), "{error}");
        assert!(error.contains(host), "{error}");
    }
}

/// Mounted in an application there is no token, and all other checks.
#[tokio::test(flavor = "multi_thread")]
async fn behind_a_login_host_and_origin_are_checked() {
    let site = Site::start().await;
    site.visit_by_three().await;
    let page = site.inspector.service_behind_login(["shop.example"]);
    let app = axum::Router::new().nest_service("/inspector", page);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let get = async |path: &str, headers: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        crate::harness::send(address, &request).await
    };
    let found = get("/inspector/api/summary", "Host: shop.example\r\n").await;
    assert_eq!(found.status, 200);
    assert!(found.body.contains("\"total\":3"), "{}", found.body);
    assert_eq!(
        get("/inspector/", "Host: shop.example\r\n").await.status,
        200
    );
    assert_eq!(
        get("/inspector/api/summary", "Host: evil.example\r\n")
            .await
            .status,
        421
    );
    let evil = "Host: shop.example\r\nOrigin: https://evil.example\r\n";
    assert_eq!(get("/inspector/api/stream", evil).await.status, 403);
}
