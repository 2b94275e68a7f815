//! What can be cloned into a new shed.

use std::fmt;

use percent_encoding::percent_decode_str;

/// A repository to clone. Credentials in its URL are kept apart: they never reach a label, a log, an argument list or
/// the clone's own configuration.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Repo {
    /// What git is given, without credentials.
    pub(crate) url: String,
    /// The directory under `/workspace` that it goes to.
    pub(crate) directory: String,
    /// User and password from the URL, decoded.
    pub(crate) credentials: Option<(String, String)>,
}

impl fmt::Debug for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repo").field("url", &self.url).field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Repo {
    /// Takes `owner/name` (GitHub over HTTPS), `https://…`, `ssh://…`, `user@host:path` or an absolute path in the shed.
    ///
    /// # Errors
    /// Text for the user; it never holds the given text, which may carry a password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "the repository is none of `owner/name`, `https://…`, `ssh://…`, `user@host:path` and an absolute path".to_owned();
        // A leading `-` would be an option for git; `ext::` and the like run commands.
        if text.starts_with('-') || text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(wrong());
        }
        let (url, credentials) = if let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
            let scheme = if text.starts_with("https://") { "https" } else { "http" };
            let (host, credentials) = split_credentials(rest);
            (format!("{scheme}://{host}"), credentials)
        } else if text.starts_with("ssh://") || text.starts_with('/') || is_scp_like(text) {
            (text.to_owned(), None)
        } else if is_github(text) {
            (format!("https://github.com/{text}"), None)
        } else {
            return Err(wrong());
        };
        let directory = directory_of(&url).ok_or_else(wrong)?;
        Ok(Self { url, directory, credentials })
    }

    /// `text` without the password, however it is spelt.
    pub(crate) fn redact(&self, text: &str) -> String {
        match &self.credentials {
            Some((user, password)) => {
                let secrets = if password.is_empty() { [user.as_str(), ""] } else { [password.as_str(), ""] };
                secrets.iter().filter(|s| !s.is_empty()).fold(text.to_owned(), |text, secret| {
                    let encoded = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
                    text.replace(secret, "***").replace(&encoded, "***")
                })
            }
            None => text.to_owned(),
        }
    }
}

fn split_credentials(rest: &str) -> (String, Option<(String, String)>) {
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let Some((user_info, host)) = authority.rsplit_once('@') else { return (rest.to_owned(), None) };
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    (format!("{host}{path}"), Some((decode(user), decode(password))))
}

/// `user@host:path` as in git-clone(1), GIT URLS.
fn is_scp_like(text: &str) -> bool {
    text.split_once(':').is_some_and(|(login, path)| {
        login
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.starts_with('-') && !login.contains('/'))
            && !path.is_empty()
            && !path.starts_with(':')
    })
}

fn is_github(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| is_path_part(owner) && is_path_part(name))
}

fn is_path_part(part: &str) -> bool {
    !part.is_empty() && !part.starts_with(['.', '-']) && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// The last part of the path without `.git`, as git itself names a clone.
fn directory_of(url: &str) -> Option<String> {
    let last = url.trim_end_matches('/').rsplit(['/', ':']).next()?;
    let name = last.strip_suffix(".git").unwrap_or(last);
    is_path_part(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_taken() {
        for (text, url, directory) in [
            ("charlieek/shed", "https://github.com/charlieek/shed", "shed"),
            ("https://example.org/a/b.git", "https://example.org/a/b.git", "b"),
            ("ssh://git@example.org:22/a/b.git/", "ssh://git@example.org:22/a/b.git/", "b"),
            ("git@example.org:a/b.git", "git@example.org:a/b.git", "b"),
            ("/srv/git/proj", "/srv/git/proj", "proj"),
        ] {
            let repo = Repo::parse(text).unwrap();
            assert_eq!((repo.url.as_str(), repo.directory.as_str()), (url, directory));
        }
    }

    #[test]
    fn hostile_spellings_are_refused() {
        for bad in [
            "",
            "x",
            "a/b/c",
            "--upload-pack=x",
            "ext::sh -c id",
            "ext::id",
            "a b/c",
            "https://h/..",
            "../x",
            "git@-oProxyCommand=x:y",
            "a/\n",
            "file:///x",
        ] {
            assert!(Repo::parse(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn credentials_stay_apart() {
        let repo = Repo::parse("https://me:s%40cret@example.org/a/b").unwrap();
        assert_eq!(repo.url, "https://example.org/a/b");
        assert_eq!(repo.credentials, Some(("me".to_owned(), "s@cret".to_owned())));
        assert!(!format!("{repo:?}").contains("cret"));
        assert_eq!(repo.redact("fatal: s@cret or s%40cret"), "fatal: *** or ***");
        let token = Repo::parse("https://ghp_token@github.com/a/b").unwrap();
        assert_eq!(token.redact("x ghp_token y"), "x *** y");
    }
}
