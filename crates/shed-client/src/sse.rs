//! Server-sent events, as the WHATWG HTML standard describes the stream ("event stream interpretation").

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name; empty when not given.
    pub name: String,
    /// Its data, lines joined by a line feed.
    pub data: String,
}

/// Turns bytes, cut anywhere, into events. Comments and unknown fields are dropped.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_cr: bool,
    event: Event,
    has_data: bool,
}

impl Decoder {
    /// Takes the next bytes and gives the events that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if self.after_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                _ => self.line.push(byte),
            }
            self.after_cr = byte == b'\r';
        }
        events
    }

    /// How many bytes wait for the rest of their event.
    pub fn pending(&self) -> usize {
        self.line.len() + self.event.data.len()
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line.as_str(), ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                self.event.data.push_str(value);
            }
            // `id` and `retry` are for streams that are resumed, "" is a comment.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str =
        ": keep-alive\n\nevent: progress\ndata: \"a\"\n\nevent:done\r\ndata: one\r\ndata:two\r\nid: 7\r\n\r\nevent: nothing\n\ndata\n\n";

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let expected = vec![event("progress", "\"a\""), event("done", "one\ntwo"), event("", "")];
        for size in 1..STREAM.len() {
            let mut decoder = Decoder::default();
            let events: Vec<Event> = STREAM.as_bytes().chunks(size).flat_map(|chunk| decoder.push(chunk)).collect();
            assert_eq!(events, expected, "chunks of {size}");
            assert_eq!(decoder.pending(), 0);
        }
    }
}
