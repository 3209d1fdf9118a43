//! The rules of a simulator that was given none.

use crate::condition::{Condition, field};
use crate::error::Error;
use crate::rule::Rule;

use crate::verdict::Verdict;

const HTTP_LIBRARIES: &str = r"(?ix)
    \b(?: curl | wget | httpie | python-requests | python-urllib | python-httpx | aiohttp
        | go-http-client | okhttp | java | apache-httpclient | axios | node-fetch | undici
        | libwww-perl | reqwest | hyper | scrapy | guzzlehttp | postmanruntime | insomnia ) / ";

const HEADLESS_BROWSERS: &str =
    "(?i)HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|WebDriver|SlimerJS|CasperJS";

// The padding is there so that a client which cuts the value at its `=` shows.
const COOKIE: &str = "_cheq_rti=c2ltdWxhdGVkLXNlc3Npb24=; Path=/; HttpOnly; SameSite=Lax";

pub(super) fn rules() -> Vec<Rule> {
    let threats = [
        (
            "HTTP library",
            field("UserAgent").matches(HTTP_LIBRARIES),
            3,
        ),
        (
            "headless browser",
            field("UserAgent").matches(HEADLESS_BROWSERS),
            10,
        ),
        ("no user agent", Ok(field("UserAgent").is_absent()), 11),
        (
            "data centre",
            field("ClientIP").in_network("203.0.113.0/24"),
            13,
        ),
        ("VPN", field("ClientIP").in_network("198.51.100.0/24"), 14),
    ];
    let everybody_else = Rule::always()
        .named("everybody else")
        .then(Verdict::valid().set_cookie(COOKIE));
    threats
        .into_iter()
        .filter_map(|(name, condition, code)| threat(name, condition, code))
        .chain([everybody_else])
        .collect()
}

/// The conditions above are constants, and a test counts the rules, so that none is lost here.
fn threat(name: &str, condition: Result<Condition, Error>, code: u32) -> Option<Rule> {
    let verdict = Verdict::threat(code).set_cookie(COOKIE);
    Some(Rule::when(condition.ok()?).named(name).then(verdict))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::payload::Payload;

    fn code_for(fields: &[(&str, &str)]) -> u32 {
        let fields = fields
            .iter()
            .map(|&(name, value)| (name.into(), value.into()));
        let rules = rules();
        let payload = Payload::Form(fields.collect());
        let rule = rules.iter().find(|rule| rule.matches(&payload)).unwrap();
        match rule.answer() {
            Answer::Verdict(verdict) => verdict.code(),
            Answer::Fault(fault) => panic!("{fault:?}"),
        }
    }

    #[test]
    fn none_is_lost() {
        assert_eq!(rules().into_iter().count(), 6);
    }

    #[test]
    fn tools_and_headless_browsers_show_by_their_name() {
        for tool in [
            "curl/8.5.0",
            "python-requests/2.32",
            "Python-urllib/3.13",
            "Python/3.13 aiohttp/3.10",
            "Go-http-client/1.1",
            "okhttp/4.12.0",
            "Java/21.0.1",
            "Apache-HttpClient/4.5.14 (Java/21)",
            "axios/1.7",
            "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
            "libwww-perl/6.72",
            "Wget/1.21",
            "HTTPie/3.2",
            "reqwest/0.13",
            "Scrapy/2.11 (+https://scrapy.org)",
        ] {
            assert_eq!(code_for(&[("UserAgent", tool)]), 3, "{tool}");
        }
        let headless = "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0.0.0 Safari/537.36";
        assert_eq!(code_for(&[("UserAgent", headless)]), 10);
    }

    #[test]
    fn networks_and_browsers() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let from = |ip| code_for(&[("UserAgent", firefox), ("ClientIP", ip)]);
        assert_eq!(from("203.0.113.9"), 13);
        assert_eq!(from("198.51.100.7"), 14);
        assert_eq!(from("192.0.2.1"), 0);
        assert_eq!(code_for(&[("ClientIP", "203.0.113.9")]), 11);
    }
}
