use super::*;

const LINE: &str =
    "shed-session:$3|1700000000|2|1|1700000010|1700000020|42|DEAD|7|1700000001|VERSION|ID|a%7Cb|{\"k\":\"v%25\"}|AGENT|/w|/|my name\n";

fn read(dead: &str, id: &str) -> SessionInfo {
    let (version, dead) = dead.split_once(' ').unwrap_or(("3.3a", dead));
    with_agent(&LINE.replace("VERSION", version).replace("DEAD", dead).replace("ID", id), "||||||")
}

fn with_agent(line: &str, agent: &str) -> SessionInfo {
    parse(line.replace("AGENT", agent).as_bytes()).unwrap().remove(0)
}

fn wire(dead: &str) -> Session {
    read(dead, "").into_wire(&ShedName::new("proj").unwrap(), "c0ffee")
}

#[test]
fn s1_every_fact_is_read() {
    let info = read("0|||", "7b1f3f0e-7a53-4f0e-9a57-0d2f1c1d9f11");
    assert_eq!((info.tmux_id.as_str(), info.name.as_str()), ("$3", "my name"));
    assert_eq!((info.attached_clients, info.windows, info.pid, info.dead), (2, 1, Some(42), None));
    assert_eq!(info.last_activity_at, Timestamp::from_second(1_700_000_020).ok());
    assert_eq!((info.command.as_deref(), info.working_dir.as_deref()), (Some("a|b"), Some("/w")));
    assert_eq!(info.labels, BTreeMap::from([("k".to_owned(), "v%".to_owned())]));
    let session = info.into_wire(&ShedName::new("proj").unwrap(), "c0ffee");
    assert_eq!((session.id.as_str(), session.status), ("7b1f3f0e-7a53-4f0e-9a57-0d2f1c1d9f11", SessionStatus::Running));
    assert!(session.attached);
}

#[test]
fn the_end_of_a_program_decides_the_status() {
    let facts = |dead: &str| {
        let s = wire(dead);
        (s.status, s.exit_code, s.status_detail.unwrap_or_default(), s.status_changed_at.map(Timestamp::as_second), s.pid)
    };
    assert_eq!(facts("0|||"), (SessionStatus::Running, None, String::new(), Some(1_700_000_000), Some(42)));
    assert_eq!(facts("1|0||1700000005"), (SessionStatus::Completed, Some(0), String::new(), Some(1_700_000_005), None));
    assert_eq!(facts("1|3||1700000005"), (SessionStatus::Failed, Some(3), "exit code 3".into(), Some(1_700_000_005), None));
    assert_eq!(facts("1||9|1700000005"), (SessionStatus::Failed, Some(137), "ended by SIGKILL".into(), Some(1_700_000_005), None));
    assert!(read("1|||", "").ending);
    assert_eq!(facts("1|||").0, SessionStatus::Running, "tmux has not waited for it yet");
    assert_eq!(facts("3.2a 1|||"), (SessionStatus::Exited, None, "how it ended is not known".into(), None, None));
}

#[test]
fn t10_the_agent_s_word_counts_while_it_runs_and_tmux_s_after_its_end() {
    let shed = ShedName::new("proj").unwrap();
    let wire = |dead: &str, agent: &str| {
        let session = with_agent(&LINE.replace("VERSION", "3.3a").replace("DEAD", dead).replace("ID", ""), agent).into_wire(&shed, "c");
        (session.status, session.status_source, session.status_detail.unwrap_or_default())
    };
    let asks = "claude|waiting_permission|Bash|1700000030000|hook|0a-1|77";
    assert_eq!(wire("0|||", asks), (SessionStatus::WaitingPermission, StatusSource::Hook, "Bash".into()));
    assert_eq!(wire("1||9|1700000005", asks), (SessionStatus::Failed, StatusSource::Process, "crashed (ended by SIGKILL)".into()));
    let left = "claude|exited||1700000030000|hook|0a-1|77";
    assert_eq!(wire("0|||", left).0, SessionStatus::Exited);
    assert_eq!(wire("1|1||1700000005", left), (SessionStatus::Failed, StatusSource::Process, "exit code 1".into()));
    let guessed = "|waiting_input|Continue? [y/N]|1700000030000|screen||";
    assert_eq!(wire("0|||", guessed), (SessionStatus::WaitingInput, StatusSource::Screen, "Continue? [y/N]".into()));
    assert_eq!(wire("0|||", "a b|what|x|then|me|ü|-1"), (SessionStatus::Running, StatusSource::Process, "x".into()));
}

#[test]
fn a_session_made_by_hand_has_one_id_for_its_life() {
    let shed = ShedName::new("proj").unwrap();
    let id = wire("0|||").id;
    assert_eq!(Uuid::parse_str(&id).unwrap().get_version_num(), 5);
    let mut renamed = read("1|0||", "");
    renamed.name = "other".into();
    assert_eq!(renamed.clone().into_wire(&shed, "c0ffee").id, id);
    assert_ne!(renamed.clone().into_wire(&shed, "another container").id, id);
    renamed.server_pid += 1;
    assert_ne!(renamed.into_wire(&shed, "c0ffee").id, id);
}

#[test]
fn spoiled_labels_hide_nothing_and_other_output_is_an_error() {
    assert!(
        parse(LINE.replace("{\"k\"", "{k").replace("DEAD", "0|||").replace("AGENT", "||||||").as_bytes()).unwrap()[0].labels.is_empty()
    );
    assert!(matches!(parse(b"shed-session:what\n"), Err(TmuxError::Unparsable(_))));
    assert!(matches!(
        parse(LINE.replace("1700000000", "then").replace("DEAD", "0|||").replace("AGENT", "||||||").as_bytes()),
        Err(TmuxError::Unparsable(_))
    ));
    assert_eq!(parse(b"").unwrap(), []);
}
