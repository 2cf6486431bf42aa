//! Bytes.

use std::mem::take;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder};

use super::escape::unescape_bytes;
use super::{Block, Bytes, Decode, Escape, Findings, NullTexts, Spec};
use crate::error::Result;
use crate::simd::{Field, Row};

/// Copies spans; every escape becomes the bytes it stands for, or base64 does.
#[derive(Debug)]
pub(super) struct Binary {
    field: Field,
    null: NullTexts,
    escape: Escape,
    bytes: Bytes,
    column: BinaryBuilder,
    scratch: Vec<u8>,
}

impl Binary {
    pub(super) fn new(spec: &Spec, bytes: Bytes) -> Self {
        Self {
            field: spec.field,
            null: spec.null.clone(),
            escape: spec.escape,
            bytes,
            column: BinaryBuilder::new(),
            scratch: Vec::new(),
        }
    }
}

impl Decode for Binary {
    fn decode(&mut self, block: &Block, rows: &[Row], _found: &mut Findings) {
        for row in rows {
            let start = self.field.span(block.positions, *row).map_or(0, |(start, _)| start as usize);
            let applies = (row.has_escapes() || !self.escape.is_marked())
                && self.escape.applies(block.text.text().as_bytes(), start);
            match block.bytes(self.field, *row).filter(|bytes| !self.null.holds(bytes)) {
                None => self.column.append_null(),
                Some(bytes) if self.bytes == Bytes::Base64OrRaw => {
                    let is_base64 = base64(bytes, &mut self.scratch);
                    self.column.append_value(if is_base64 { &self.scratch } else { bytes });
                }
                Some(bytes) if applies => {
                    self.scratch.clear();
                    unescape_bytes(self.escape, bytes, &mut self.scratch);
                    self.column.append_value(&self.scratch);
                }
                Some(bytes) => self.column.append_value(bytes),
            }
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(take(&mut self.column).finish())])
    }
}

/// Decodes base64 of either alphabet into `out`; false if `text` holds another byte than its signs and white space, or says
/// nothing. It ends with the first `=`, and signs that make no whole byte are left out.
///
/// **Source**: RFC 4648, sections 4 and 5; Hive's `LazyBinary` and the `Base64` of Apache Commons Codec that it calls, for all
/// that these leave open.
pub(super) fn base64(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let (mut bits, mut count) = (0_u32, 0);
    let mut is_open = true;
    for byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                is_open = false;
                continue;
            }
            b' ' | b'\n' | b'\r' | b'\t' => continue,
            _ => return false,
        };
        if is_open {
            bits = bits << 6 | u32::from(six);
            count += 6;
            if count >= 8 {
                count -= 8;
                out.push((bits >> count) as u8);
            }
        }
    }
    !out.is_empty()
}
