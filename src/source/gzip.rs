//! gzip (RFC 1952): members one after the other, each with its own checksum.
//!
//! Two decoders. libdeflate wants a whole member and a whole output; zlib-rs streams. Measured on 128 MB of combined log (one
//! member of 16 MB at level 6), gzip to batches, one thread: members decoded whole 850 MB/s of user time, streamed 740.
//! Members larger than the caller's buffer are decoded beside it, into memory on large pages (`room.rs`; on small ones it
//! cost more than it gave), and copied out in pieces.
//!
//! libdeflate's safe interface does not say how much input a member took. So a member is offered as the bytes up to the
//! next thing that looks like a member header (else up to the end), and its result is believed only if those bytes end
//! in the member's trailer and hold that trailer nowhere else. In every other case (damage, padding, a header-like
//! sequence inside the data) the streaming decoder redoes the member from its start; it also is what hands out the
//! bytes before a damage.

use std::mem::take;

use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::{Crc, Decompressor};
use memchr::memmem;

use super::codec::{Codec, Failure};
use super::input::Input;
use super::options::OpenOptions;
use super::room::{Room, Spare};

const MAGIC: [u8; 2] = [0x1f, 0x8b];
const METHOD_DEFLATE: u8 = 8;
const FLAG_HEADER_CRC: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;
const FLAGS_RESERVED: u8 = 0xe0;
const HEADER_BYTES: usize = 10;
const TRAILER_BYTES: usize = 8;
/// Deflate cannot do better: 258 bytes in two bits.
const MAX_RATIO: u64 = 1032;

/// Where in a member the streaming decoder stands.
enum State {
    /// Between members (or before the first).
    Between,
    Body,
    Trailer,
}

/// What whole-member decoding needs.
struct Whole {
    stored_bytes: u64,
    input_limit: usize,
    output_limit: usize,
    loaded: bool,
    decompressor: Decompressor,
    /// `ready[served..end]` is what of a decompressed member was not given out yet.
    ready: Room,
    served: usize,
    end: usize,
    spare: Spare,
}

impl Drop for Whole {
    fn drop(&mut self) {
        self.spare.give_back(take(&mut self.ready));
    }
}

/// The gzip codec.
pub(super) struct Gzip {
    state: State,
    members: u64,
    inflate: Decompress,
    /// The inflater may hold output that needs no more input.
    pending: bool,
    crc: Crc,
    member_bytes: u32,
    whole: Option<Whole>,
}

impl Gzip {
    /// A decoder; `stored_bytes`, where known, decides whether members are decoded whole.
    pub(super) fn new(stored_bytes: Option<u64>, options: &OpenOptions) -> Self {
        let whole = stored_bytes.filter(|&len| len <= options.whole_input_bytes as u64).map(|stored_bytes| Whole {
            stored_bytes,
            input_limit: options.whole_input_bytes,
            output_limit: options.whole_output_bytes,
            loaded: false,
            decompressor: Decompressor::new(),
            ready: options.spare.take(),
            served: 0,
            end: 0,
            spare: options.spare.clone(),
        });
        Self {
            state: State::Between,
            members: 0,
            inflate: Decompress::new(false),
            pending: false,
            crc: Crc::new(),
            member_bytes: 0,
            whole,
        }
    }

