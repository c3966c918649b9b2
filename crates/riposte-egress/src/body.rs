//! Reading a response, no further than its limit.

use crate::error::EgressError;
use riposte_connector::IncomingResponse;

/// Why a body was not read to its end.
pub(crate) enum BodyError {
    TooLarge,
    Broken(reqwest::Error),
}

/// Reads the whole response; its body may have `bytes_max` bytes after decompression.
pub(crate) async fn read(
    mut response: reqwest::Response,
    bytes_max: usize,
) -> Result<IncomingResponse, BodyError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).is_ok_and(|announced| announced > bytes_max) {
        return Err(BodyError::TooLarge);
    }
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().into(), String::from_utf8_lossy(value.as_bytes()).as_ref().into())
        })
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        if body.len() + chunk.len() > bytes_max {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(IncomingResponse { status, headers, body })
}

impl BodyError {
    /// The error for a call to a host.
    pub(crate) fn at(self, host: &str, bytes_max: usize) -> EgressError {
        match self {
            Self::TooLarge => EgressError::ResponseTooLarge { host: host.to_owned(), bytes_max },
            Self::Broken(error) => {
                EgressError::BadGateway { host: host.to_owned(), why: crate::gate::innermost(&error) }
            }
        }
    }
}
