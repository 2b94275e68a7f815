//! The user name `SHED` or `SHED+SESSION`, and what a request means for it.

use shed_core::{SessionRef, ShedName};

use super::terminal::Terminal;
use crate::{Error, sessions::OpeningKind};

/// The variable by which a command learns its session.
pub(super) const SESSION_VARIABLE: &str = "SHED_SESSION";

/// `sftp-server` where Debian, Fedora, Arch and Alpine put it. Run by a shell, so that the shed's own files decide.
const SFTP: &str = "for server in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server \
                    /usr/libexec/sftp-server; do [ -x \"$server\" ] && exec \"$server\"; done; \
                    echo 'error: no sftp-server in this shed; hint: apt-get install openssh-sftp-server' >&2; exit 127";

/// Whom the client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    /// The shed.
    pub(super) shed: ShedName,
    /// The session in it, if one was named.
    pub(super) session: Option<SessionRef>,
}

/// What the client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// `shell`
    Shell,
    /// `exec`, with the command's bytes.
    Exec(Vec<u8>),
    /// `subsystem sftp`
    Sftp,
}

impl Login {
    /// Takes the user name apart at its first `+`, which no shed's name can hold.
    ///
    /// # Errors
    /// With the rule that a name breaks and how to log in.
    pub(super) fn parse(user: &str) -> Result<Self, Error> {
        let (shed, session) = match user.split_once('+') {
            Some((shed, session)) => (shed, Some(session)),
            None => (user, None),
        };
        let hint = "the user name is SHED or SHED+SESSION, as in: ssh -p 2222 myproj@host";
        let shed = ShedName::new(shed).map_err(|error| Error::from(error).hint(hint))?;
        let session = session.map(SessionRef::new).transpose().map_err(|error| Error::from(error).hint(hint))?;
        Ok(Self { shed, session })
    }

    /// What is to be opened. A command of a session's login runs beside the session, and finds its name in the environment.
    ///
    /// # Errors
    /// A session can't be attached without a terminal; a command that no program can be given.
    pub(super) fn plan(&self, request: Request, terminal: Option<&Terminal>) -> Result<OpeningKind, Error> {
        match (request, &self.session) {
            (Request::Shell, None) => Ok(OpeningKind::Shell),
            (Request::Shell, Some(session)) if terminal.is_some() => Ok(OpeningKind::Attach(session.clone())),
            (Request::Shell, Some(session)) => {
                let shed = &self.shed;
                Err(Error::invalid(format!("session `{session}` can't be attached without a terminal"))
                    .hint(format!("ask for one: ssh -t {shed}+{session}@host")))
            }
            (Request::Exec(command), _) => command_text(command).map(OpeningKind::Command),
            (Request::Sftp, _) => Ok(OpeningKind::Command(SFTP.to_owned())),
        }
    }
}

/// A command as text: the engine's API is JSON, and a NUL would end an argument early (execve(2)).
fn command_text(command: Vec<u8>) -> Result<String, Error> {
    if command.contains(&0) {
        return Err(Error::invalid("the command holds a NUL byte").hint("pass binary data through standard input"));
    }
    String::from_utf8(command).map_err(|_| Error::invalid("the command is not valid UTF-8").hint("pass binary data through standard input"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn login(user: &str) -> Login {
        Login::parse(user).unwrap()
    }

    #[test]
    fn the_user_name_is_a_shed_and_maybe_a_session() {
        assert_eq!(login("myproj"), Login { shed: ShedName::new("myproj").unwrap(), session: None });
        assert_eq!(login("a-1+Work_2").session, Some(SessionRef::new("Work_2").unwrap()));
        assert_eq!(login("p+c++ notes").session, Some(SessionRef::new("c++ notes").unwrap()), "only the first + separates");
    }

    #[test]
    fn bad_names_are_refused_with_the_rule_and_a_hint() {
        for user in
            ["", "+", "+x", "a+", "A", "a b", "../etc", "a;id", "$(id)", "a\nb", "é", "a=b", "-a", "a+x:y", "a+\u{7}", &"a".repeat(64)]
        {
            let error = Login::parse(user).unwrap_err();
            assert!(error.message.contains("is not valid"), "{user:?}: {error}");
            assert!(error.hint.unwrap().contains("SHED+SESSION"));
        }
    }

    #[test]
    fn s20_a_command_is_passed_on_as_it_is() {
        let plan = login("p").plan(Request::Exec(b"tmux new-session -A -s 'a b'".to_vec()), None).unwrap();
        assert_eq!(plan, OpeningKind::Command("tmux new-session -A -s 'a b'".to_owned()));
        let plan = login("p+x").plan(Request::Exec(b"id".to_vec()), None).unwrap();
        assert_eq!(plan, OpeningKind::Command("id".to_owned()));
    }

    #[test]
    fn a_session_is_attached_in_a_terminal_only() {
        let terminal = Terminal::new("xterm", 80, 24);
        assert_eq!(login("p").plan(Request::Shell, None).unwrap(), OpeningKind::Shell);
        assert_eq!(login("p").plan(Request::Shell, Some(&terminal)).unwrap(), OpeningKind::Shell);
        let attach = OpeningKind::Attach(SessionRef::new("x").unwrap());
        assert_eq!(login("p+x").plan(Request::Shell, Some(&terminal)).unwrap(), attach);
        let error = login("p+x").plan(Request::Shell, None).unwrap_err();
        assert!(error.hint.unwrap().contains("ssh -t p+x@host"));
    }

    #[test]
    fn a_command_with_nul_or_broken_text_is_refused() {
        assert!(login("p").plan(Request::Exec(b"echo a\0b".to_vec()), None).unwrap_err().message.contains("NUL"));
        assert!(login("p").plan(Request::Exec(b"echo \xff".to_vec()), None).unwrap_err().message.contains("UTF-8"));
    }

    proptest! {
        #[test]
        fn any_user_name_is_taken_or_refused_and_never_changed(user in ".{0,80}") {
            if let Ok(login) = Login::parse(&user) {
                let again = login.session.map_or(login.shed.to_string(), |session| format!("{}+{session}", login.shed));
                prop_assert_eq!(again, user);
            }
        }

        #[test]
        fn any_command_is_passed_on_whole_or_refused(command in proptest::collection::vec(any::<u8>(), 0..200)) {
            match command_text(command.clone()) {
                Ok(text) => prop_assert_eq!(text.into_bytes(), command),
                Err(_) => prop_assert!(command.contains(&0) || std::str::from_utf8(&command).is_err()),
            }
        }
    }
}
