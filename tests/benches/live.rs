//! `make bench`, second part: the live view with fifty sheds of four sessions each, beside `docker exec`. Prints; never judges.

#![expect(clippy::expect_used, reason = "a benchmark ends at the first surprise")]

mod live {
    pub mod calls;
    pub mod delays;
    pub mod idle;
    pub mod numbers;
}

use std::thread;

use serde_json::{Value, json};
use shed_tests::{TestServer, TestShed, wait_until};

/// As in the promise.
const SHEDS: usize = 50;
const SESSIONS: [&str; 4] = ["one", "two", "three", "four"];
/// Sheds are made by so many at once.
const MAKERS: usize = 4;

fn main() {
    let server = TestServer::start();
    let sheds = sheds(&server);
    println!("{SHEDS} sheds with {} sessions each", SESSIONS.len());
    live::calls::lists(&server, &sheds);
    live::calls::load(&server);
    live::calls::one_session(&server, first(&sheds));
    live::delays::renames(&server, &sheds);
    live::delays::hooks(&server, first(&sheds));
    live::delays::storm(&server, &sheds);
    live::idle::idle(&server, &sheds);
}

fn first(sheds: &[TestShed]) -> &TestShed {
    sheds.first().expect("there are sheds")
}

fn sheds(server: &TestServer) -> Vec<TestShed> {
    let make = |_: usize| {
        let shed = server.create_shed();
        for name in SESSIONS {
            let path = format!("/api/sheds/{}/sessions", shed.name());
            server.curl().post(&path, &json!({"name": name})).assert_status(201);
        }
        shed
    };
    let sheds: Vec<TestShed> = thread::scope(|scope| {
        let makers: Vec<_> = (0..MAKERS).map(|_| scope.spawn(|| (0..SHEDS / MAKERS).map(make).collect::<Vec<_>>())).collect();
        makers.into_iter().flat_map(|maker| maker.join().expect("sheds can be made")).collect()
    });
    let mut sheds = sheds;
    sheds.extend((sheds.len()..SHEDS).map(make));
    wait_until("all guests to be connected", || {
        let list = server.curl().get("/api/sheds").json(200);
        let connected = |shed: &&Value| shed.pointer("/guest/status").and_then(Value::as_str) == Some("connected");
        (list.get("sheds")?.as_array()?.iter().filter(connected).count() >= SHEDS).then_some(())
    });
    sheds
}
