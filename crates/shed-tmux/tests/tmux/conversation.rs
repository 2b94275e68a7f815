//! One living agent for each conversation.

use shed_tmux::{NewSession, TmuxError};

use crate::common::{Server, new};

fn working_on(conversation: &str, name: &str, command: &[&str]) -> NewSession {
    NewSession { agent: Some("claude".to_owned()), conversation: Some(conversation.to_owned()), ..new(name, Some(command)) }
}

#[tokio::test]
async fn t14_of_many_that_ask_at_once_exactly_one_gets_the_conversation() {
    let server = Server::new();
    server.create("other", None).await;
    for round in 0..5 {
        let conversation = format!("0a-{round}");
        let asked: Vec<_> = (0..8).map(|n| working_on(&conversation, &format!("c{round}-{n}"), &["sleep", "1000"])).collect();
        let ask = |new: &NewSession| {
            let (tmux, new) = (server.tmux.clone(), new.clone());
            tokio::spawn(async move { tmux.create(&new).await })
        };
        let mut answers = Vec::new();
        for task in asked.iter().map(ask).collect::<Vec<_>>() {
            answers.push(task.await.unwrap());
        }
        let won: Vec<_> = asked.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(new, _)| new.name.to_string()).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert!(matches!(error, TmuxError::ConversationActive(holder) if *holder == won[0]), "{error:?} {won:?}");
        }
    }
    let mut names = server.names().await;
    names.retain(|name| name.starts_with('c'));
    assert_eq!(names.len(), 5, "{names:?}");
}

#[tokio::test]
async fn t15_an_agent_that_has_ended_holds_nothing() {
    let server = Server::new();
    server.tmux.create(&working_on("0a", "ends", &["true"])).await.unwrap();
    server.ended("ends").await;
    server.tmux.create(&working_on("0a", "shell", &["sleep", "1000"])).await.unwrap();
    let second = working_on("0a", "second", &["sleep", "1000"]);
    assert!(matches!(server.tmux.create(&second).await, Err(TmuxError::ConversationActive(holder)) if holder == "shell"));
    // In a shell the agent may end and the pane stay.
    for status in ["exited", "failed"] {
        server.by_hand(&["set-option", "-t", "=shell:", "@shed_status", status]);
        server.tmux.create(&second).await.unwrap();
        let info = server.session("second").await;
        assert_eq!((info.agent.agent.as_deref(), info.agent.conversation.as_deref()), (Some("claude"), Some("0a")));
        server.by_hand(&["kill-session", "-t", "=second"]);
    }
    server.by_hand(&["set-option", "-t", "=shell:", "@shed_status", "running"]);
    // What only shows its last screen does not ask for it, and does not hold it.
    let ended = NewSession { ended: true, ..working_on("0a", "last-screen", &["sleep", "1000"]) };
    server.tmux.create(&ended).await.unwrap();
    server.by_hand(&["kill-session", "-t", "=shell"]);
    server.tmux.create(&second).await.unwrap();
}

#[tokio::test]
async fn t14_what_is_no_conversation_is_refused_before_anything_is_made() {
    let server = Server::new();
    for odd in ["", "a}b", "#{x}", "a,b", "a b", "a;"] {
        assert!(server.tmux.create(&working_on(odd, "odd", &["sleep", "1000"])).await.is_err(), "{odd}");
    }
    assert!(server.names().await.is_empty());
}
