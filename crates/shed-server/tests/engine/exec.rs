//! Commands in containers: streams, terminals, exit codes.

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use shed_server::engine::{Exec, ExecChunk, ExecSpec, ExecUser, Signal, WindowSize};
use tokio::io::AsyncWriteExt;

use crate::support::{Shed, finish, sh, wait_until};

/// A terminal.
const TTY: Option<WindowSize> = Some(WindowSize { cols: 97, rows: 31 });

#[tokio::test]
async fn output_errors_and_exit_code_are_kept_apart() {
    let shed = Shed::create().await;
    let ended = shed.run("echo out; echo err >&2; exit 7", b"").await;
    assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (7, &b"out\n"[..], &b"err\n"[..]));
    assert_eq!(shed.run("kill -TERM $$", b"").await.code, 143);
}

#[tokio::test]
async fn environment_directory_and_user_are_as_asked() {
    let shed = Shed::create().await;
    let mut spec = ExecSpec { cwd: Some("/tmp".to_owned()), ..sh("echo \"$A $PWD $(id -u)\"") };
    spec.env.insert("A".to_owned(), "x y\"z".to_owned());
    assert_eq!(finish(shed.start(spec.clone()).await, vec![]).await.stdout, b"x y\"z /tmp 1000\n");
    spec.user = ExecUser::Root;
    assert_eq!(finish(shed.start(spec).await, vec![]).await.stdout, b"x y\"z /tmp 0\n");
}

#[tokio::test]
async fn no_variable_is_changed_or_added_on_the_way() {
    let shed = Shed::create().await;
    let mut spec = ExecSpec { tty: TTY, argv: vec!["env".to_owned()], ..ExecSpec::default() };
    spec.env = ('a'..='z').map(|name| (name.to_string(), "kept".to_owned())).collect();
    let ended = finish(shed.start(spec).await, vec![]).await;
    let text = String::from_utf8(ended.stdout).unwrap();
    for name in 'a'..='z' {
        assert!(text.contains(&format!("\n{name}=kept\r\n")) || text.starts_with(&format!("{name}=kept\r\n")), "{name}: {text}");
    }
    assert!(!text.contains("_shed"), "{text}");
}

#[tokio::test]
async fn what_can_t_be_started_says_why() {
    let shed = Shed::create().await;
    let missing = finish(shed.start(ExecSpec { argv: vec!["no-such-program".to_owned()], ..ExecSpec::default() }).await, vec![]).await;
    assert_eq!((missing.code, missing.stdout.is_empty()), (127, true));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-program"));
    let nowhere = finish(shed.start(ExecSpec { cwd: Some("/no/such".to_owned()), ..sh("true") }).await, vec![]).await;
    assert_ne!(nowhere.code, 0);
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("/no/such"), "{nowhere:?}");
}

#[tokio::test]
async fn the_end_of_input_is_passed_on_while_output_goes_on() {
    let shed = Shed::create().await;
    let ended = shed.run("wc -c; echo after", b"12345").await;
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "5\nafter\n");
    // Without input the command reads an end of file at once, and so does one whose input was dropped.
    assert_eq!(finish(shed.start(sh("cat; echo end")).await, vec![]).await.stdout, b"end\n");
    let Exec { input, output, process } = shed.start(ExecSpec { stdin: true, ..sh("cat; echo end") }).await;
    drop(input);
    let chunks: Vec<_> = output.collect().await;
    assert_eq!(chunks.len(), 1);
    assert_eq!(process.wait().await.unwrap(), 0);
}

#[tokio::test]
async fn a_command_that_has_closed_its_output_is_waited_for() {
    let shed = Shed::create().await;
    let script = "exec >&- 2>&-; until [ -e /tmp/go ]; do sleep 0.05; done; exit 9";
    // Some versions of Docker end the output here, others with the command.
    let Exec { input: _input, output: _output, process } = shed.start(sh(script)).await;
    let waiting = tokio::spawn(async move { process.wait().await });
    shed.look("sleep 2; touch /tmp/go");
    assert_eq!(waiting.await.unwrap().unwrap(), 9);
}

