//! HTTP/2, by hand: as much of RFC 9113 as a verdict service needs towards one well-behaved client.
//!
//! Header blocks are not decoded, since every request has the same answer, and the client's flow
//! control is not observed, since answers are smaller than any window.

mod frame;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, sleep_until};

use self::frame::{Frame, Kind, PREFACE};
use super::Ending;
use super::connection::{AnswerKind, Open};

/// One connection.
struct Conversation {
    open: Open,
    /// Streams whose request has begun and not ended.
    begun: BTreeSet<u32>,
    /// Answers by when they are due, and for which stream.
    due: BTreeMap<(Instant, u32), AnswerKind>,
    /// Until when the connection may be idle, once it is.
    idle_until: Option<Instant>,
    requests: u64,
    /// The last stream that is answered, once a GOAWAY said so.
    last: Option<u32>,
    /// What is to be written.
    out: Vec<u8>,
}

pub(super) async fn serve<S>(mut stream: S, open: Open) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut preface = [0; PREFACE.len()];
    let may_idle = open.may_idle().map(|time| Instant::now() + time);
    tokio::select! {
        read = stream.read_exact(&mut preface) => drop(read?),
        () = at(may_idle) => return stream.shutdown().await,
        () = open.closed() => return Ok(()),
    }
    if preface != *PREFACE {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut conversation = Conversation::new(open);
    let mut input = Vec::new();
    loop {
        stream.write_all(&conversation.out).await?;
        stream.flush().await?;
        conversation.out.clear();
        if conversation.has_ended() {
            stream.shutdown().await?;
            // A socket that is closed with bytes unread is reset, and answers that the client has
            // not read are lost with it.
            return keep_silent(stream, &conversation.open).await;
        }
        let due = conversation.due.keys().next().map(|(due, _)| *due);
        let idle_until = conversation.idle_until();
        tokio::select! {
            biased;
            () = conversation.open.closed() => return Ok(()),
            read = stream.read_buf(&mut input) => if read? == 0 {
                return Ok(());
            },
            () = at(due) => {}
            () = at(idle_until) => conversation.go_away(),
        }
        if conversation.open.is_silent() {
            return keep_silent(stream, &conversation.open).await;
        }
        conversation.answer_what_is_due();
        while let Some(frame) = Frame::take(&mut input) {
            if conversation.take(&frame) == Flow::Close {
                stream.write_all(&conversation.out).await?;
                return stream.shutdown().await;
            }
        }
    }
}

/// Reads for as long as the client likes, and says nothing.
async fn keep_silent(mut stream: impl AsyncRead + Unpin, open: &Open) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => if read? == 0 {
                return Ok(());
            },
            () = open.closed() => return Ok(()),
        }
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Continue,
    Close,
}

impl Conversation {
    fn new(open: Open) -> Self {
        let out = frame::settings(open.behaviour().max_concurrent_streams);
        Self {
            open,
            begun: BTreeSet::new(),
            due: BTreeMap::new(),
            idle_until: None,
            requests: 0,
            last: None,
            out,
        }
    }

    fn take(&mut self, frame: &Frame) -> Flow {
        match frame.kind {
            Kind::Headers => self.begin(frame.stream),
            Kind::Data => self.out.extend(frame::window_update(frame.payload.len())),
            Kind::Reset => {
                self.begun.remove(&frame.stream);
                self.due.retain(|(_, stream), _| *stream != frame.stream);
            }
            Kind::Settings if !frame.is_ack() => self.out.extend(frame::settings_ack()),
            Kind::Ping if !frame.is_ack() => self.out.extend(frame::ping_ack(&frame.payload)),
            _ => {}
        }
        if frame.ends_stream() && self.begun.remove(&frame.stream) {
            return self.ended(frame.stream);
        }
        Flow::Continue
    }

    fn begin(&mut self, stream: u32) {
        let most = self.open.behaviour().max_concurrent_streams;
        let open = self.begun.len() + self.due.len();
        if self.last.is_some_and(|last| stream > last) {
            // It crossed with the GOAWAY, which has said what becomes of it.
        } else if most.is_some_and(|most| open >= most as usize) {
            self.out.extend(frame::refused(stream));
        } else {
            self.begun.insert(stream);
        }
    }

    /// A request is there in full.
    fn ended(&mut self, stream: u32) -> Flow {
        self.requests += 1;
        let answer = self.open.next_answer();
        let due = Instant::now() + answer.takes;
        self.due.insert((due, stream), answer.kind);
        let behaviour = self.open.behaviour();
        if behaviour.requests_per_connection != Some(self.requests) {
            return Flow::Continue;
        }
        match behaviour.ending {
            Ending::Abrupt => {
                self.out.extend(frame::go_away(stream));
                Flow::Close
            }
            Ending::Announced => {
                self.go_away_after(stream);
                Flow::Continue
            }
        }
    }

    /// Announces the end to an idle connection: no stream is left out.
    fn go_away(&mut self) {
        // The highest number there is: what crosses with it is answered.
        self.go_away_after(u32::MAX >> 1);
    }

    fn go_away_after(&mut self, stream: u32) {
        self.last = Some(stream);
        self.begun.retain(|begun| *begun <= stream);
        self.out.extend(frame::go_away(stream));
    }

    fn answer_what_is_due(&mut self) {
        let now = Instant::now();
        while let Some(next) = self.due.first_entry() {
            let (due, stream) = *next.key();
            if due > now {
                return;
            }
            let kind = next.remove();
            self.out.extend(match kind {
                AnswerKind::Verdict => frame::verdict(stream),
                AnswerKind::Failure(failure) => frame::failure(stream, failure),
                AnswerKind::Refusal => frame::refused(stream),
            });
        }
    }

    fn has_ended(&self) -> bool {
        self.last.is_some() && self.begun.is_empty() && self.due.is_empty()
    }

    /// Until when the connection may be idle, where it is.
    fn idle_until(&mut self) -> Option<Instant> {
        if !self.begun.is_empty() || !self.due.is_empty() {
            self.idle_until = None;
            return None;
        }
        if self.idle_until.is_none() {
            let may_idle = self.open.may_idle();
            self.idle_until = may_idle.map(|time| Instant::now() + time);
        }
        self.idle_until
    }
}
