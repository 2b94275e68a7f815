//! Server-sent events, as the WHATWG HTML standard describes the stream ("event stream interpretation").

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name; empty when not given.
    pub name: String,
    /// Its data, lines joined by a line feed.
    pub data: String,
    /// The last id in the stream when it came, which need not be its own.
    pub id: Option<String>,
}

/// Turns bytes, cut anywhere, into events. Comments and unknown fields are dropped.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_cr: bool,
    event: Event,
    has_data: bool,
    last_id: Option<String>,
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

    /// The last id in the stream: blocks without data, which are no events, have one too.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        if line.is_empty() {
            let mut event = std::mem::take(&mut self.event);
            match &event.id {
                Some(id) => self.last_id = Some(id.clone()),
                None => event.id.clone_from(&self.last_id),
            }
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
            // The standard has ids with NUL ignored.
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            // `retry` is the server's idea of our patience, "" is a comment.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": keep-alive\nid: 6\n\nevent: progress\ndata: \"a\"\n\nevent:done\r\ndata: one\r\ndata:two\r\nid: 7\r\n\r\nevent: nothing\nid: 8\n\ndata\n\n";

    fn event(name: &str, data: &str, id: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned(), id: Some(id.to_owned()) }
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let expected = vec![event("progress", "\"a\"", "6"), event("done", "one\ntwo", "7"), event("", "", "8")];
        for size in 1..STREAM.len() {
            let mut decoder = Decoder::default();
            let events: Vec<Event> = STREAM.as_bytes().chunks(size).flat_map(|chunk| decoder.push(chunk)).collect();
            assert_eq!(events, expected, "chunks of {size}");
            assert_eq!((decoder.pending(), decoder.last_id()), (0, Some("8")));
        }
    }
}
