//! The rules of a simulator that was given none.

use super::clients::GROUPS;
use crate::condition::{Condition, field};
use crate::error::Error;
use crate::rule::Rule;
use crate::verdict::Verdict;

// The padding is there so that a client that cuts the value at its `=` is noticed.
const COOKIE: &str = "_cheq_rti=c2ltdWxhdGVkLXNlc3Npb24=; Path=/; HttpOnly; SameSite=Lax";

/// Chrome and Edge, and no other browser with their engine, since not all of those send client hints.
/// `WebView` has `Version/4.0` before `Chrome`, and Chrome on iOS is `CriOS`.
const CHROME: &str = r"^Mozilla/5\.0 \([^()]+\) AppleWebKit/537\.36 \(KHTML, like Gecko\) Chrome/[0-9]{3}\.[0-9.]+ (?:Mobile )?Safari/537\.36(?: EdgA?/[0-9.]+)?$";

pub(super) fn rules() -> Vec<Rule> {
    let by_name = GROUPS.iter().map(|group| {
        let pattern = field("UserAgent").matches(&group.pattern());
        rule(group.rule, group.threat, [pattern])
    });
    let everybody_else = Rule::always()
        .named("everybody else")
        .then(Verdict::valid().set_cookie(COOKIE));
    // The patterns are constants, and a test counts the rules, so that none is lost here.
    by_name
        .chain(by_headers())
        .chain(by_network())
        .flatten()
        .chain([everybody_else])
        .collect()
}

fn by_headers() -> [Option<Rule>; 3] {
    let without = |names| field("HeaderNames").does_not_match(names);
    let chrome = || field("UserAgent").matches(CHROME);
    let secure = || field("RequestURL").matches("^https://");
    [
        // Some clients describe no visitor at all, so that nothing can be missing.
        rule(
            "no user agent",
            11,
            [
                Ok(field("UserAgent").is_absent()),
                Ok(field("Method").is_present()),
            ],
        ),
        // Chrome sends `Sec-Fetch-*` with every request to a secure origin, except for WebSockets.
        rule(
            "false browser",
            11,
            [
                chrome(),
                secure(),
                without("(?i)(?:^|,)sec-(?:ch-ua|fetch|websocket)"),
            ],
        ),
        // Chrome sends `Sec-CH-UA` with every navigation, which `Upgrade-Insecure-Requests` tells from
        // other requests, unless JavaScript is disabled. Programs that imitate Chrome run none either.
        rule(
            "browser without JavaScript",
            7,
            [
                chrome(),
                secure(),
                field("HeaderNames").matches("(?i)(?:^|,)upgrade-insecure-requests(?:,|$)"),
                without("(?i)(?:^|,)sec-(?:ch-ua|websocket)"),
            ],
        ),
    ]
}

fn by_network() -> [Option<Rule>; 2] {
    let within = |network| [field("ClientIP").in_network(network)];
    [
        rule("data centre", 13, within("203.0.113.0/24")),
        rule("VPN", 14, within("198.51.100.0/24")),
    ]
}

