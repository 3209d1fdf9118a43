//! The fields of a request, under one set of names for forms and JSON.

use serde_json::Value;

/// A request's decoded body.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    /// v1 and v3, in the order of the body.
    Form(Vec<(String, String)>),
    /// v4 and telemetry.
    Json(Value),
}

impl Payload {
    /// The field of that v1 name, or in JSON the member at that path.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        match self {
            Self::Form(fields) => fields
                .iter()
                .find(|(candidate, _)| candidate == name)
                .map(|(_, value)| value.clone()),
            Self::Json(document) => member(document, path_in_v4(name)),
        }
    }
}

fn member(document: &Value, path: &str) -> Option<String> {
    let value = path
        .split('.')
        .try_fold(document, |value, segment| value.get(segment))?;
    Some(match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// The path in v4 of the field that has this name in v1. Any other name is a path already.
fn path_in_v4(name: &str) -> &str {
    match name {
        "EventType" => "customId1",
        "ApiKey" => "apiKey",
        "TagHash" => "tagHash",
        "Method" => "endUserParams.method",
        "ClientIP" => "endUserParams.clientIp",
        "RequestURL" => "endUserParams.requestUrl",
        "RequestTime" => "microTime",
        "HeaderNames" => "endUserParams.headerNames",
        "Host" => "endUserParams.headers.host",
        "UserAgent" => "endUserParams.headers.user-agent",
        "XForwardedFor" => "endUserParams.headers.x-forwarded-for",
        "Referer" => "endUserParams.headers.referer",
        "Accept" => "endUserParams.headers.accept",
        "AcceptEncoding" => "endUserParams.headers.accept-encoding",
        "AcceptLanguage" => "endUserParams.headers.accept-language",
        "AcceptCharset" => "endUserParams.headers.accept-charset",
        "Origin" => "endUserParams.headers.origin",
        "XRequestedWith" => "endUserParams.headers.x-requested-with",
        "Connection" => "endUserParams.headers.connection",
        "Pragma" => "endUserParams.headers.pragma",
        "CacheControl" => "endUserParams.headers.cache-control",
        "ContentType" => "endUserParams.headers.content-type",
        "TrueClientIP" => "endUserParams.headers.true-client-ip",
        "XRealIP" => "endUserParams.headers.x-real-ip",
        "JA3" => "endUserParams.headers.cheq_ja3",
        "Channel" => "channel",
        "RequestId" => "customId2",
        path => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_name_reads_forms_and_json() {
        let form = Payload::Form(vec![("UserAgent".into(), "curl".into())]);
        let json = Payload::Json(json!({"endUserParams": {"headers": {"user-agent": "curl"}}}));
        for payload in [form, json] {
            assert_eq!(payload.field("UserAgent").as_deref(), Some("curl"));
            assert_eq!(payload.field("Referer"), None);
        }
    }

    #[test]
    fn members_of_v4_have_their_path_as_name() {
        let payload = Payload::Json(json!({
            "isHeaderNamesOrdered": true,
            "endUserParams": {"headers": {"via": "1.1 proxy"}},
        }));
        let read = |path| payload.field(path);
        assert_eq!(read("isHeaderNamesOrdered").as_deref(), Some("true"));
        assert_eq!(
            read("endUserParams.headers.via").as_deref(),
            Some("1.1 proxy")
        );
        assert_eq!(read("endUserParams.headers.via.more"), None);
    }
}
