use super::{Hop, next};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use riposte_connector::OutgoingRequest;

fn hop(method: &str, url: &str) -> (Hop, OutgoingRequest) {
    let mut headers = HeaderMap::new();
    for name in ["authorization", "cookie", "x-apikey", "idempotency-key", "content-type"] {
        headers.insert(name, HeaderValue::from_static("v"));
    }
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let hop = Hop { method, url: url.parse().unwrap(), headers, body: b"body".to_vec() };
    (hop, OutgoingRequest { credential_headers: vec!["X-ApiKey".into()], ..OutgoingRequest::default() })
}

#[test]
fn hops() {
    // method, from, status, location; method, to, headers that are left, whether the body is
    type Wanted<'a> = Option<(&'a str, &'a str, usize, bool)>;
    let cases: &[(&str, &str, u16, &str, Wanted<'_>)] = &[
        ("GET", "https://a.example/x?q#f", 302, "/y", Some(("GET", "https://a.example/y#f", 5, true))),
        ("POST", "https://a.example/x", 302, "y", Some(("GET", "https://a.example/y", 4, false))),
        ("POST", "https://a.example/x", 301, "y", Some(("GET", "https://a.example/y", 4, false))),
        ("PUT", "https://a.example/x", 301, "y", Some(("PUT", "https://a.example/y", 5, true))),
        ("PUT", "https://a.example/x", 303, "y", Some(("GET", "https://a.example/y", 4, false))),
        ("HEAD", "https://a.example/x", 303, "y", Some(("HEAD", "https://a.example/y", 5, true))),
        ("POST", "https://a.example/x", 307, "y", Some(("POST", "https://a.example/y", 5, true))),
        (
            "POST",
            "https://a.example/x",
            308,
            "https://b.example/",
            Some(("POST", "https://b.example/", 2, true)),
        ),
        (
            "GET",
            "https://a.example/x",
            302,
            "https://a.example:444/",
            Some(("GET", "https://a.example:444/", 2, true)),
        ),
        (
            "GET",
            "http://a.example/x",
            302,
            "https://a.example/",
            Some(("GET", "https://a.example/", 2, true)),
        ),
        ("GET", "https://a.example/x", 302, "http://a.example/", None),
        ("GET", "https://a.example/x", 302, "file:///etc/passwd", None),
        ("GET", "https://a.example/x", 302, "javascript:alert(1)", None),
        ("GET", "https://a.example/x", 304, "/y", None),
        ("GET", "https://a.example/x", 200, "/y", None),
    ];
    for (method, from, status, location, wanted) in cases {
        let (mut hop, request) = hop(method, from);
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_static(location));
        let got = next(&mut hop, &request, StatusCode::from_u16(*status).unwrap(), &headers);
        let got = got.map(|hop| {
            (hop.method.to_string(), hop.url.to_string(), hop.headers.len(), !hop.body.is_empty())
        });
        let wanted =
            wanted.map(|(method, url, headers, body)| (method.to_owned(), url.to_owned(), headers, body));
        assert_eq!(got, wanted, "{method} {from} {status} {location}");
    }
}

#[test]
fn without_a_location() {
    let (mut hop, request) = hop("GET", "https://a.example/");
    assert!(next(&mut hop, &request, StatusCode::FOUND, &HeaderMap::new()).is_none());
}
