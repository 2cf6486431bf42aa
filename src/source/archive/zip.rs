//! zip archives: the directory at their ends, and members as they are, deflated, or packed by one of our codecs.

use std::io::{self, Read};
use std::sync::Arc;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::bytes::{Seekable, Unpacked};
use super::{Member, corrupt, member_name};
use crate::error::{Error, ErrorKind, Result};
use crate::source::Item;

/// More members are a slip, or an attack: a directory of so many takes some hundred megabytes.
const MAX_MEMBERS: usize = 1 << 20;

/// The regular files of a zip archive; `None` if it is none.
pub(super) fn members(item: &Item) -> Result<Option<Vec<Member>>> {
    let Some(mut bytes) = Seekable::new(item) else { return Ok(None) };
    let mut magic = Vec::new();
    bytes.by_ref().take(4).read_to_end(&mut magic).map_err(|cause| Error::io(item.name(), cause))?;
    // Of a member, or of the end of an empty archive.
    if !matches!(&*magic, b"PK\x03\x04" | b"PK\x05\x06") {
        return Ok(None);
    }
    let failed = |cause: zip::result::ZipError| match cause {
        zip::result::ZipError::Io(cause) if !super::bytes::is_damage(&cause) => Error::io(item.name(), cause),
        cause => corrupt(item, &format!("the zip archive is damaged: {}", cause.to_string().to_lowercase())),
    };
    let mut archive = ZipArchive::new(bytes).map_err(failed)?;
    if archive.len() > MAX_MEMBERS {
        return Err(corrupt(item, &format!("the zip archive has {} members", archive.len())));
    }
    let mut out = Vec::new();
    for number in 0..archive.len() {
        let file = archive.by_index_raw(number).map_err(failed)?;
        if !file.is_file() {
            continue;
        }
        let name = file.name().map_err(failed)?.into_owned();
        let start = file.data_start().ok_or_else(|| corrupt(item, "the zip archive is damaged"))?;
        let member = Packed {
            item: item.clone(),
            name: member_name(item, &name),
            start,
            end: start.saturating_add(file.compressed_size()),
            method: file.compression(),
            is_encrypted: file.encrypted(),
            crc: file.crc32(),
            bytes: file.size(),
        };
        let size = file.compressed_size();
        let shown = member.name.clone();
        let opener = move |from: u64| member.open(from);
        out.push((name, Item::opened(shown, Some(size), item.modified(), Arc::new(opener))));
    }
    Ok(Some(out))
}

/// A member, and where it lies.
struct Packed {
    item: Item,
    name: String,
    start: u64,
    end: u64,
    method: CompressionMethod,
    is_encrypted: bool,
    /// What the directory says of its text.
    crc: u32,
    bytes: u64,
}

impl Packed {
    fn open(&self, from: u64) -> Result<Box<dyn Read + Send>> {
        if self.is_encrypted {
            let message = format!("{}: the member is encrypted", self.name);
            return Err(Error::new(ErrorKind::Option, message).with_hint("decrypt the archive first"));
        }
        let (parent, start, end) = (self.item.clone(), self.start, self.end);
        let reader: Box<dyn Read + Send> = match self.method {
            CompressionMethod::Stored => parent.stored(start, end)?,
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(parent.stored(start, end)?)),
            // One of our codecs, by its first bytes; what the member then holds may be compressed as well.
            _ => {
                let opener = Arc::new(move |_| parent.stored(start, end));
                let packed = Item::opened(self.name.clone(), Some(end - start), None, opener);
                Box::new(Unpacked::open(&packed)?)
            }
        };
        let mut checked = Checked { reader, want: self.crc, left: self.bytes, crc: Crc::new() };
        io::copy(&mut checked.by_ref().take(from), &mut io::sink()).map_err(|cause| Error::io(&self.name, cause))?;
        Ok(Box::new(checked))
    }
}

/// A member's bytes, held against what the directory says.
struct Checked {
    reader: Box<dyn Read + Send>,
    want: u32,
    left: u64,
    crc: Crc,
}

impl Read for Checked {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = match self.reader.read(buf) {
            Ok(len) => len,
            Err(cause) if super::bytes::is_damage(&cause) => return Err(self.damaged("is damaged or cut off")),
            Err(cause) => return Err(cause),
        };
        self.crc.update(&buf[..len]);
        match self.left.checked_sub(len as u64) {
            // A bomb lies about its size.
            None => Err(self.damaged("is longer than the directory says")),
            Some(left) => {
                self.left = left;
                if len == 0 && !buf.is_empty() && (left > 0 || self.crc.sum() != self.want) {
                    return Err(self.damaged(if left > 0 { "is truncated" } else { "has a wrong checksum" }));
                }
                Ok(len)
            }
        }
    }
}

impl Checked {
    #[cold]
    fn damaged(&self, what: &str) -> io::Error {
        Error::new(ErrorKind::Corrupt, format!("the zip member {what}"))
            .with_hint("the bytes before this place are good; get the archive again for the rest")
            .into()
    }
}
