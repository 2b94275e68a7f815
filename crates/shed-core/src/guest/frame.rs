//! One message: a head as JSON, then bytes. Both lengths stand before them as 32-bit big-endian numbers.

use serde::{Serialize, de::DeserializeOwned};

/// The largest head, in bytes: an argv fits, which the kernel bounds at 128 KiB for each argument.
pub const HEAD_MAX: usize = 1024 * 1024;

/// The largest body, in bytes: 50,000 lines of scrollback fit.
pub const BODY_MAX: usize = 64 * 1024 * 1024;

/// Why bytes are no frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// A length is above what is taken.
    #[error("a frame of {0} bytes is too large")]
    TooLarge(usize),
    /// The head is not what it should be.
    #[error("a frame's head is not understood: {0}")]
    Head(#[from] serde_json::Error),
    /// The bytes end in the middle.
    #[error("a frame is cut off")]
    CutOff,
}

/// Writes a frame.
///
/// # Errors
/// [`FrameError::TooLarge`], [`FrameError::Head`]
pub fn encode<H: Serialize>(head: &H, body: &[&[u8]]) -> Result<Vec<u8>, FrameError> {
    let head = serde_json::to_vec(head)?;
    let length = body.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(head.len() + length + 8);
    for (length, most) in [(head.len(), HEAD_MAX), (length, BODY_MAX)] {
        let short = u32::try_from(length).ok().filter(|_| length <= most).ok_or(FrameError::TooLarge(length))?;
        frame.extend(short.to_be_bytes());
    }
    frame.extend(head);
    body.iter().for_each(|part| frame.extend_from_slice(part));
    Ok(frame)
}

/// Takes bytes, cut anywhere, and gives whole frames. After an error nothing more can be read.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    body_max: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(BODY_MAX)
    }
}

impl Decoder {
    /// Refuses bodies above `body_max` bytes.
    #[must_use]
    pub const fn new(body_max: usize) -> Self {
        Self { buffer: Vec::new(), body_max }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, if it is there.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] as soon as the lengths are there, [`FrameError::Head`].
    pub fn frame<H: DeserializeOwned>(&mut self) -> Result<Option<(H, Vec<u8>)>, FrameError> {
        let (Some(head), Some(body)) = (self.length(0), self.length(4)) else { return Ok(None) };
        if head > HEAD_MAX || body > self.body_max {
            return Err(FrameError::TooLarge(head.max(body)));
        }
        let end = 8 + head + body;
        let (Some(head_bytes), Some(body_bytes)) = (self.buffer.get(8..8 + head), self.buffer.get(8 + head..end)) else { return Ok(None) };
        let frame = (serde_json::from_slice(head_bytes)?, body_bytes.to_vec());
        self.buffer.drain(..end);
        Ok(Some(frame))
    }

    /// Whether nothing waits for the rest of its frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    fn length(&self, at: usize) -> Option<usize> {
        let bytes: [u8; 4] = self.buffer.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }
}

/// Reads bytes that are exactly one frame.
///
/// # Errors
/// [`FrameError`]
pub fn decode<H: DeserializeOwned>(bytes: &[u8]) -> Result<(H, Vec<u8>), FrameError> {
    let mut decoder = Decoder::default();
    decoder.push(bytes);
    match decoder.frame()? {
        Some(frame) if decoder.is_empty() => Ok(frame),
        _ => Err(FrameError::CutOff),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn frames_come_back_however_they_are_cut(
            frames in proptest::collection::vec((r"\PC*", proptest::collection::vec(any::<u8>(), 0..99)), 1..5),
            size in 1_usize..40,
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(|(head, body)| encode(head, &[body]).unwrap()).collect();
            let (mut decoder, mut got) = (Decoder::default(), Vec::new());
            for chunk in bytes.chunks(size) {
                decoder.push(chunk);
                while let Some(frame) = decoder.frame::<String>().unwrap() {
                    got.push(frame);
                }
            }
            prop_assert!(decoder.is_empty());
            prop_assert_eq!(got, frames);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
            let _ = decode::<String>(&bytes);
        }
    }

    #[test]
    fn lengths_are_checked_before_anything_is_kept() {
        let mut decoder = Decoder::new(10);
        decoder.push(&[0, 0, 0, 2, 0, 0, 0, 11]);
        assert!(matches!(decoder.frame::<String>(), Err(FrameError::TooLarge(11))));
        assert!(matches!(decode::<String>(&encode(&"a", &[b"b"]).unwrap()[..9]), Err(FrameError::CutOff)));
    }
}