    /// Reads up to the body of the next member; false at the end of the stream.
    fn enter_member(&mut self, input: &mut Input) -> Result<bool, Failure> {
        if !input.fill_to(1)? {
            return Ok(false);
        }
        if self.members > 0 && input.buffered()[0] == 0 {
            return skip_padding(input).map(|()| false);
        }
        input.fill_to(HEADER_BYTES)?;
        let head = input.buffered();
        let shown = head.len().min(2);
        if head[..shown] != MAGIC[..shown] {
            return Err(Failure::Corrupt(match self.members {
                0 => "does not start with a gzip header".into(),
                n => format!("goes on after member {n} with bytes that are no gzip member"),
            }));
        }
        let &[_, _, method, flags, _, _, _, _, _, _, ..] = head else {
            return Err(truncated("a member header"));
        };
        if method != METHOD_DEFLATE || flags & FLAGS_RESERVED != 0 {
            return Err(Failure::Corrupt(format!("has a header with unknown method {method} or flags {flags:#04x}")));
        }
        input.consume(HEADER_BYTES);
        if flags & FLAG_EXTRA != 0 {
            if !input.fill_to(2)? {
                return Err(truncated("a member header"));
            }
            let len = usize::from(u16::from_le_bytes([input.buffered()[0], input.buffered()[1]]));
            input.consume(2);
            skip(input, len)?;
        }
        for flag in [FLAG_NAME, FLAG_COMMENT] {
            if flags & flag != 0 {
                skip_string(input)?;
            }
        }
        if flags & FLAG_HEADER_CRC != 0 {
            skip(input, 2)?;
        }
        self.inflate.reset(false);
        self.pending = false;
        self.crc = Crc::new();
        self.member_bytes = 0;
        Ok(true)
    }

    /// Inflates into `buf` until it is full, the body ends or a live input would block.
    fn read_body(&mut self, input: &mut Input, buf: &mut [u8], filled: &mut usize) -> Result<(), Failure> {
        while *filled < buf.len() {
            if input.buffered().is_empty() && !self.pending {
                if input.is_live() && *filled > 0 {
                    return Ok(());
                }
                input.fill()?;
            }
            let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
            let result = self.inflate.decompress(input.buffered(), &mut buf[*filled..], FlushDecompress::None);
            let consumed = (self.inflate.total_in() - in_before) as usize;
            let produced = (self.inflate.total_out() - out_before) as usize;
            let starved = input.buffered().is_empty();
            input.consume(consumed);
            self.crc.update(&buf[*filled..*filled + produced]);
            self.member_bytes = self.member_bytes.wrapping_add(produced as u32);
            *filled += produced;
            let was_pending = std::mem::replace(&mut self.pending, *filled == buf.len());
            match result {
                Err(_) => return Err(Failure::Corrupt("is damaged: invalid deflate data".into())),
                Ok(Status::StreamEnd) => {
                    self.state = State::Trailer;
                    return Ok(());
                }
                Ok(_) if consumed > 0 || produced > 0 || was_pending => {}
                Ok(_) if starved => return Err(truncated("a member")),
                Ok(_) => return Err(Failure::Corrupt("is damaged: the decoder does not get on".into())),
            }
        }
        Ok(())
    }

    fn check_trailer(&mut self, input: &mut Input) -> Result<(), Failure> {
        if !input.fill_to(TRAILER_BYTES)? {
            return Err(truncated("a member's checksum"));
        }
        let (crc, len) = trailer(&input.buffered()[..TRAILER_BYTES]);
        if crc != self.crc.sum() {
            return Err(Failure::Corrupt("is damaged: a checksum does not match".into()));
        }
        if len != self.member_bytes {
            return Err(Failure::Corrupt("is damaged: a length does not match".into()));
        }
        input.consume(TRAILER_BYTES);
        self.members += 1;
        self.state = State::Between;
        Ok(())
    }
}

