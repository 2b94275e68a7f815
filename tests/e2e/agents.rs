//! The real Claude Code and the real OpenCode, whose own hooks tell what they are doing. Only their model is scripted.

use std::thread;

use serde_json::json;
use shed_tests::{AgentShed, TestServer, wait_until};

#[test]
fn t10_t11_t12_t13_claude_is_seen_from_its_prompt_to_its_end() {
    let server = TestServer::start();
    let mut shed = AgentShed::create(&server);
    let settings = shed.run("cat ~/.claude/settings.json");
    let made = shed.new_session(&json!({"name": "work", "command": "claude", "prompt": "touch made slowly"})).json(201);
    assert_eq!(made["agent"], "claude", "{made}");

    shed.wait_for_status("work", "running", "");
    let asks = shed.wait_for_status("work", "waiting_permission", "Bash");
    assert_eq!(asks["status_source"], "hook", "{asks}");
    shed.answer("work", "Do you want to proceed?", "Enter");
    shed.wait_for_status("work", "running", "");
    shed.let_the_model_go();
    let waits = shed.wait_for_status("work", "waiting_input", "");
    assert_eq!((&waits["status_source"], &waits["agent"]), (&json!("hook"), &json!("claude")), "{waits}");
    assert!(waits["conversation_id"].is_string() && waits["status_changed_at"].is_string(), "{waits}");
    assert_eq!(shed.run("ls made").0, 0);
    // Ours are beside the user's own.
    assert_eq!(shed.run("ls /tmp/hook-of-the-user").0, 0);
    assert_eq!(shed.run("cat ~/.claude/settings.json"), settings);

    shed.type_line("work", "/exit");
    let ended = shed.wait_for_status("work", "completed", "");
    assert_eq!((&ended["exit_code"], &ended["conversation_id"]), (&json!(0), &waits["conversation_id"]), "{ended}");
}

#[test]
fn t27_what_claude_has_no_hook_for_is_seen_too() {
    let mut server = TestServer::start();
    let mut shed = AgentShed::create(&server);
    shed.new_session(&json!({"name": "work", "command": "claude", "prompt": "touch made"})).assert_status(201);

    // Refused.
    shed.wait_for_status("work", "waiting_permission", "Bash");
    shed.answer("work", "Do you want to proceed?", "Escape");
    shed.wait_for_status("work", "waiting_input", "");
    assert_ne!(shed.run("ls made").0, 0);

    // Interrupted.
    shed.type_line("work", "think");
    shed.wait_for_status("work", "running", "");
    shed.wait_for_screen("work", "Thinking it over.");
    shed.keys("work", &["Escape"]);
    shed.wait_for_status("work", "waiting_input", "");

    // Answered while there is no server.
    shed.type_line("work", "touch made slowly");
    shed.wait_for_status("work", "waiting_permission", "Bash");
    server.kill9();
    shed.answer_by_hand("work", "Do you want to proceed?", "Enter");
    wait_until("the agent to go on", || (shed.run("ls made").0 == 0).then_some(()));
    server.start_again();
    shed.listen_again(&server);
    wait_until("the answer to be known", || (shed.session("work")["status"] == "running").then_some(()));

    shed.let_the_model_go();
    shed.wait_for_status("work", "waiting_input", "");

    // Killed.
    assert_eq!(shed.run("pkill -KILL -x claude").0, 0);
    shed.wait_for_status("work", "failed", "crashed");
}

#[test]
fn t2_t14_t15_a_conversation_goes_on_in_one_session_at_a_time() {
    let server = TestServer::start();
    let mut shed = AgentShed::create(&server);
    // Several lines, and what a shell would make something of.
    let first = "remember\n$(touch pwned) 'one' \"two\"";
    shed.new_session(&json!({"name": "first", "command": "claude", "prompt": first})).assert_status(201);
    let id = shed.wait_for_status("first", "waiting_input", "")["conversation_id"].clone();
    shed.wait_for_screen("first", "you said: remember");
    assert_ne!(shed.run("ls pwned").0, 0);

    let resume = |name: &str, prompt: &str| json!({"name": name, "command": "claude", "resume": id, "prompt": prompt});
    let refused = shed.new_session(&resume("second", "recall"));
    refused.assert_error(409, "CONVERSATION_ACTIVE");
    assert!(refused.body.contains("`first`"), "{}", refused.body);

    // An agent that died does not hold its conversation.
    assert_eq!(shed.run("pkill -KILL -x claude").0, 0);
    shed.wait_for_status("first", "failed", "crashed");
    let answers: Vec<_> = thread::scope(|scope| {
        let one = |n: usize| {
            let (shed, body) = (&shed, resume(&format!("again-{n}"), "recall"));
            scope.spawn(move || shed.new_session(&body))
        };
        let started: Vec<_> = (0..4).map(one).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 3), "{answers:?}");
    let name = won[0].json(201)["name"].as_str().unwrap().to_owned();
    for answer in lost {
        answer.assert_error(409, "CONVERSATION_ACTIVE");
        assert!(answer.body.contains(&format!("`{name}`")), "{}", answer.body);
    }
    shed.wait_for_status(&name, "waiting_input", "");
    shed.wait_for_screen(&name, "prompts: remember");

    // And neither does a restart end it, nor give it its prompt again.
    shed.restart();
    shed.wait_for_status(&name, "waiting_input", "");
    assert_eq!(shed.session(&name)["conversation_id"], id);
    shed.type_line(&name, "recall");
    shed.wait_for_screen(&name, "| recall | recall");
    assert_eq!(shed.session("first")["status"], "failed");
}

