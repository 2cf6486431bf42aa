//! Messages that their writer split: lines that are parts, joined again by what each says of itself.

use std::sync::LazyLock;

use memchr::memmem;

/// How lines say that they are parts of a message. Streams may interleave: the next part of a message is the next line of
/// its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Container runtimes of Kubernetes: `TIME STREAM P|F MESSAGE`; after P the message goes on.
    Cri,
    /// Docker's json-file: `{"log":"...","stream":"...",...}`; a log without a newline at its end goes on.
    Docker,
}

/// What a line is of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePart {
    /// The stream, from 0.
    pub stream: usize,
    /// The message ends with it.
    pub is_last: bool,
}

/// Streams there are: standard output and standard error.
const STREAMS: [&[u8]; PartState::STREAMS] = [b"stdout", b"stderr"];

static DOCKER_STREAM: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(br#"","stream":"std"#));

impl PartKind {
    /// What a line says of itself; `None` if it says nothing.
    pub fn part(self, line: &[u8]) -> Option<LinePart> {
        match self {
            Self::Cri => {
                let (_, rest) = line.split_at_checked(memchr::memchr(b' ', line)? + 1)?;
                let stream = STREAMS.iter().position(|stream| rest.starts_with(stream))?;
                match rest.get(STREAMS[stream].len()..)? {
                    [b' ', tag @ (b'P' | b'F'), rest @ ..] if matches!(rest.first(), None | Some(b' ' | b':')) => {
                        Some(LinePart { stream, is_last: *tag == b'F' })
                    }
                    _ => None,
                }
            }
            Self::Docker => {
                let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
                let text = line.strip_prefix(br#"{"log":""#)?;
                // A quote inside the text is escaped, so this stands first where the text ends.
                let end = DOCKER_STREAM.find(text)?;
                let stream = text.get(end + r#"","stream":""#.len()..)?;
                let stream = STREAMS.iter().position(|known| stream.starts_with(known))?;
                Some(LinePart { stream, is_last: ends_with_newline(&text[..end]) })
            }
        }
    }
}

/// Whether the text of a JSON string ends with an escaped newline.
fn ends_with_newline(text: &[u8]) -> bool {
    let Some(before) = text.strip_suffix(b"n") else { return false };
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Which messages are open, line by line. Once something has been open for too many bytes all of it counts as ended, so that
/// a message whose end never comes holds up nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartState {
    /// Streams whose message goes on.
    open: [bool; Self::STREAMS],
    /// Where the first line stands since which something has been open.
    since: usize,
}

impl PartState {
    /// Streams a log has.
    pub const STREAMS: usize = 2;

    /// Whether no message is open before a line that starts at `start`.
    pub fn is_closed(&mut self, start: usize, max_bytes: usize) -> bool {
        if start.saturating_sub(self.since) > max_bytes {
            self.open = Default::default();
        }
        !self.open.contains(&true)
    }

    /// Takes the line that starts at `start`; true if it goes on with a message. [`Self::is_closed`] was asked before.
    pub fn take(&mut self, part: LinePart, start: usize) -> bool {
        if !self.open.contains(&true) {
            self.since = start;
        }
        std::mem::replace(&mut self.open[part.stream], !part.is_last)
    }
}

/// Where messages end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// How lines say that they are parts.
    pub kind: PartKind,
    /// For so many bytes a message may be open.
    pub max_bytes: usize,
}

impl Parts {
    /// The places in `bytes`, which start with a message and nothing open, where a line has ended and no message is open, in
    /// order. The last line counts where it has a newline.
    pub(super) fn ends(self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        let mut state = PartState::default();
        let mut start = 0;
        let lines = memchr::memchr_iter(b'\n', bytes).map(move |newline| {
            state.is_closed(start, self.max_bytes);
            if let Some(part) = self.kind.part(&bytes[start..newline]) {
                state.take(part, start);
            }
            start = newline + 1;
            state.is_closed(start, self.max_bytes).then_some(start)
        });
        lines.flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: PartKind, line: &str) -> Option<(usize, bool)> {
        kind.part(line.as_bytes()).map(|part| (part.stream, part.is_last))
    }

    #[test]
    fn lines_say_what_they_are() {
        let cri = |line| part(PartKind::Cri, line);
        assert_eq!(cri("2026-03-05T10:00:01Z stdout P a"), Some((0, false)));
        assert_eq!(cri("2026-03-05T10:00:01Z stderr F a"), Some((1, true)));
        assert_eq!(cri("2026-03-05T10:00:01Z stderr F"), Some((1, true)));
        assert_eq!(cri("2026-03-05T10:00:01Z stderr P:x a"), Some((1, false)));
        for none in ["", "a", "a stdout", "a stdoutP b", "a stdin P b", "a stdout X b", "a stdout Px b"] {
            assert_eq!(cri(none), None, "{none}");
        }
        let docker = |line| part(PartKind::Docker, line);
        assert_eq!(docker(r#"{"log":"a\n","stream":"stdout","time":"t"}"#), Some((0, true)));
        assert_eq!(docker(r#"{"log":"a","stream":"stderr","time":"t"}"#), Some((1, false)));
        assert_eq!(docker(r#"{"log":"","stream":"stderr","time":"t"}"#), Some((1, false)));
        // An escaped backslash and an n; three backslashes and an n.
        assert_eq!(docker(r#"{"log":"a\\n","stream":"stdout"}"#), Some((0, false)));
        assert_eq!(docker(r#"{"log":"a\\\n","stream":"stdout"}"#), Some((0, true)));
        assert_eq!(docker(r#"{"log":"\",\"stream\":\"stderr\n","stream":"stdout"}"#), Some((0, true)));
        for none in ["", r#"{"log":"a"}"#, r#"{"log":"a","stream":"stdin"}"#, r#"{"time":"t","log":"a"}"#] {
            assert_eq!(docker(none), None, "{none}");
        }
    }

    #[test]
    fn messages_end_where_nothing_is_open() {
        let text = b"t stdout P a\nt stderr P b\nt stdout F a\nodd\nt stderr F b\nt stdout P c\nt";
        let all = Parts { kind: PartKind::Cri, max_bytes: 1000 };
        assert_eq!(all.ends(text).collect::<Vec<_>>(), [56]);
        // What was begun at 0 is given up at the first line that starts behind byte 20.
        let few = Parts { kind: PartKind::Cri, max_bytes: 20 };
        assert_eq!(few.ends(text).collect::<Vec<_>>(), [26, 39, 43, 56]);
    }
}
