//! A client that can do what `ssh` has no option for: signals, a NUL in a command, the order of the last messages.

use std::{fs, sync::Arc};

use russh::{
    Channel, ChannelMsg, Sig,
    client::{self, Handle, Msg},
    keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate},
};
use tokio::runtime::Runtime;

use crate::fixture::Fixture;

struct Any;

impl client::Handler for Any {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// One channel of its own connection.
pub struct Raw<'a> {
    runtime: &'a Runtime,
    _connection: Handle<Any>,
    channel: Channel<Msg>,
    stdout: String,
}

/// How a channel ended.
#[derive(Default)]
pub struct End {
    pub status: Option<u32>,
    pub signal: Option<String>,
    pub stderr: String,
    /// The messages after the last output.
    pub order: Vec<&'static str>,
}

impl<'a> Raw<'a> {
    pub fn connect(shed: &'a Fixture) -> Self {
        Self::connect_as(shed, shed.shed.name())
    }

    pub fn connect_as(shed: &'a Fixture, user: &str) -> Self {
        let runtime = shed.runtime();
        let key = PrivateKey::from_openssh(fs::read(shed.path("id")).unwrap()).unwrap();
        let (connection, channel) = runtime.block_on(async {
            let mut connection = client::connect(Arc::default(), ("127.0.0.1", shed.port), Any).await.unwrap();
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), None);
            assert!(connection.authenticate_publickey(user, key).await.unwrap().success());
            let channel = connection.channel_open_session().await.unwrap();
            (connection, channel)
        });
        Self { runtime, _connection: connection, channel, stdout: String::new() }
    }

    pub fn exec(&mut self, command: &[u8]) {
        self.runtime.block_on(self.channel.exec(true, command)).unwrap();
    }

    pub fn signal(&mut self, signal: Sig) {
        self.runtime.block_on(self.channel.signal(signal)).unwrap();
    }

    /// Reads output until `text` is in it.
    pub fn read_until(&mut self, text: &str) {
        self.runtime.block_on(async {
            while !self.stdout.contains(text) {
                if let ChannelMsg::Data { data } = self.channel.wait().await.expect("the channel is open") {
                    self.stdout.push_str(&String::from_utf8_lossy(&data));
                }
            }
        });
    }

    /// Reads to the end.
    pub fn end(mut self) -> End {
        self.runtime.block_on(async {
            let mut end = End::default();
            while let Some(message) = self.channel.wait().await {
                match message {
                    ChannelMsg::Data { .. } => end.order.clear(),
                    ChannelMsg::ExtendedData { data, .. } => {
                        end.order.clear();
                        end.stderr.push_str(&String::from_utf8_lossy(&data));
                    }
                    ChannelMsg::ExitStatus { exit_status } => {
                        end.status = Some(exit_status);
                        end.order.push("exit-status");
                    }
                    ChannelMsg::ExitSignal { signal_name, .. } => {
                        end.signal = Some(format!("{signal_name:?}"));
                        end.order.push("exit-signal");
                    }
                    ChannelMsg::Eof => end.order.push("eof"),
                    ChannelMsg::Close => end.order.push("close"),
                    _ => {}
                }
            }
            end
        })
    }
}
