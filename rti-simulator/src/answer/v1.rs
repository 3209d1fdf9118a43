//! The answer of v1 and v3: five flat members.

use serde_json::{Value, json};

use super::Question;
use crate::verdict::Verdict;

pub(super) fn answer(verdict: &Verdict, question: &Question<'_>) -> Value {
    let mut answer = json!({
        "version": 1,
        "isInvalid": verdict.says_invalid(),
        "threatTypeCode": verdict.code,
        "requestId": verdict.request_id.as_ref().unwrap_or(&question.fresh_id),
    });
    if let (Some(members), Some(cookie)) = (answer.as_object_mut(), &verdict.set_cookie) {
        members.insert("setCookie".to_owned(), json!(cookie));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Protocol;
    use crate::payload::Payload;

    fn answer_to(verdict: &Verdict) -> Value {
        let question = Question {
            protocol: Protocol::V1,
            payload: &Payload::Form(Vec::new()),
            fresh_id: "fresh".into(),
        };
        answer(verdict, &question)
    }

    #[test]
    fn a_cookie_is_there_when_it_was_set() {
        assert_eq!(
            answer_to(&Verdict::threat(3).request_id("r-1").set_cookie("a=b")),
            json!({"version": 1, "isInvalid": true, "threatTypeCode": 3, "requestId": "r-1", "setCookie": "a=b"})
        );
        assert_eq!(
            answer_to(&Verdict::valid()),
            json!({"version": 1, "isInvalid": false, "threatTypeCode": 0, "requestId": "fresh"})
        );
    }
}
