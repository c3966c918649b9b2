//! A body on its way out, piece by piece.

use super::Exchange;
use crate::error::CallError;
use crate::message::{IncomingResponse, OutgoingRequest};
use riposte_value::Text;
use url::Url;

#[derive(Debug)]
pub(super) struct Upload {
    /// The request as it would be in one piece.
    whole: OutgoingRequest,
    /// Where the pieces go, once it is known.
    to: Option<String>,
    /// How far it has come.
    sent: usize,
    piece_bytes: usize,
}

impl Upload {
    pub fn begin(whole: OutgoingRequest, piece_bytes: usize) -> (Self, OutgoingRequest) {
        let mut first = OutgoingRequest { body: Vec::new(), ..whole.clone() };
        first.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        first.set_header("x-ms-transfer-mode", Text::new_static("chunked"));
        first.set_header("x-ms-content-length", Text::from(whole.body.len().to_string()));
        (Self { whole, to: None, sent: 0, piece_bytes }, first)
    }

    pub fn next(&mut self, response: IncomingResponse) -> Result<Exchange, CallError> {
        if !(200..300).contains(&response.status) {
            return Ok(Exchange::Done(response));
        }
        let wanted = response.header("x-ms-chunk-size").and_then(|size| size.trim().parse().ok());
        if let Some(wanted) = wanted.filter(|wanted| *wanted > 0) {
            self.piece_bytes = self.piece_bytes.min(wanted);
        }
        if self.to.is_none() {
            self.to = Some(self.address(&response)?);
        } else {
            self.advance(&response)?;
        }
        if self.sent >= self.whole.body.len() {
            return Ok(Exchange::Done(response));
        }
        Ok(Exchange::Send(self.piece()))
    }

    fn address(&self, response: &IncomingResponse) -> Result<String, CallError> {
        let base = Url::parse(&self.whole.url).ok();
        let location = response.header("location");
        let joined = base.zip(location).and_then(|(base, location)| base.join(location).ok());
        joined.map(String::from).ok_or_else(|| {
            CallError::new("NotSupported", "the endpoint does not say where pieces of the body are to go")
                .help("leave out `contentTransfer`, or send less than 50 MB")
        })
    }

    /// Takes over how far the endpoint has come: `Range: bytes=0-1023`, or the end of the piece where it says nothing.
    fn advance(&mut self, response: &IncomingResponse) -> Result<(), CallError> {
        let told = response.header("range").and_then(|range| {
            let last: usize = range.trim().strip_prefix("bytes=")?.split_once('-')?.1.trim().parse().ok()?;
            last.checked_add(1)
        });
        let end = self.end_of_piece();
        let reached = told.unwrap_or(end);
        if reached <= self.sent || reached > end {
            let message = format!("the endpoint says that it has {reached} bytes after {end} were sent");
            return Err(CallError::new("InvalidResponse", message));
        }
        self.sent = reached;
        Ok(())
    }

    fn end_of_piece(&self) -> usize {
        self.sent.saturating_add(self.piece_bytes).min(self.whole.body.len())
    }

    fn piece(&self) -> OutgoingRequest {
        let end = self.end_of_piece();
        let to = self.to.clone().unwrap_or_default();
        let same_origin = origin(&to) == origin(&self.whole.url);
        let headers = self.whole.headers.iter();
        let headers = headers.filter(|(name, _)| same_origin || !self.whole.is_credential(name)).cloned();
        let mut piece = OutgoingRequest {
            method: Text::new_static("PATCH"),
            url: to,
            headers: headers.collect(),
            body: self.whole.body.get(self.sent..end).unwrap_or_default().to_vec(),
            credential_headers: self.whole.credential_headers.clone(),
        };
        let range = format!("bytes={}-{}/{}", self.sent, end.saturating_sub(1), self.whole.body.len());
        piece.set_header("Content-Range", range);
        // each piece is a call of its own: one key for all would let the endpoint take them for repetitions
        if let Some(key) = self.whole.header("Idempotency-Key") {
            let key = format!("{key}/{}", self.sent);
            piece.set_header("Idempotency-Key", key);
        }
        piece
    }
}

fn origin(url: &str) -> Option<url::Origin> {
    Url::parse(url).ok().map(|url| url.origin())
}