impl Codec for Gzip {
    fn read(&mut self, input: &mut Input, buf: &mut [u8], filled: &mut usize) -> Result<(), Failure> {
        while *filled < buf.len() {
            if let Some(whole) = &mut self.whole
                && whole.serve(buf, filled)
            {
                continue;
            }
            match self.state {
                State::Between => {
                    if input.is_live() && *filled > 0 && input.buffered().len() < HEADER_BYTES {
                        return Ok(());
                    }
                    if let Some(whole) = &mut self.whole
                        && whole.decode(input, &mut buf[*filled..], filled)?
                    {
                        self.members += 1;
                    } else if self.enter_member(input)? {
                        self.state = State::Body;
                    } else {
                        return Ok(());
                    }
                }
                State::Body => self.read_body(input, buf, filled)?,
                State::Trailer => {
                    if input.is_live() && *filled > 0 && input.buffered().len() < TRAILER_BYTES {
                        return Ok(());
                    }
                    self.check_trailer(input)?;
                }
            }
            if matches!(self.state, State::Body) && input.is_live() && *filled > 0 && input.buffered().is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Whole {
    /// Copies what is ready; false if nothing is.
    fn serve(&mut self, buf: &mut [u8], filled: &mut usize) -> bool {
        let len = (self.end - self.served).min(buf.len() - *filled);
        buf[*filled..*filled + len].copy_from_slice(self.ready.filled(self.served, self.served + len));
        self.served += len;
        *filled += len;
        len > 0
    }

    /// Decodes the member at the front of `input`, into `room` if it fits there, else into `ready`. False: the streaming
    /// decoder has to look at it.
    fn decode(&mut self, input: &mut Input, room: &mut [u8], filled: &mut usize) -> Result<bool, Failure> {
        if !self.loaded {
            self.loaded = input.load(self.stored_bytes, self.input_limit)?;
            if !self.loaded {
                // The file grew past the limit since it was listed.
                self.input_limit = 0;
                return Ok(false);
            }
        }
        let data = input.buffered();
        if data.len() < HEADER_BYTES + TRAILER_BYTES || data[..2] != MAGIC {
            return Ok(false);
        }
        let member = &data[..next_header(data)];
        let tail = &member[member.len() - TRAILER_BYTES..];
        let (_, len) = trailer(tail);
        let out_len = len as usize;
        if out_len == 0 || out_len > self.output_limit || u64::from(len) > MAX_RATIO * member.len() as u64 {
            return Ok(false);
        }
        // Looked for first: it costs less than a decode in vain.
        if memmem::find(&member[HEADER_BYTES..], tail) != Some(member.len() - TRAILER_BYTES - HEADER_BYTES) {
            return Ok(false);
        }
        let is_direct = room.len() >= out_len;
        let out = if is_direct {
            &mut room[..out_len]
        } else {
            let Some(out) = self.ready.first(out_len) else { return Ok(false) };
            out
        };
        if self.decompressor.gzip_decompress(member, out) != Ok(out_len) {
            return Ok(false);
        }
        if is_direct {
            *filled += out_len;
        } else {
            (self.served, self.end) = (0, out_len);
        }
        let consumed = member.len();
        input.consume(consumed);
        Ok(true)
    }
}

/// Where the next member seems to start, else the end of `data`.
fn next_header(data: &[u8]) -> usize {
    let from = HEADER_BYTES + TRAILER_BYTES;
    memmem::find_iter(&data[from..], &[MAGIC[0], MAGIC[1], METHOD_DEFLATE])
        .map(|at| at + from)
        .find(|&at| data.get(at + 3).is_some_and(|flags| flags & FLAGS_RESERVED == 0))
        .unwrap_or(data.len())
}

/// Checksum and length modulo 2^32.
fn trailer(bytes: &[u8]) -> (u32, u32) {
    let word = |at: usize| bytes[at..at + 4].iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
    (word(0), word(4))
}

fn truncated(what: &str) -> Failure {
    Failure::Corrupt(format!("is truncated: it ends inside {what}"))
}

/// Skips the zeros that tapes and block devices leave after the last member.
fn skip_padding(input: &mut Input) -> Result<(), Failure> {
    while input.fill_to(1)? {
        let zeros = input.buffered().iter().take_while(|&&byte| byte == 0).count();
        let clean = zeros == input.buffered().len();
        input.consume(zeros);
        if !clean {
            return Err(Failure::Corrupt("goes on after its zero padding".into()));
        }
    }
    Ok(())
}

fn skip(input: &mut Input, mut len: usize) -> Result<(), Failure> {
    while len > 0 {
        if !input.fill_to(1)? {
            return Err(truncated("a member header"));
        }
        let part = len.min(input.buffered().len());
        input.consume(part);
        len -= part;
    }
    Ok(())
}

fn skip_string(input: &mut Input) -> Result<(), Failure> {
    loop {
        if !input.fill_to(1)? {
            return Err(truncated("a member header"));
        }
        let found = memchr::memchr(0, input.buffered());
        let len = found.map_or(input.buffered().len(), |at| at + 1);
        input.consume(len);
        if found.is_some() {
            return Ok(());
        }
    }
}
