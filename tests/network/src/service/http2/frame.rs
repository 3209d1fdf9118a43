//! Frames of HTTP/2 (RFC 9113, section 4 and 6).

use crate::service::Failure;
use crate::service::connection::VERDICT;

/// What a client begins with.
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Length in three bytes, type, flags, stream in four.
const HEAD: usize = 9;

const END_STREAM_OR_ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;
const NO_ERROR: u32 = 0;
const MAX_CONCURRENT_STREAMS: u16 = 3;

/// Entries of HPACK's static table, which are a header block each.
const STATUS_200: u8 = 0x88;
const STATUS_404: u8 = 0x8d;
const STATUS_500: u8 = 0x8e;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Data = 0,
    Headers = 1,
    Reset = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    /// Whatever a service of verdicts may ignore.
    Other = 0xff,
}

/// What a client sent.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    /// Takes the first frame out of the input, if it is there in full.
    pub(super) fn take(input: &mut Vec<u8>) -> Option<Self> {
        let head = input.first_chunk::<HEAD>()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let kind = match head[3] {
            0 => Kind::Data,
            1 => Kind::Headers,
            3 => Kind::Reset,
            4 => Kind::Settings,
            6 => Kind::Ping,
            _ => Kind::Other,
        };
        let flags = head[4];
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if input.len() < HEAD + length {
            return None;
        }
        let payload = input[HEAD..HEAD + length].to_vec();
        input.drain(..HEAD + length);
        Some(Self {
            kind,
            flags,
            stream,
            payload,
        })
    }

    pub(super) fn is_ack(&self) -> bool {
        self.flags & END_STREAM_OR_ACK != 0
    }

    pub(super) fn ends_stream(&self) -> bool {
        matches!(self.kind, Kind::Data | Kind::Headers) && self.flags & END_STREAM_OR_ACK != 0
    }
}

pub(super) fn settings(max_concurrent_streams: Option<u32>) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Some(streams) = max_concurrent_streams {
        payload.extend(MAX_CONCURRENT_STREAMS.to_be_bytes());
        payload.extend(streams.to_be_bytes());
    }
    frame(Kind::Settings, 0, 0, &payload)
}

pub(super) fn settings_ack() -> Vec<u8> {
    frame(Kind::Settings, END_STREAM_OR_ACK, 0, &[])
}

pub(super) fn ping_ack(payload: &[u8]) -> Vec<u8> {
    frame(Kind::Ping, END_STREAM_OR_ACK, 0, payload)
}

/// Gives the client back what it may send on the connection: nothing for nothing.
pub(super) fn window_update(read: usize) -> Vec<u8> {
    let increment = u32::try_from(read).unwrap();
    if increment == 0 {
        return Vec::new();
    }
    frame(Kind::WindowUpdate, 0, 0, &increment.to_be_bytes())
}

pub(super) fn go_away(last: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), NO_ERROR.to_be_bytes()].concat();
    frame(Kind::GoAway, 0, 0, &payload)
}

pub(super) fn refused(stream: u32) -> Vec<u8> {
    frame(Kind::Reset, 0, stream, &REFUSED_STREAM.to_be_bytes())
}

pub(super) fn verdict(stream: u32) -> Vec<u8> {
    let mut answer = frame(Kind::Headers, END_HEADERS, stream, &[STATUS_200]);
    let body = frame(Kind::Data, END_STREAM_OR_ACK, stream, VERDICT.as_bytes());
    answer.extend(body);
    answer
}

pub(super) fn failure(stream: u32, failure: Failure) -> Vec<u8> {
    let status = match failure {
        Failure::InternalServerError => STATUS_500,
        Failure::NotFound => STATUS_404,
    };
    let flags = END_HEADERS | END_STREAM_OR_ACK;
    frame(Kind::Headers, flags, stream, &[status])
}

fn frame(kind: Kind, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind as u8, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}
