//! A body on its way in, piece by piece.

use super::Exchange;
use crate::error::CallError;
use crate::message::{IncomingResponse, OutgoingRequest};
use riposte_value::Text;

#[derive(Debug)]
pub(super) struct Download {
    request: OutgoingRequest,
    bytes_max: usize,
    /// What has come so far, with the head of the first piece.
    so_far: Option<IncomingResponse>,
}

/// `bytes 0-1023/10100`
struct Piece {
    first: usize,
    last: usize,
    total: usize,
}

impl Piece {
    fn of(response: &IncomingResponse) -> Option<Self> {
        let range = response.header("content-range")?.trim().strip_prefix("bytes")?.trim_start();
        let (piece, total) = range.split_once('/')?;
        let (first, last) = piece.split_once('-')?;
        let piece = Self {
            first: first.trim().parse().ok()?,
            last: last.trim().parse().ok()?,
            total: total.trim().parse().ok()?,
        };
        (piece.first <= piece.last && piece.last < piece.total).then_some(piece)
    }
}

impl Download {
    pub fn of(request: &OutgoingRequest, bytes_max: usize) -> Self {
        Self { request: request.clone(), bytes_max, so_far: None }
    }

    pub fn next(&mut self, response: IncomingResponse) -> Result<Exchange, CallError> {
        let piece = Piece::of(&response).filter(|_| response.status == 206);
        let Some(piece) = piece else { return self.no_piece(response) };
        if piece.total > self.bytes_max {
            let message =
                format!("the response has {} bytes, and {} are allowed", piece.total, self.bytes_max);
            return Err(CallError::new("ResponseTooLarge", message));
        }
        let length = piece.last - piece.first + 1;
        let whole = self.gather(&piece, length, response)?;
        if whole.body.len() >= piece.total {
            whole.status = 200;
            whole.headers.retain(|(name, _)| {
                !["content-range", "content-length"].iter().any(|dropped| name.eq_ignore_ascii_case(dropped))
            });
            return Ok(Exchange::Done(std::mem::take(whole)));
        }
        let (next, last) = (whole.body.len(), (whole.body.len() + length).min(piece.total) - 1);
        let etag = whole.header("etag").map(Text::new);
        let mut request = self.request.clone();
        request.set_header("Range", format!("bytes={next}-{last}"));
        // what has changed meanwhile comes whole instead of as a piece that does not fit
        if let Some(etag) = etag.filter(|etag| !etag.starts_with("W/")) {
            request.set_header("If-Range", etag);
        }
        Ok(Exchange::Send(request))
    }

    /// Adds a piece to what has come.
    fn gather(
        &mut self,
        piece: &Piece,
        length: usize,
        response: IncomingResponse,
    ) -> Result<&mut IncomingResponse, CallError> {
        let misfit = |why: String| CallError::new("InvalidResponse", why);
        if response.body.len() != length {
            return Err(misfit(format!("a piece of {length} bytes has {}", response.body.len())));
        }
        let joined = match self.so_far.take() {
            None if piece.first == 0 => response,
            Some(mut so_far) if so_far.body.len() == piece.first => {
                so_far.body.extend_from_slice(&response.body);
                so_far
            }
            _ => {
                return Err(misfit(format!("a piece begins at byte {} that was not asked for", piece.first)));
            }
        };
        Ok(self.so_far.insert(joined))
    }

    /// An answer that is no piece: the whole, or a failure.
    fn no_piece(&mut self, response: IncomingResponse) -> Result<Exchange, CallError> {
        self.so_far = None;
        if response.status == 206 {
            return Err(CallError::new("InvalidResponse", "a piece does not say how large the whole is"));
        }
        Ok(Exchange::Done(response))
    }
}