fn rule<const N: usize>(
    name: &str,
    threat: u32,
    conditions: [Result<Condition, Error>; N],
) -> Option<Rule> {
    let mut when = Rule::always().named(name);
    for condition in conditions {
        when = when.and(condition.ok()?);
    }
    Some(when.then(Verdict::threat(threat).set_cookie(COOKIE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::payload::Payload;
    use serde_json::json;
    use std::sync::LazyLock;

    const CHROME_DESKTOP: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    /// The header names of real requests over TLS, HTTP/1.1 or HTTP/2.
    const NAVIGATION: &str = "Host,Connection,sec-ch-ua,sec-ch-ua-mobile,sec-ch-ua-platform,Upgrade-Insecure-Requests,User-Agent,Accept,Sec-Fetch-Site,Sec-Fetch-Mode,Sec-Fetch-User,Sec-Fetch-Dest,Accept-Encoding,Accept-Language";
    const FETCH: &str = "host,sec-ch-ua-platform,user-agent,sec-ch-ua,content-type,sec-ch-ua-mobile,accept,origin,sec-fetch-site,sec-fetch-mode,sec-fetch-dest,referer,accept-encoding,accept-language";
    const WORKER_FETCH: &str = "host,user-agent,accept,sec-fetch-site,sec-fetch-mode,sec-fetch-dest,referer,accept-encoding,accept-language";
    const WEBSOCKET: &str = "Host,Connection,Pragma,Cache-Control,User-Agent,Upgrade,Origin,Sec-WebSocket-Version,Accept-Encoding,Accept-Language,Sec-WebSocket-Key,Sec-WebSocket-Extensions";
    const FIREFOX: &str = "Host,User-Agent,Accept,Accept-Language,Accept-Encoding,Connection,Upgrade-Insecure-Requests,Sec-Fetch-Dest,Sec-Fetch-Mode,Sec-Fetch-Site,Sec-Fetch-User,Priority";
    const SAFARI: &str = "host,sec-fetch-dest,user-agent,accept,sec-fetch-site,sec-fetch-mode,accept-language,priority,accept-encoding";
    const OLD_SAFARI: &str = "host,accept,user-agent,accept-language,accept-encoding,connection";
    const PLAIN_CHROME: &str = "Host,Connection,Upgrade-Insecure-Requests,User-Agent,Accept,Accept-Encoding,Accept-Language";

    const HTTPS: &str = "https://shop.example/";
    const HTTP: &str = "http://shop.example/";

    /// The code for one visitor, which must be the same over both kinds of protocol.
    fn code(user_agent: &str, url: &str, header_names: &str, client_ip: &str) -> u32 {
        let form = [
            ("Method", "GET"),
            ("UserAgent", user_agent),
            ("RequestURL", url),
            ("HeaderNames", header_names),
            ("ClientIP", client_ip),
        ];
        let sent = form.into_iter().filter(|(_, value)| !value.is_empty());
        let form = sent.map(|(name, value)| (name.into(), value.into()));
        let json = json!({"endUserParams": {
            "method": "GET", "requestUrl": url, "headerNames": header_names, "clientIp": client_ip,
            "headers": {"user-agent": user_agent},
        }});
        let by_form = decide(&Payload::Form(form.collect()));
        assert_eq!(decide(&Payload::Json(json)), by_form, "{user_agent}");
        by_form
    }

    fn decide(payload: &Payload) -> u32 {
        static RULES: LazyLock<Vec<Rule>> = LazyLock::new(rules);
        let rule = RULES.iter().find(|rule| rule.matches(payload)).unwrap();
        match rule.answer() {
            Answer::Verdict(verdict) => verdict.code(),
            Answer::Fault(fault) => panic!("{fault:?}"),
        }
    }

    #[test]
    fn no_rule_is_lost() {
        assert_eq!(rules().len(), GROUPS.len() + 6);
    }

    #[test]
    fn clients_are_recognized_by_their_name() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                19,
            ),
            ("CCBot/2.0 (https://commoncrawl.org/faq/)", 20),
            ("Scrapy/2.13.3 (+https://scrapy.org)", 2),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
                10,
            ),
            ("python-urllib3/2.5.0", 3),
            ("", 11),
        ] {
            assert_eq!(
                code(user_agent, HTTP, "", "192.0.2.1"),
                expected,
                "{user_agent}"
            );
        }
    }

    #[test]
    fn real_browsers_are_valid() {
        let webview = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/139.0.7258.143 Mobile Safari/537.36";
        for (user_agent, header_names) in [
            (CHROME_DESKTOP, NAVIGATION),
            (CHROME_DESKTOP, FETCH),
            (CHROME_DESKTOP, WORKER_FETCH),
            (CHROME_DESKTOP, WEBSOCKET),
            (CHROME_DESKTOP, ""),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                NAVIGATION,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                NAVIGATION,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0.0.0",
                FETCH,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 OPR/123.0.0.0",
                NAVIGATION,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                PLAIN_CHROME,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.182 Safari/537.36",
                WORKER_FETCH,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.110 Safari/537.36",
                PLAIN_CHROME,
            ),
            (webview, PLAIN_CHROME),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1",
                SAFARI,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 EdgiOS/140.0.3485.54 Mobile/15E148 Safari/604.1",
                SAFARI,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
                SAFARI,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
                SAFARI,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.2 Safari/605.1.15",
                OLD_SAFARI,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                FIREFOX,
            ),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0",
                FIREFOX,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/142.0 Mobile/15E148 Safari/605.1.15",
                SAFARI,
            ),
        ] {
            for url in [HTTPS, HTTP] {
                let found = code(user_agent, url, header_names, "192.0.2.1");
                assert_eq!(found, 0, "{url} {user_agent} {header_names}");
            }
        }
        // An origin without TLS gets no client hints, and no `Sec-Fetch-*`.
        assert_eq!(code(CHROME_DESKTOP, HTTP, PLAIN_CHROME, "192.0.2.1"), 0);
    }

    #[test]
    fn programs_that_imitate_chrome_lack_its_headers() {
        let script = "Host,User-Agent,Accept-Encoding,Accept,Connection";
        let impersonating = "Host,Upgrade-Insecure-Requests,User-Agent,Accept,Sec-Fetch-Site,Sec-Fetch-Mode,Sec-Fetch-User,Sec-Fetch-Dest,Accept-Encoding,Accept-Language";
        let edge = format!("{CHROME_DESKTOP} Edg/140.0.0.0");
        for user_agent in [CHROME_DESKTOP, edge.as_str()] {
            let over_tls = |header_names| code(user_agent, HTTPS, header_names, "192.0.2.1");
            assert_eq!(over_tls(script), 11);
            assert_eq!(over_tls(PLAIN_CHROME), 11);
            assert_eq!(over_tls(impersonating), 7);
        }
    }

    #[test]
    fn two_networks_are_recognized() {
        let from = |client_ip| code(CHROME_DESKTOP, HTTPS, NAVIGATION, client_ip);
        assert_eq!(from("203.0.113.9"), 13);
        assert_eq!(from("198.51.100.7"), 14);
        assert_eq!(from("192.0.2.1"), 0);
    }

    #[test]
    fn nothing_is_missing_where_no_visitor_is_described() {
        assert_eq!(
            decide(&Payload::Json(json!({"apiKey": "k", "tagHash": "t"}))),
            0
        );
    }
}
