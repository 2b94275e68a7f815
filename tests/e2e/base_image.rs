//! What a shed has from its image.

use shed_tests::{TestServer, docker};

const DOCKERFILE: &str = include_str!("../../docker/base/Dockerfile");

#[test]
fn s42_the_image_is_built_with_both_agents_and_tmux() {
    // The agents are hundreds of megabytes from npm, so the image of the tests is without them; this is what the full one
    // is built from.
    let agents = DOCKERFILE.lines().find_map(|line| line.strip_prefix("ARG AGENTS=")).unwrap();
    assert_eq!(agents, "\"@anthropic-ai/claude-code opencode-ai\"");
    assert!(DOCKERFILE.contains("npm install --global --no-fund --no-audit ${AGENTS}"));
    let packages = DOCKERFILE.split("apt-get install").nth(1).and_then(|rest| rest.split("&&").next()).unwrap();
    for package in ["bash", "curl", "git", "jq", "less", "openssh-client", "openssh-sftp-server", "procps", "rsync", "sudo", "tmux", "zsh"]
    {
        assert!(packages.split_whitespace().any(|word| word == package), "`{package}` is missing");
    }
}

#[test]
fn s42_tmux_in_a_shed_has_true_colour_mouse_and_long_history() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    cli.run(&["sessions", "new", &shed, "work"]).assert_ok();
    let option = |scope: &str, name: &str| cli.run(&["exec", &shed, "--", "tmux", "show-options", scope, name]).ok().stdout;
    assert_eq!(option("-gv", "history-limit"), "50000\n");
    assert_eq!(option("-gv", "mouse"), "on\n");
    assert_eq!(option("-gv", "prefix"), "C-b\n");
    assert_eq!(option("-gv", "default-terminal"), "tmux-256color\n");
    assert!(option("-s", "terminal-features").contains("xterm-256color:RGB"));
    let key = cli.run(&["exec", &shed, "--", "sh", "-c", "tmux list-keys -T prefix | grep detach-client"]).ok().stdout;
    assert!(key.contains(" d "), "{key}");
}

#[test]
fn s42_the_sheds_user_is_shed_with_sudo_and_utf_8() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let script = "id -un; id -u; pwd; locale charmap; sudo -n id -u";
    let ended = docker(&["exec", &shed.container(), "bash", "-lc", script]).ok();
    assert_eq!(ended.stdout, "shed\n1000\n/workspace\nUTF-8\n0\n");
}
