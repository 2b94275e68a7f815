//! What goes into the log.

use tracing_subscriber::{EnvFilter, filter::Directive};

/// These write whole messages into the log below `info`: bollard and hyper a container's environment with the secrets in it,
/// russh what goes over the connection.
const TALKATIVE: [&str; 3] = ["bollard", "hyper", "russh"];

/// A filter in tracing's syntax, such as `debug` or `warn,shed_server=trace`; none if it can't be read. Levels for everything go
/// no further than `info` for [`TALKATIVE`] libraries; who wants more of one names it: `debug,bollard=debug`.
pub(crate) fn filter(text: &str) -> Option<EnvFilter> {
    let filter = EnvFilter::try_new(text).ok()?;
    let parts = || text.split(',').map(str::trim);
    let verbose = |part: &str| ["debug", "trace", "4", "5"].iter().any(|level| part.eq_ignore_ascii_case(level));
    if !parts().any(verbose) {
        return Some(filter);
    }
    let unnamed = TALKATIVE.iter().filter(|name| !parts().any(|part| part.starts_with(**name)));
    let caps = unnamed.filter_map(|name| format!("{name}=info").parse::<Directive>().ok());
    Some(caps.fold(filter, EnvFilter::add_directive))
}

#[cfg(test)]
mod tests {
    use tracing::{Level, enabled};

    use super::*;

    /// Which of shed's, bollard's, hyper's and russh's debug lines are written.
    fn debug_lines(text: &str) -> [bool; 4] {
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter(text).unwrap()).finish();
        tracing::subscriber::with_default(subscriber, || {
            [
                enabled!(target: "shed_server::sheds", Level::DEBUG),
                enabled!(target: "bollard::docker", Level::DEBUG),
                enabled!(target: "hyper_util::client", Level::DEBUG),
                enabled!(target: "russh::server", Level::DEBUG),
            ]
        })
    }

    #[test]
    fn libraries_that_log_secrets_do_so_by_name_only() {
        assert_eq!(debug_lines("info"), [false; 4]);
        assert_eq!(debug_lines("debug"), [true, false, false, false]);
        assert_eq!(debug_lines("TRACE"), [true, false, false, false]);
        assert_eq!(debug_lines("shed_server=debug"), [true, false, false, false]);
        assert_eq!(debug_lines("debug,bollard=debug"), [true, true, false, false]);
        assert_eq!(debug_lines("trace,hyper_util=trace"), [true, false, true, false]);
        assert_eq!(debug_lines("warn,russh=debug"), [false, false, false, true]);
    }

    #[test]
    fn a_filter_that_is_quiet_stays_quiet() {
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter("warn,shed_server=debug").unwrap()).finish();
        assert!(!tracing::subscriber::with_default(subscriber, || enabled!(target: "bollard::docker", Level::INFO)));
        assert!(filter("=x=y").is_none());
    }
}
