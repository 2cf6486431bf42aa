//! The texts that mean null.

use crate::simd::NullText;

/// The null texts of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NullTexts {
    /// Those a kernel can test.
    pub fast: NullText,
    /// All others.
    others: Vec<Box<[u8]>>,
}

impl NullTexts {
    /// The null texts in `texts`; an empty one means that an empty span is null.
    pub fn new<T: AsRef<str>>(texts: &[T]) -> Self {
        let mut out = Self::default();
        for text in texts {
            match text.as_ref().as_bytes() {
                [] => out.fast.empty = true,
                [byte] if out.fast.byte.is_none() => out.fast.byte = Some(*byte),
                bytes => {
                    out.fast.other_lens |= 1 << bytes.len().min(63);
                    out.others.push(bytes.into());
                }
            }
        }
        out
    }

    /// Whether `span` means null.
    #[inline(always)]
    pub fn holds(&self, span: &[u8]) -> bool {
        match span {
            [] => self.fast.empty,
            [byte] if self.fast.byte == Some(*byte) => true,
            _ => !self.others.is_empty() && self.others.iter().any(|text| **text == *span),
        }
    }
}
