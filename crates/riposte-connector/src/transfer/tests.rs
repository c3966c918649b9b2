use super::*;
use riposte_value::Text;

fn request(method: &str, body: &[u8]) -> OutgoingRequest {
    let headers = [("Content-Type", "text/plain"), ("Authorization", "Bearer t"), ("Idempotency-Key", "k")];
    OutgoingRequest {
        method: Text::new(method),
        url: "https://e.example/files/1".to_owned(),
        headers: headers.iter().map(|(name, value)| (Text::new(name), Text::new(value))).collect(),
        body: body.to_vec(),
        credential_headers: Vec::new(),
    }
}

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> IncomingResponse {
    let headers = headers.iter().map(|(name, value)| (Text::new(name), Text::new(value))).collect();
    IncomingResponse { status, headers, body: body.as_bytes().to_vec() }
}

fn sent(exchange: Result<Exchange, CallError>) -> OutgoingRequest {
    match exchange {
        Ok(Exchange::Send(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn done(exchange: Result<Exchange, CallError>) -> IncomingResponse {
    match exchange {
        Ok(Exchange::Done(response)) => response,
        other => panic!("{other:?}"),
    }
}

#[test]
fn uploads_in_pieces() {
    let (mut transfer, first) = Transfer::begin_with(request("PUT", b"0123456789"), true, 100, 6);
    assert_eq!((first.method.as_str(), first.body.len()), ("PUT", 0));
    assert_eq!(first.header("x-ms-transfer-mode"), Some("chunked"));
    assert_eq!(first.header("x-ms-content-length"), Some("10"));
    assert_eq!(first.header("content-type"), None);
    let piece = sent(transfer.next(response(200, &[("Location", "/up/7"), ("x-ms-chunk-size", "4")], "")));
    assert_eq!((piece.method.as_str(), piece.url.as_str()), ("PATCH", "https://e.example/up/7"));
    assert_eq!(
        (piece.header("content-range"), piece.body.as_slice()),
        (Some("bytes=0-3/10"), b"0123".as_slice())
    );
    assert_eq!(piece.header("content-type"), Some("text/plain"));
    assert_eq!(piece.header("idempotency-key"), Some("k/0"));
    assert_eq!(piece.header("authorization"), Some("Bearer t"));
    // the endpoint took less than it was given
    let piece = sent(transfer.next(response(200, &[("Range", "bytes=0-2")], "")));
    assert_eq!(
        (piece.header("content-range"), piece.body.as_slice()),
        (Some("bytes=3-6/10"), b"3456".as_slice())
    );
    let piece = sent(transfer.next(response(200, &[], "")));
    assert_eq!(
        (piece.header("content-range"), piece.body.as_slice()),
        (Some("bytes=7-9/10"), b"789".as_slice())
    );
    assert_eq!(done(transfer.next(response(201, &[], "made"))).body, b"made");
}

#[test]
fn uploads_that_go_wrong() {
    let begin = || Transfer::begin_with(request("POST", b"0123456789"), true, 100, 4).0;
    assert_eq!(done(begin().next(response(503, &[], ""))).status, 503);
    assert_eq!(begin().next(response(200, &[], "")).unwrap_err().code, "NotSupported");
    let mut transfer = begin();
    let piece = sent(transfer.next(response(200, &[("location", "https://other.example/up")], "")));
    assert_eq!(piece.header("authorization"), None, "credentials stay with their origin");
    assert_eq!(done(transfer.next(response(500, &[], ""))).status, 500);
    for range in ["bytes=0-9", "bytes=0-"] {
        let mut transfer = begin();
        sent(transfer.next(response(200, &[("location", "/up")], "")));
        let next = transfer.next(response(200, &[("range", range)], ""));
        assert_eq!(next.is_err(), range == "bytes=0-9", "{range}");
    }
}

#[test]
fn small_bodies_and_plain_calls_go_whole() {
    for chunked in [true, false] {
        let (mut transfer, first) = Transfer::begin_with(request("POST", b"0123"), chunked, 100, 4);
        assert_eq!(first, request("POST", b"0123"));
        assert_eq!(done(transfer.next(response(206, &[("Content-Range", "bytes 0-0/9")], "x"))).status, 206);
    }
    let (mut transfer, _) = Transfer::begin_with(request("GET", b""), false, 100, 4);
    assert_eq!(done(transfer.next(response(206, &[("Content-Range", "bytes 0-0/9")], "x"))).status, 206);
}

#[test]
fn downloads_in_pieces() {
    let (mut transfer, first) = Transfer::begin(request("GET", b""), true, 100);
    assert_eq!(first.header("range"), None);
    let next = sent(transfer.next(response(
        206,
        &[("Content-Range", "bytes 0-3/10"), ("ETag", "\"1\""), ("A", "b")],
        "0123",
    )));
    assert_eq!((next.header("range"), next.header("if-range")), (Some("bytes=4-7"), Some("\"1\"")));
    let next = sent(transfer.next(response(206, &[("Content-Range", "bytes 4-7/10")], "4567")));
    assert_eq!(next.header("range"), Some("bytes=8-9"));
    let whole = done(transfer.next(response(206, &[("Content-Range", "bytes 8-9/10")], "89")));
    assert_eq!((whole.status, whole.body.as_slice()), (200, b"0123456789".as_slice()));
    assert_eq!((whole.header("a"), whole.header("content-range")), (Some("b"), None));
}

#[test]
fn downloads_that_go_wrong() {
    let begin = |bytes_max| Transfer::begin(request("GET", b""), true, bytes_max).0;
    let piece = |range: &str| response(206, &[("Content-Range", range)], "0123");
    assert_eq!(done(begin(100).next(response(200, &[], "all"))).body, b"all");
    assert_eq!(done(begin(100).next(response(404, &[], "no"))).status, 404);
    assert_eq!(begin(9).next(piece("bytes 0-3/10")).unwrap_err().code, "ResponseTooLarge");
    for range in ["bytes 0-3/*", "bytes 0-4/10", "bytes 1-4/10", "bytes 3-0/10", "bytes 0-3/2", "x"] {
        assert_eq!(begin(100).next(piece(range)).unwrap_err().code, "InvalidResponse", "{range}");
    }
    let mut transfer = begin(100);
    sent(transfer.next(piece("bytes 0-3/10")));
    // it has changed meanwhile and comes whole
    assert_eq!(done(transfer.next(response(200, &[], "new"))).body, b"new");
}