#[test]
fn t11_t13_a_claude_started_by_hand_is_seen_and_those_under_it_are_not_taken_for_it() {
    let server = TestServer::start();
    let mut shed = AgentShed::create(&server);
    shed.new_session(&json!({"name": "shell"})).assert_status(201);
    shed.type_line("shell", "/opt/shed/shed-guest setup claude && claude");
    let waits = shed.wait_for_status("shell", "waiting_input", "");
    assert_eq!((&waits["agent"], &waits["status_source"]), (&json!("claude"), &json!("hook")), "{waits}");
    shed.wait_for_screen("shell", "for shortcuts");

    // Its own hooks tell of the nested one too, which begins, works and ends while the outer one's tool runs.
    shed.type_line("shell", "nested");
    let asks = shed.wait_for_status("shell", "waiting_permission", "Bash");
    shed.answer("shell", "Do you want to proceed?", "Enter");
    wait_until("the nested agent", || (shed.run("pgrep -f -x 'claude -p think'").0 == 0).then_some(()));
    wait_until("the model to be asked by it", || (shed.run("grep -c holding /tmp/model.log").1.trim() == "1").then_some(()));
    shed.wait_for_status("shell", "running", "");
    shed.let_the_model_go();
    let waits = shed.wait_for_status("shell", "waiting_input", "");
    assert_eq!(waits["conversation_id"], asks["conversation_id"]);
    shed.wait_for_screen("shell", "done");

    // A sub-agent asks in the same screen, and works on while the outer one has said all it had to say.
    shed.type_line("shell", "subagent");
    shed.wait_for_status("shell", "waiting_permission", "touch by-subagent");
    shed.answer("shell", "Do you want to proceed?", "Enter");
    shed.wait_for_status("shell", "running", "");
    shed.wait_for_status("shell", "waiting_input", "");
    assert_eq!(shed.run("ls by-subagent").0, 0);

    shed.type_line("shell", "ask");
    shed.wait_for_status("shell", "waiting_input", "Which colour?");
    shed.answer("shell", "Enter to select", "Enter");
    shed.wait_for_status("shell", "running", "");
    shed.wait_for_status("shell", "waiting_input", "");
    let others = shed.of_other_conversations("shell", &asks["conversation_id"]);
    assert!(others.is_empty(), "{others:?}");

    shed.type_line("shell", "/exit");
    shed.wait_for_status("shell", "exited", "");
}

#[test]
fn t10_t11_t12_t13_opencode_is_seen_from_its_prompt_to_its_end() {
    let server = TestServer::start();
    let mut shed = AgentShed::create(&server);
    let made = shed.new_session(&json!({"name": "work", "command": "opencode", "prompt": "touch made slowly"})).json(201);
    assert_eq!(made["agent"], "opencode", "{made}");

    shed.wait_for_status("work", "running", "");
    let asks = shed.wait_for_status("work", "waiting_permission", "bash");
    assert_eq!(asks["status_source"], "hook", "{asks}");
    shed.answer("work", "Permission required", "Enter");
    shed.wait_for_status("work", "running", "");
    shed.let_the_model_go();
    let waits = shed.wait_for_status("work", "waiting_input", "");
    let id = &waits["conversation_id"];
    assert!(id.as_str().is_some_and(|id| id.starts_with("ses_")), "{waits}");
    assert_eq!(shed.run("rm made /tmp/go").0, 0);
    // It would have installed a package from npm before its first word.
    assert_eq!(shed.run("ls ~/.config/opencode/node_modules"), (0, String::new()));

    shed.type_line("work", "think");
    shed.wait_for_status("work", "running", "");
    shed.wait_for_screen("work", "Thinking it over.");
    shed.keys("work", &["Escape"]);
    shed.wait_for_screen("work", "esc again to interrupt");
    shed.keys("work", &["Escape"]);
    shed.wait_for_status("work", "waiting_input", "");

    shed.keys("work", &["C-c"]);
    let ended = shed.wait_for_status("work", "completed", "");
    assert_eq!((&ended["exit_code"], &ended["conversation_id"]), (&json!(0), id), "{ended}");
    // A prompt on its command line is ignored here.
    shed.new_session(&json!({"name": "again", "command": "opencode", "resume": id})).assert_status(201);
    shed.wait_for_status("again", "waiting_input", "");
    shed.wait_for_screen("again", "Thinking it over.");
    shed.type_line("again", "recall");
    shed.wait_for_screen("again", "prompts: touch made slowly | think | recall");
}
