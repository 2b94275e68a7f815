//! Bytes, both ways, many of them.

use std::{fs, process::Command};

use sha2::{Digest, Sha256};
use shed_tests::run;

use crate::fixture::Fixture;

/// Bytes without a pattern that a wrong block could hide in (xorshift64).
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut data = Vec::with_capacity(len + 8);
    while data.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        data.extend(state.to_le_bytes());
    }
    data.truncate(len);
    data
}

fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_half_close_reaches_the_program() {
    let shed = Fixture::new();
    assert_eq!(shed.run_with(&["cat"], b"abc").ok().stdout, "abc");
    assert_eq!(shed.run_with(&["sleep 0.2; wc -c; echo later"], b"abc").ok().stdout, "3\nlater\n");
    assert_eq!(shed.run_with(&["cat"], b"").ok().stdout, "");
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(shed.run_with(&["cat"], &all).ok().bytes, all);
    // A program that ends without reading is no error, however much comes.
    assert_eq!(shed.run_with(&["head -c 3"], &noise(8_000_000)).ok().bytes, noise(3));
}

#[test]
fn twenty_megabytes_keep_their_hash_each_way_and_both_at_once() {
    let shed = Fixture::new();
    let data = noise(20_000_000);
    let up = shed.run_with(&["sha256sum | cut -d' ' -f1; cat >&2"], &data).ok();
    assert_eq!(up.stdout.trim(), sha256(&data));
    shed.run_with(&["cat > /tmp/data"], &data).assert_ok();
    assert_eq!(sha256(&shed.run(&["cat /tmp/data"]).ok().bytes), sha256(&data));
    // The window of neither side is large enough for this: a server that waits with reading while it can't write hangs.
    assert_eq!(sha256(&shed.run_with(&["cat"], &data).ok().bytes), sha256(&data));
    let errors = shed.run(&["cat /tmp/data >&2; echo done"]).ok();
    assert_eq!(errors.stdout, "done\n");
}

#[test]
fn a_program_that_reads_late_gets_everything() {
    let shed = Fixture::new();
    let data = noise(20_000_000);
    // Much more than all buffers hold arrives before the first byte is read, and output still passes.
    let ended = shed.run_with(&["head -c 3000000 /dev/zero | wc -c; sleep 1; head -c 3000000 /dev/zero; sha256sum >&2"], &data).ok();
    assert_eq!(ended.bytes.len(), "3000000\n".len() + 3_000_000);
    assert!(ended.stderr.starts_with(&sha256(&data)), "{}", ended.stderr);
}

#[test]
fn scp_and_sftp_copy_files() {
    let shed = Fixture::new();
    let data = noise(3_000_000);
    fs::write(shed.path("up"), &data).unwrap();
    let (up, port) = (shed.path("up").display().to_string(), shed.port.to_string());
    let remote = |path: &str| format!("{}@127.0.0.1:{path}", shed.shed.name());
    for (i, protocol) in ["-s", "-O"].iter().enumerate() {
        let (there, back) = (format!("/tmp/there{i}"), shed.path(&format!("back{i}")));
        let scp = || {
            let mut command = Command::new("scp");
            command.args(shed.options("id")).args(["-q", "-P", &port, protocol]);
            command
        };
        run(scp().arg(&up).arg(remote(&there))).assert_ok();
        run(scp().arg(remote(&there)).arg(&back)).assert_ok();
        assert!(fs::read(back).unwrap() == data, "scp {protocol} changed the file");
    }
    let batch = shed.path("batch");
    fs::write(&batch, format!("put {up} /tmp/by-sftp\nchmod 600 /tmp/by-sftp\nls -l /tmp/by-sftp\n")).unwrap();
    let mut sftp = Command::new("sftp");
    sftp.args(shed.options("id")).args(["-P", &port, "-b"]).arg(&batch).arg(remote(""));
    let listed = run(&mut sftp).ok().stdout;
    assert!(listed.contains("-rw-------") && listed.contains("3000000"), "{listed}");
}
