//! How much of a path a regex fixes, for the warnings about exclusions.
//!
//! Read from the syntax tree that `regex` compiles from: a scan of the text misses escapes, flags,
//! groups and comments.

use regex_syntax::hir::{Class, Hir, HirKind, Look, LookSet};

/// Whether a regex is anchored at one end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Every match is.
    All,
    /// Only some alternatives are.
    Some,
    None,
}

/// What a regex fixes of the paths that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchors {
    pub(super) start: Anchor,
    pub(super) end: Anchor,
    /// It begins with any text, so that only the ending is fixed.
    pub(super) any_beginning: bool,
    /// It says itself that it covers what is below: it ends with `/`, or with any text.
    pub(super) covers_below: bool,
}

impl Anchors {
    /// `None` for what is no regex.
    pub(super) fn of(regex: &str) -> Option<Self> {
        let hir = regex_syntax::parse(regex).ok()?;
        let of = hir.properties();
        Some(Self {
            start: anchor(of.look_set_prefix(), of.look_set_prefix_any(), is_start),
            end: anchor(of.look_set_suffix(), of.look_set_suffix_any(), is_end),
            any_beginning: any_beginning(&hir),
            covers_below: covers_below(&hir),
        })
    }
}

fn anchor(always: LookSet, sometimes: LookSet, is_anchor: fn(Look) -> bool) -> Anchor {
    if always.iter().any(is_anchor) {
        Anchor::All
    } else if sometimes.iter().any(is_anchor) {
        Anchor::Some
    } else {
        Anchor::None
    }
}

/// A path has one line.
fn is_start(look: Look) -> bool {
    matches!(look, Look::Start | Look::StartLF | Look::StartCRLF)
}

fn is_end(look: Look) -> bool {
    matches!(look, Look::End | Look::EndLF | Look::EndCRLF)
}

fn any_beginning(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repeated) => {
            let repeats = repeated.max != Some(1);
            (repeats && holds_slash(&repeated.sub)) || any_beginning(&repeated.sub)
        }
        HirKind::Capture(group) => any_beginning(&group.sub),
        HirKind::Alternation(alternatives) => alternatives.iter().any(any_beginning),
        HirKind::Concat(parts) => {
            // The first slash fixes nothing, and what may be absent neither.
            let fixes_text =
                |part: &&Hir| !is_slash(part) && part.properties().minimum_len() != Some(0);
            let first = parts.iter().position(|part| fixes_text(&part));
            let beginning = first.map_or(parts.len(), |first| first + 1);
            parts.iter().take(beginning).any(any_beginning)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

fn is_slash(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Literal(literal) if *literal.0 == *b"/")
}

fn holds_slash(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.contains(&b'/'),
        HirKind::Class(Class::Unicode(class)) => {
            let mut ranges = class.iter();
            ranges.any(|range| (range.start()..=range.end()).contains(&'/'))
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut ranges = class.iter();
            ranges.any(|range| (range.start()..=range.end()).contains(&b'/'))
        }
        HirKind::Empty | HirKind::Look(_) => false,
        kind => kind.subs().iter().any(holds_slash),
    }
}

fn covers_below(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.ends_with(b"/"),
        HirKind::Repetition(repeated) => repeated.max.is_none() && holds_slash(&repeated.sub),
        HirKind::Capture(group) => covers_below(&group.sub),
        HirKind::Concat(parts) => parts.last().is_some_and(covers_below),
        HirKind::Alternation(alternatives) => alternatives.iter().all(ends_well),
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

/// Of alternatives each may end in its own way.
fn ends_well(alternative: &Hir) -> bool {
    alternative
        .properties()
        .look_set_suffix()
        .iter()
        .any(is_end)
        || covers_below(alternative)
}
