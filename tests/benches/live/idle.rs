//! What it costs when nothing happens.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use shed_tests::{TestServer, TestShed, docker};

/// Longer than the server's minute, so that its comparison is in it.
const REST: Duration = Duration::from_secs(75);

/// Clock ticks of proc(5) in a second, on every Linux (`getconf CLK_TCK`).
const TICKS: f64 = 100.0;

pub fn idle(server: &TestServer, sheds: &[TestShed]) {
    let guest = guest_of(sheds.last().expect("there are sheds"));
    let (cpu, wakeups, start) = (ticks(server.pid()), switches(guest), Instant::now());
    thread::sleep(REST);
    let (cpu, wakeups, took) = (ticks(server.pid()) - cpu, switches(guest) - wakeups, start.elapsed());
    println!("{:<52} {:>9.1} MB", "memory of the server (resident)", megabytes(server.pid()));
    println!("{:<52} {:>9.2} % of a core", "the idle server", cpu / TICKS / took.as_secs_f64() * 100.0);
    println!("{:<52} {:>9.1} MB", "memory of a guest (resident)", megabytes(guest));
    println!("{:<52} {:>9} in {} s", "wake-ups of an idle guest", wakeups, took.as_secs());
}

/// The process of the shed's guest, as the host numbers it.
fn guest_of(shed: &TestShed) -> u32 {
    let top = docker(&["top", &shed.container(), "-eo", "pid,args"]).ok().stdout;
    let line = top.lines().find(|line| line.contains("/shed-guest-") && line.trim_end().ends_with("serve")).expect("the guest runs");
    line.split_whitespace().next().and_then(|pid| pid.parse().ok()).expect("it has a number")
}

/// User and system time: fields 14 and 15 of /proc/pid/stat, counted from behind the name.
fn ticks(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let fields = stat.rsplit_once(')').expect("the name is in parentheses").1.split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum()
}

fn megabytes(pid: u32) -> f64 {
    f64::from(u32::try_from(status(pid, "VmRSS:")).expect("not so much")) / 1024.0
}

/// How often it went to sleep of its own accord, which is how often it was woken.
fn switches(pid: u32) -> u64 {
    status(pid, "voluntary_ctxt_switches:")
}

fn status(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("Linux tells it");
    line.trim().trim_end_matches(" kB").parse().expect("it is a number")
}
