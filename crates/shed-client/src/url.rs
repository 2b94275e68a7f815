//! A server's address.

use std::{fmt, net::IpAddr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

/// What stays readable in a path segment (RFC 3986, `unreserved`); everything else is percent-encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Why a text can't be a server's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("server address `{url}` is not valid: {rule}")]
pub struct InvalidUrl {
    /// The text that was refused, without credentials.
    pub url: String,
    /// The rule that it breaks, readable as the end of a sentence.
    pub rule: &'static str,
}

/// The address of a server: `http` or `https`, a host, perhaps a port and a path prefix, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl(Url);

impl ServerUrl {
    /// Checks `text`.
    ///
    /// # Errors
    /// [`InvalidUrl`] with the rule in words.
    pub fn new(text: &str) -> Result<Self, InvalidUrl> {
        let refuse = |url: &str, rule| Err(InvalidUrl { url: url.to_owned(), rule });
        let text = text.trim();
        if !(text.starts_with("http://") || text.starts_with("https://")) {
            return refuse(text.rsplit('@').next().unwrap_or_default(), "it must begin with `http://` or `https://`");
        }
        let Ok(mut url) = Url::parse(text) else {
            return refuse(text.rsplit('@').next().unwrap_or_default(), "it must look like `https://host:port`");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse(url.host_str().unwrap_or_default(), "it must not hold a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse(text, "it must not hold `?` or `#`");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The host alone, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Whether requests are encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address of a route; each segment is percent-encoded.
    pub(crate) fn route(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        let mut path = url.path().trim_end_matches('/').to_owned();
        for segment in segments {
            path.push('/');
            // `.` and `..` would be resolved away by every URL parser on the way.
            if matches!(*segment, "." | "..") {
                path.push_str(&segment.replace('.', "%252E"));
            } else {
                path.extend(utf8_percent_encode(segment, SEGMENT));
            }
        }
        url.set_path(&path);
        url
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_encoded_and_a_prefix_is_kept() {
        let url = ServerUrl::new("https://box.example/dev/").unwrap();
        assert_eq!(url.to_string(), "https://box.example/dev");
        let route = url.route(&["api", "sheds", "x", "sessions", "a b/ü?#%2F"]);
        assert_eq!(route.as_str(), "https://box.example/dev/api/sheds/x/sessions/a%20b%2F%C3%BC%3F%23%252F");
        assert_eq!(url.route(&["api", "..", "x"]).path(), "/dev/api/%252E%252E/x");
    }

    #[test]
    fn addresses_that_hide_something_are_refused() {
        for text in ["box:8080", "ftp://box", "http://", "https://user:secret@box", "https://box/?q", "http://box/#x", ""] {
            let error = ServerUrl::new(text).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn loopback_is_recognised() {
        for (text, loopback) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://localhost", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example", false),
        ] {
            assert_eq!(ServerUrl::new(text).unwrap().is_loopback(), loopback, "{text}");
        }
        assert_eq!(ServerUrl::new("http://[::1]:8080").unwrap().host(), "::1");
    }
}
