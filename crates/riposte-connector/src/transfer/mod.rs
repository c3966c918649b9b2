//! Large bodies in pieces (`contentTransfer.transferMode: Chunked`), as a state machine over requests and responses.
//!
//! Upload (documented): a request without a body says how many bytes there will be; the endpoint answers with a `Location`
//! and the size of pieces that it wants; each piece goes there with PATCH and `Content-Range`, and the answer's `Range`
//! tells how far it has come. Only a body that is larger than one piece is sent that way. Download: an answer 206 is one
//! piece, and the rest is asked for with `Range` until all of it has come.
//!
//! What goes wrong in between is the exchange's end: a failed piece is its answer, and trying again begins from the start.

mod download;
mod upload;

use crate::error::CallError;
use crate::message::{IncomingResponse, OutgoingRequest};
use download::Download;
use upload::Upload;

/// The largest piece, documented: 50 MB.
const PIECE_BYTES_MAX: usize = 52_428_800;

/// How a request and its response are exchanged.
#[derive(Debug)]
pub struct Transfer(State);

#[derive(Debug)]
enum State {
    /// One request, one response.
    Whole,
    Up(Box<Upload>),
    Down(Box<Download>),
}

/// How an exchange goes on after a response.
#[derive(Debug, PartialEq, Eq)]
pub enum Exchange {
    /// There is another request to send.
    Send(OutgoingRequest),
    /// It is over. This is the answer to the request as a whole.
    Done(IncomingResponse),
}

impl Transfer {
    /// Begins an exchange; gives what to send first. `bytes_max`: the largest body that a download may come to.
    pub fn begin(request: OutgoingRequest, chunked: bool, bytes_max: usize) -> (Self, OutgoingRequest) {
        Self::begin_with(request, chunked, bytes_max, PIECE_BYTES_MAX)
    }

    fn begin_with(
        request: OutgoingRequest,
        chunked: bool,
        bytes_max: usize,
        piece_bytes: usize,
    ) -> (Self, OutgoingRequest) {
        if !chunked {
            return (Self(State::Whole), request);
        }
        if request.method == "GET" {
            let download = Download::of(&request, bytes_max);
            return (Self(State::Down(Box::new(download))), request);
        }
        if request.body.len() <= piece_bytes {
            return (Self(State::Whole), request);
        }
        let (upload, first) = Upload::begin(request, piece_bytes);
        (Self(State::Up(Box::new(upload))), first)
    }

    /// Takes the response to what was sent last.
    ///
    /// # Errors
    /// The other side does not keep to the protocol.
    pub fn next(&mut self, response: IncomingResponse) -> Result<Exchange, CallError> {
        match &mut self.0 {
            State::Whole => Ok(Exchange::Done(response)),
            State::Up(upload) => upload.next(response),
            State::Down(download) => download.next(response),
        }
    }
}

#[cfg(test)]
mod tests;
