//! The application behind RTI: the same on every framework.
//!
//! | route | what it does |
//! | --- | --- |
//! | `GET /` | `hello` |
//! | `GET /subscribe`, `GET /about`, `GET /captcha`, `GET /get-only` | their own name |
//! | `POST /echo` | streams the body back |
//! | `POST /length` | reads the body to its end, and answers how many bytes it had |
//! | `GET /verdict` | the decision as the handler sees it, as JSON |
//! | `GET /headers` | the request headers as the handler sees them: a JSON list of pairs |
//! | `GET /app-cookie` | sets [`APP_COOKIE`] |
//! | `GET /error` | fails in the framework's way, which makes it a 500 |
//! | `GET /panic` | panics |
//! | `GET /stream` | [`FRAMES`], each when [`Application::release_frame`] lets it go |
//! | `GET /ws` | a WebSocket that echoes texts |
//! | `GET /count`, `POST /count/up` | a number; one more |
//!
//! With a second engine, all of it stands below `/second` too, and asks that engine alone.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::Semaphore;

/// What `/app-cookie` sets.
pub const APP_COOKIE: &str = "app=1";

/// What `/stream` sends, one frame each.
pub const FRAMES: [&str; 3] = ["first;", "second;", "third;"];

/// The text of every panic that a case asks for: it is not printed.
pub const PANIC: &str = "a panic on purpose";

/// What an application of this suite holds. Clones share it.
#[derive(Debug, Clone)]
pub struct Application(Arc<State>);

#[derive(Debug)]
struct State {
    count: AtomicU64,
    frames: Semaphore,
}

impl Default for Application {
    fn default() -> Self {
        Self(Arc::new(State {
            count: AtomicU64::new(0),
            frames: Semaphore::new(0),
        }))
    }
}

impl Application {
    /// The number behind `/count`.
    pub fn count(&self) -> u64 {
        self.0.count.load(Ordering::SeqCst)
    }

    /// What `/count/up` does; the new number.
    pub fn count_up(&self) -> u64 {
        self.0.count.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Lets `/stream` send its next frame.
    pub fn release_frame(&self) {
        self.0.frames.add_permits(1);
    }

    /// The body of `/stream`.
    pub fn frames(&self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
        let state = Arc::clone(&self.0);
        stream::unfold(FRAMES.into_iter(), move |mut frames| {
            let state = Arc::clone(&state);
            async move {
                let frame = frames.next()?;
                state.frames.acquire().await.ok()?.forget();
                Some((Ok(Bytes::from_static(frame.as_bytes())), frames))
            }
        })
    }
}

/// What the challenge callback does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Challenge {
    /// There is none.
    #[default]
    None,
    /// Answers 302 to `/captcha` for a page, and with the denial that fits for all else.
    CaptchaOrDenial,
    /// Lets the request continue.
    Continue,
    /// Answers 401, and [`Challenge::PAGE`], the threat code of the decision behind it.
    Answer,
    /// Panics before it does anything.
    Panic,
}

impl Challenge {
    /// What [`Challenge::Answer`] says.
    pub const PAGE: &str = "prove that you are human: ";
}

/// What the callback for the page of blocked visitors does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BlockPage {
    /// There is none.
    #[default]
    None,
    /// Answers 410, which RTI never does, and [`BlockPage::PAGE`].
    Own,
    /// Leaves the built-in page.
    BuiltIn,
    /// Panics.
    Panic,
}

impl BlockPage {
    /// The page of [`BlockPage::Own`].
    pub const PAGE: &str = "no access to this shop";
}

/// Panics as `/panic`, [`Challenge::Panic`] and [`BlockPage::Panic`] do.
pub fn panic_on_purpose() -> ! {
    panic!("{PANIC}")
}