#[tokio::test]
async fn twenty_megabytes_each_way_keep_their_sum() {
    let shed = Shed::create().await;
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let ended = shed.run("tee /tmp/copy", &bytes).await;
    assert_eq!(Sha256::digest(&ended.stdout), Sha256::digest(&bytes));
    let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(shed.look("sha256sum /tmp/copy").starts_with(&sum));
}

#[tokio::test]
async fn a_reader_that_waits_holds_the_command_back() {
    let shed = Shed::create().await;
    let script = "i=0; while [ $i -lt 3000 ]; do head -c 10000 /dev/zero; i=$((i+1)); echo $i > /tmp/count; done";
    let exec = shed.start(sh(script)).await;
    // Nothing is read here, so the count comes to a stop well before its end: the pipes on the way are full.
    let mut last = String::new();
    wait_until("the command to be held back", || {
        let now = shed.look("cat /tmp/count; sleep 0.5");
        let same = !now.is_empty() && now == last;
        last = now;
        same
    })
    .await;
    assert!(last.trim().parse::<u32>().unwrap() < 3000, "all 30 MB went somewhere");
    assert_eq!(finish(exec, vec![]).await.stdout.len(), 30_000_000);
}

#[tokio::test]
async fn a_terminal_has_its_size_from_the_start_and_follows_changes() {
    let shed = Shed::create().await;
    let script = "stty size; trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done";
    let Exec { input: _input, mut output, process } = shed.start(ExecSpec { tty: TTY, ..sh(script) }).await;
    let mut seen = String::new();
    while let Some(chunk) = output.next().await {
        let ExecChunk::Stdout(bytes) = chunk.unwrap() else { panic!("a terminal has one stream") };
        seen.push_str(&String::from_utf8_lossy(&bytes));
        if seen.ends_with("ready\r\n") {
            process.resize(WindowSize { cols: 120, rows: 40 }).await.unwrap();
        }
    }
    assert_eq!(seen, "31 97\r\nready\r\n40 120\r\n");
}

#[tokio::test]
async fn a_terminal_passes_every_byte() {
    let shed = Shed::create().await;
    // Bytes below 3 at the beginning look like a frame header to those who expect one.
    let ended = finish(shed.start(ExecSpec { tty: TTY, ..sh("stty raw; printf '\\001\\000\\002\\000abc'") }).await, vec![]).await;
    assert_eq!(ended.stdout, b"\x01\x00\x02\x00abc");
}

#[tokio::test]
async fn typing_into_a_terminal_arrives() {
    let shed = Shed::create().await;
    let exec = shed.start(ExecSpec { tty: TTY, ..sh("read line; echo \"got $line\"") }).await;
    let Exec { mut input, output, process } = exec;
    input.write_all(b"hello\n").await.unwrap();
    let chunks: Vec<_> = output.map(Result::unwrap).collect().await;
    let text: String = chunks
        .iter()
        .map(|chunk| match chunk {
            ExecChunk::Stdout(b) | ExecChunk::Stderr(b) => String::from_utf8_lossy(b).into_owned(),
        })
        .collect();
    assert!(text.ends_with("got hello\r\n"), "{text:?}");
    assert_eq!(process.wait().await.unwrap(), 0);
}

#[tokio::test]
async fn signals_reach_the_command() {
    let shed = Shed::create().await;
    let script = "trap 'echo usr1; exit 4' USR1; echo ready; while :; do sleep 0.05; done";
    let Exec { input: _input, mut output, process } = shed.start(sh(script)).await;
    assert_eq!(output.next().await.unwrap().unwrap(), ExecChunk::Stdout("ready\n".into()));
    process.signal(Signal::Usr1).await.unwrap();
    assert_eq!(output.next().await.unwrap().unwrap(), ExecChunk::Stdout("usr1\n".into()));
    assert!(output.next().await.is_none());
    assert_eq!(process.wait().await.unwrap(), 4);
}
