//! What we say to the client of one channel.

use bytes::Bytes;
use russh::{
    ChannelWriteHalf, Sig,
    server::{Handle, Msg},
};

use crate::Error;

/// RFC 4254 section 5.2: the one extended data stream that has a meaning.
const STDERR: u32 = 1;

/// The exit status of everything that fails on our side. Never 255, by which `ssh` reports its own failures and on which
/// `shed attach` connects again.
const FAILED: u32 = 1;

/// The client is gone, or has closed the channel; there is nobody to tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gone;

/// The way to the client. Everything goes through one queue of russh, in order; it waits for the client's window.
pub(super) struct Client {
    out: ChannelWriteHalf<Msg>,
    handle: Handle,
    line_end: &'static str,
}

impl Client {
    /// With a terminal, the client's own is in raw mode, where a line needs a carriage return.
    pub(super) fn new(out: ChannelWriteHalf<Msg>, handle: Handle, has_terminal: bool) -> Self {
        Self { out, handle, line_end: if has_terminal { "\r\n" } else { "\n" } }
    }

    /// Output.
    pub(super) async fn stdout(&self, data: Bytes) -> Result<(), Gone> {
        self.out.data_bytes(data).await.map_err(|_| Gone)
    }

    /// Error output.
    pub(super) async fn stderr(&self, data: Bytes) -> Result<(), Gone> {
        self.out.extended_data_bytes(STDERR, data).await.map_err(|_| Gone)
    }

    /// A line of our own.
    pub(super) async fn line(&self, text: &str) -> Result<(), Gone> {
        // One write and one line: names and engines' words may hold anything.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.stderr(Bytes::from(text + self.line_end)).await
    }

    /// Says what went wrong and ends the channel.
    pub(super) async fn fail(&self, error: &Error) -> Result<(), Gone> {
        let line = match &error.hint {
            Some(hint) => format!("error: {}; hint: {hint}", error.message),
            None => format!("error: {}", error.message),
        };
        self.line(&line).await?;
        self.end(FAILED).await
    }

    /// The process has ended with `code`.
    ///
    /// A code above 128 is a signal in the words of shells and engines. `ssh` knows no exit signals and would turn a lone
    /// one into 255, so the status always follows it.
    pub(super) async fn exited(&self, code: i64) -> Result<(), Gone> {
        if let Some(signal) = signal_of(code) {
            let message = String::new();
            self.handle.exit_signal_request(self.out.id(), signal, false, message, String::new()).await.map_err(|()| Gone)?;
        }
        // Codes are 0 to 255; anything else can only be a fault of the engine.
        self.end(u32::try_from(code).unwrap_or(FAILED)).await
    }

    async fn end(&self, status: u32) -> Result<(), Gone> {
        self.out.exit_status(status).await.map_err(|_| Gone)?;
        self.eof().await?;
        self.close().await
    }

    /// Nothing more will be sent.
    pub(super) async fn eof(&self) -> Result<(), Gone> {
        self.out.eof().await.map_err(|_| Gone)
    }

    /// The channel is over.
    pub(super) async fn close(&self) -> Result<(), Gone> {
        self.out.close().await.map_err(|_| Gone)
    }
}

/// The signal that an exit code stands for, if RFC 4254 section 6.10 has a name for it (numbers of Linux, signal(7)).
fn signal_of(code: i64) -> Option<Sig> {
    Some(match code.checked_sub(128)? {
        1 => Sig::HUP,
        2 => Sig::INT,
        3 => Sig::QUIT,
        4 => Sig::ILL,
        6 => Sig::ABRT,
        8 => Sig::FPE,
        9 => Sig::KILL,
        10 => Sig::USR1,
        11 => Sig::SEGV,
        12 => Sig::Custom("USR2".to_owned()),
        13 => Sig::PIPE,
        14 => Sig::ALRM,
        15 => Sig::TERM,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_above_128_are_signals_where_the_protocol_has_a_name() {
        assert!(matches!(signal_of(137), Some(Sig::KILL)));
        assert!(matches!(signal_of(143), Some(Sig::TERM)));
        for code in [0, 1, 127, 128, 146, 255, -1, i64::MIN, i64::MAX] {
            assert!(signal_of(code).is_none(), "{code}");
        }
    }
}
