//! `Host` and `Origin`: without this check any web page could reach a server on loopback through a name of its own that
//! resolves to 127.0.0.1 (DNS rebinding).

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, header,
        uri::{Authority, Uri},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use shed_core::ErrorCode;

use crate::{
    Error,
    api::{ApiError, ApiState, LocalAddress},
};

/// Lets a request through that was meant for this server, and that no foreign web page has sent.
pub(in crate::api) async fn check(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let allowed = Allowed {
        local: request.extensions().get::<LocalAddress>().map(|local| local.0.ip()),
        listen: state.app.config.http.listen.ip(),
        names: &state.app.config.http.allowed_hosts,
    };
    match allowed.judge(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => ApiError(error).into_response(),
    }
}

/// The hosts that this server answers to.
struct Allowed<'a> {
    /// The address that this very connection came to, which the listening address `0.0.0.0` does not tell.
    local: Option<IpAddr>,
    listen: IpAddr,
    names: &'a [String],
}

impl Allowed<'_> {
    fn judge(&self, request: &Request) -> Result<(), Error> {
        // An absolute URI in the request line wins over the header (RFC 9112 section 3.2.2); both must be good.
        let hosts = request.headers().get_all(header::HOST);
        let named = hosts.iter().map(host_of).chain(request.uri().authority().map(|authority| Some(bare(authority.host()).to_owned())));
        let mut count = 0;
        for host in named {
            count += 1;
            if !host.as_deref().is_some_and(|host| self.has(host)) {
                return Err(refused("Host", host.as_deref()));
            }
        }
        if count == 0 {
            return Err(refused("Host", None));
        }
        for origin in request.headers().get_all(header::ORIGIN) {
            let host = origin_of(origin);
            if !host.as_deref().is_some_and(|host| self.has(host)) {
                return Err(refused("Origin", host.as_deref()));
            }
        }
        Ok(())
    }

    fn has(&self, host: &str) -> bool {
        if host.eq_ignore_ascii_case("localhost") || self.names.iter().any(|name| bare(name).eq_ignore_ascii_case(host)) {
            return true;
        }
        host.parse::<IpAddr>().is_ok_and(|ip| {
            let ip = ip.to_canonical();
            ip.is_loopback() || (ip == self.listen && !ip.is_unspecified()) || self.local.is_some_and(|local| local.to_canonical() == ip)
        })
    }
}

fn refused(header: &str, host: Option<&str>) -> Error {
    let message = match host {
        Some(host) => format!("`{host}` in the {header} header is not a name of this server"),
        None => format!("the {header} header names no host of this server"),
    };
    Error::new(ErrorCode::Forbidden, message)
        .hint("call it by its address, or add the name to allowed_hosts under [http] in its configuration")
}

/// The host in `name`, `name:port`, `[v6]` or `[v6]:port`. User information has no place here.
fn host_of(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok().filter(|text| !text.contains('@'))?;
    text.parse::<Authority>().ok().map(|authority| bare(authority.host()).to_owned())
}

/// The host of `scheme://host:port`; `null`, which sandboxed pages and files send, has none.
fn origin_of(value: &HeaderValue) -> Option<String> {
    let uri: Uri = value.to_str().ok()?.parse().ok()?;
    let authority = uri.scheme().and(uri.authority())?;
    Some(bare(authority.host()).to_owned())
}

/// An IPv6 address without its brackets, and a name without the dot of its root.
fn bare(host: &str) -> &str {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host)
}
