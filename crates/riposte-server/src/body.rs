//! Reading a request's body within its limits.

use crate::options::Limits;
use crate::refusal::Refusal;
use axum::body::{BodyDataStream, HttpBody};
use futures_util::StreamExt;
use http::{HeaderMap, header};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

/// A body longer than this counts among those that are held in memory only a few at a time.
pub(crate) const LARGE_FROM_BYTES: usize = 1024 * 1024;

/// The longest body of a row that is open to all and needs a few short fields.
pub(crate) const SMALL_BYTES_MAX: usize = 16 * 1024;

/// What is read and thrown away of a refused body, so that the client gets to read the answer.
const LINGER_BYTES_MAX: usize = 128 * 1024 * 1024;
const LINGER_TIME_MAX: Duration = Duration::from_secs(5);

/// A body in memory. While it lives, it counts as one of the large ones if it is.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    large: Option<OwnedSemaphorePermit>,
}

/// Refuses, before a byte of it is read, a body that says to be too long or that is encoded.
pub(crate) fn check_headers(headers: &HeaderMap, bytes_max: usize) -> Result<(), Refusal> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > bytes_max as u64) {
        return Err(Refusal::body_too_large(bytes_max));
    }
    match headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim()) {
        None | Some("") => Ok(()),
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => Ok(()),
        Some(encoding) => Err(Refusal::new(
            http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            format!("content encoding `{encoding}` is not offered"),
        )
        .help("send the body without `Content-Encoding`")),
    }
}

/// Reads the body, at most `bytes_max` bytes of it.
pub(crate) async fn receive(
    stream: &mut BodyDataStream,
    bytes_max: usize,
    limits: &Limits,
    large_bodies: &Arc<Semaphore>,
) -> Result<Received, Refusal> {
    let deadline = Instant::now() + limits.body_time_max;
    let mut received = Received::default();
    while let Some(chunk) = next(stream, limits.idle_max, deadline).await? {
        if received.bytes.len() + chunk.len() > bytes_max {
            return Err(Refusal::body_too_large(bytes_max));
        }
        received.bytes.extend_from_slice(&chunk);
        if received.bytes.len() > LARGE_FROM_BYTES && received.large.is_none() {
            let permit = timeout(limits.idle_max, Arc::clone(large_bodies).acquire_owned()).await;
            received.large = Some(permit.map_err(|_| Refusal::busy())?.map_err(Refusal::internal)?);
        }
    }
    Ok(received)
}

async fn next(
    stream: &mut BodyDataStream,
    idle_max: Duration,
    deadline: Instant,
) -> Result<Option<axum::body::Bytes>, Refusal> {
    match timeout_at(deadline, timeout(idle_max, stream.next())).await {
        Ok(Ok(None)) => Ok(None),
        Ok(Ok(Some(Ok(chunk)))) => Ok(Some(chunk)),
        Ok(Ok(Some(Err(error)))) => Err(Refusal::unreadable_body(error)),
        Ok(Err(_)) | Err(_) => Err(Refusal::body_too_slow()),
    }
}

/// Reads on for a little while what was refused. A client that is still sending when the connection closes would get a
/// reset instead of the answer.
pub(crate) fn linger(mut stream: BodyDataStream) {
    if stream.is_end_stream() {
        return;
    }
    tokio::spawn(async move {
        let drain = async {
            let mut read = 0;
            while let Some(Ok(chunk)) = stream.next().await {
                read += chunk.len();
                if read > LINGER_BYTES_MAX {
                    break;
                }
            }
        };
        timeout(LINGER_TIME_MAX, drain).await
    });
}
