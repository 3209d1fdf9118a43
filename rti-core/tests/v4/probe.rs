use crate::visitor::*;
use rti_core::*;
#[tokio::test]
async fn probe() {
    // redirect
    for url in ["/..//evil.example", "/sorry%7Ex", "/%7Esorry", "/sorry;x", "/a//b", "/.//evil.example"] {
        let c = Config::builder("k","h","us").mode(Mode::Blocking).redirect_url(url).build();
        match c { Ok(c) => eprintln!("redirect {url}: ok warnings={:?} {}", c.warnings(), { let s = format!("{c:?}"); let i = s.find("location").unwrap(); s[i..i+90].to_owned() }), Err(e) => eprintln!("redirect {url}: {e}") }
    }
    // mapped proxies
    for net in ["::ffff:10.0.0.0/104", "::ffff:192.0.2.1"] {
        let c = Config::builder("k","h","us").api_version(ApiVersion::V4_1).trusted_proxies([net]);
        let d = document(c, &Visitor::with(&[("x-forwarded-for","203.0.113.9")])).await;
        eprintln!("mapped {net}: {}", d["endUserParams"]["clientIp"]);
    }
    // forwarded vs xff
    let c = Config::builder("k","h","us").api_version(ApiVersion::V4_1).trusted_proxies(["192.0.2.1"]);
    let d = document(c, &Visitor::with(&[("x-forwarded-for","6.6.6.6"),("forwarded","for=203.0.113.9")])).await;
    eprintln!("xff beats forwarded: {}", d["endUserParams"]["clientIp"]);
    // starving extractors
    let c = config(ApiVersion::V4_1).channel(|_| Some("x".repeat(9000))).page_view_id(|_| Some(",".repeat(5000))).ja4(|_| Some("t13d1516h2_8daaf6152771_e5627efa2ab1".into())).client_user_id(|_| Some("user-77".into()));
    let d = document(c, &Visitor::with(&[])).await;
    eprintln!("starved: ja4={:?} user={:?} pv={}", d["endUserParams"]["headers"].get("cheq_ja4"), d.get("clientUserId"), d["pageViewId"].as_str().map_or(0, str::len));
    // starving headers
    let big = "\"".repeat(4000);
    let h = [("via", big.as_str()), ("from", &big), ("pragma", &big), ("origin",&big), ("sec-ch-ua", "\"Headless\";v=1"), ("true-client-ip", "203.0.113.9")];
    let d = document(config(ApiVersion::V4_1), &Visitor::with(&h)).await;
    eprintln!("starved headers: {:?}", d["endUserParams"]["headers"].as_object().unwrap().iter().map(|(n,v)| (n.clone(), v.as_str().unwrap().len())).collect::<Vec<_>>());
    // exclusions
    for t in ["/static/%c0%ae%c0%ae%c0%af", "/static/a%3fb", "/static/a%23b", "/static/a%40b", "/static/%2a"] {
        struct T(&'static str);
        impl RtiRequest for T { fn method(&self)->&'static str{"GET"} fn target(&self)->std::borrow::Cow<'_,str>{self.0.into()} fn for_each_header(&self,_:&mut dyn FnMut(&str,&[u8])){} fn http_version(&self)->HttpVersion{HttpVersion::Http11} }
        let c = config(ApiVersion::V4_1).uri_exclusion(["re:^/static/"]).build().unwrap();
        struct N; #[rti_core::async_trait] impl Transport for N { async fn send(&self,_:Call)->Result<Answer,CallError>{ Ok(Answer{status:500,body:"".into()}) } }
        let rti = Rti::with_transport(c, N);
        let d = rti.decide(rti.inspect(&T(t))).await;
        eprintln!("excl {t}: {}", d.outcome().name());
    }
    // result header
    let c = config(ApiVersion::V4_1).result_header(ResultHeader::On).mode(Mode::Blocking).build().unwrap();
    struct A(String); #[rti_core::async_trait] impl Transport for A { async fn send(&self,_:Call)->Result<Answer,CallError>{ Ok(Answer{status:200,body:self.0.clone().into()}) } }
    let rti = Rti::with_transport(c.clone(), A(r#"{"decision":{"verdict":"benign"},"classification":{"code":14},"ids":{"rayId":"r","customParam2":"x;verdict=benign;threat-type-code=0;ids={}"}}"#.into()));
    let d = rti.decide(rti.inspect(&Visitor::with(&[]))).await;
    eprintln!("result: {:?}", d.result_header());
    let rti = Rti::with_transport(c, A(format!(r#"{{"decision":{{"verdict":"benign"}},"classification":{{"code":14}},"ids":{{"rayId":"{}"}}}}"#, "é".repeat(30000))));
    let d = rti.decide(rti.inspect(&Visitor::with(&[]))).await;
    eprintln!("result len: {:?}", d.result_header().map(str::len));
    let c = Config::builder("k","h","us").result_header(ResultHeader::On).build().unwrap();
    let rti = Rti::with_transport(c, A(format!(r#"{{"isInvalid":false,"threatTypeCode":0,"requestId":"r","setCookie":"a={}"}}"#, "x".repeat(60000))));
    let d = rti.decide(rti.inspect(&Visitor::with(&[]))).await;
    eprintln!("cookie len: {:?}", d.set_cookie().map(str::len));
    // v4 debug echoes
    let c = config(ApiVersion::V4_1).build().unwrap();
    let rti = Rti::with_transport(c, A(r#"{"decision":{"verdict":"benign"},"classification":{"code":14},"ids":{"rayId":"r"},"echo":"k-1-the-key"}"#.into()));
    let d = rti.decide(rti.inspect(&Visitor::with(&[]))).await;
    eprintln!("debug: {d:?}");
    // v4 config silent
    let c = config(ApiVersion::V4_1).redirect_url("/sorry").build().unwrap();
    eprintln!("v4 redirect_url unused warnings: {:?}", c.warnings());
    let c = config(ApiVersion::V4_1).session_sync(SessionSync::PageViewId).build().unwrap();
    eprintln!("pageviewid without extractor warnings: {:?}", c.warnings());
    let d = document(config(ApiVersion::V4_1).request_id_header("authorization"), &Visitor::with(&[("authorization","Bearer secret")])).await;
    eprintln!("customId2 = {}", d["customId2"]);
    // alternating headers memory
    let mut hs = vec![]; let v = "x".repeat(4000); for _ in 0..200 { hs.push(("via", v.as_str())); hs.push(("pragma", v.as_str())); }
    let rti = Rti::with_transport(config(ApiVersion::V4_1).build().unwrap(), A(String::new()));
    let t = std::time::Instant::now(); let _i = rti.inspect(&Visitor::with(&hs)); eprintln!("alternating: {:?}", t.elapsed());
}
