//! Starting commands in containers, and following them to their end.

use std::{
    collections::HashMap,
    io,
    pin::Pin,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bollard::{
    exec::{CreateExecOptions, ResizeExecOptions},
    models::ExecInspectResponse,
};
use futures_util::{StreamExt, stream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use uuid::Uuid;

use super::{DockerEngine, count::Owned, hijack, launcher, reaper::Reapers};
use crate::engine::{ContainerId, EngineError, Exec, ExecChunk, ExecProcess, ExecSpec, ExecUser, Signal, WindowSize};

/// Starting takes 60 ms; on a machine that is out of memory or disk, much longer.
const START: Duration = Duration::from_secs(30);

/// Docker knows the exit code within milliseconds after the command's end; not running and without a code for this long, it
/// never started.
const EXIT: Duration = Duration::from_secs(30);

/// Between two looks for the exit code: at first this, because most commands end with their output, then twice as long each
/// time, because one that has closed its output may run for days.
const EXIT_POLL: Duration = Duration::from_millis(10);
/// See [`EXIT_POLL`].
const EXIT_POLL_MOST: Duration = Duration::from_secs(1);

/// Read at once. Docker's own frames hold up to 32 KiB.
const BUFFER: usize = 32 * 1024;

/// How Docker begins the reason why a program could not be started; the rest is runc's.
const NOT_STARTED: &[u8] = b"OCI runtime exec failed";

impl DockerEngine {
    /// Starts the command. Runs to its end even if the caller goes away, so that a command is never started without an
    /// owner that ends it.
    pub(super) async fn start_exec(&self, id: &ContainerId, spec: ExecSpec) -> Result<Exec, EngineError> {
        let (engine, id) = (self.clone(), id.clone());
        let started = tokio::spawn(async move {
            let work = engine.start_owned(&id, spec);
            tokio::time::timeout(START, work).await.unwrap_or(Err(EngineError::Timeout("exec")))
        });
        started.await.map_err(|error| EngineError::Other(error.to_string()))?
    }

    async fn start_owned(&self, id: &ContainerId, spec: ExecSpec) -> Result<Exec, EngineError> {
        let reapers = self.reapers(id);
        let note = reapers.has_shell(self).await?.then(Uuid::new_v4);
        let argv = match note {
            Some(note) => launcher::launch(&self.inner.instance, note, spec.tty.is_some(), spec.argv.clone()),
            None => spec.argv.clone(),
        };
        let exec_id = self.create_raw(id, &spec, argv).await?;
        // Before the start: one whose answer is lost may have been started all the same.
        let process = DockerProcess {
            engine: self.clone(),
            exec_id,
            note,
            user: spec.user.clone(),
            tty: spec.tty.is_some(),
            reapers: Arc::clone(&reapers),
            ended: AtomicBool::new(false),
            _owned: self.inner.execs.own(),
        };
        let io = self.start_raw(&process.exec_id, spec.tty).await.inspect_err(|error| {
            let lost = matches!(error, EngineError::Unavailable(_) | EngineError::Timeout(_));
            process.ended.store(!lost, Ordering::Release);
        })?;
        if let Some(size) = spec.tty {
            // A program that is gone already has no terminal to resize.
            drop(process.resize(size).await);
        }
        let (reader, writer) = tokio::io::split(io);
        let input: crate::engine::ExecInput = Box::pin(Input { writer: Some(writer), tty: spec.tty.is_some() });
        let output = if spec.tty.is_some() { raw(reader) } else { framed(reader) };
        Ok(Exec { input, output, process: Box::new(process) })
    }

    /// Creates the exec, which does not run yet.
    async fn create_raw(&self, id: &ContainerId, spec: &ExecSpec, argv: Vec<String>) -> Result<String, EngineError> {
        self.inner.execs.started();
        let tty = spec.tty.is_some();
        let options = CreateExecOptions {
            // A terminal has an input, whether something will be typed or not.
            attach_stdin: Some(spec.stdin || tty),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(tty),
            env: Some(spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            cmd: Some(argv),
            user: (spec.user == ExecUser::Root).then(|| "0".to_owned()),
            working_dir: spec.cwd.clone(),
            ..CreateExecOptions::default()
        };
        Ok(self.call("exec", START, |docker| async move { docker.create_exec(&id.0, options).await }).await?.id)
    }

    /// Starts a created exec and takes over the connection.
    async fn start_raw(&self, exec_id: &str, tty: Option<WindowSize>) -> Result<TokioIo<Upgraded>, EngineError> {
        let version = self.docker().await?.client_version();
        let path = format!("/v{}.{}/exec/{exec_id}/start", version.major_version, version.minor_version);
        // `ConsoleSize` is of API 1.42; an older daemon takes no notice, and gets the size by a resize below.
        let size = tty.map(|size| [size.rows, size.cols]);
        let body = serde_json::json!({"Detach": false, "Tty": tty.is_some(), "ConsoleSize": size});
        hijack::upgrade(&self.inner.address, &path, body.to_string()).await
    }

    async fn inspect_exec(&self, exec_id: &str) -> Result<ExecInspectResponse, EngineError> {
        self.call("inspect exec", EXIT, |docker| async move { docker.inspect_exec(exec_id).await }).await
    }

    /// Runs one of the launcher's own programs, without a note and without an owner: its exit code and what it printed.
    pub(super) async fn run_script(&self, id: &ContainerId, argv: Vec<String>, user: ExecUser) -> Result<(i64, String), EngineError> {
        let spec = ExecSpec { cwd: Some("/".to_owned()), user, ..ExecSpec::default() };
        let work = async {
            let exec_id = self.create_raw(id, &spec, argv).await?;
            let mut output = framed(tokio::io::split(self.start_raw(&exec_id, None).await?).0);
            let mut printed = Vec::new();
            while let Some(chunk) = output.next().await {
                if let ExecChunk::Stdout(bytes) = chunk? {
                    printed.extend_from_slice(&bytes);
                }
            }
            Ok((self.exit_code(&exec_id).await?, String::from_utf8_lossy(&printed).into_owned()))
        };
        tokio::time::timeout(START, work).await.unwrap_or(Err(EngineError::Timeout("exec")))
    }

    /// Waits for the command's end, however long it runs.
    async fn exit_code(&self, exec_id: &str) -> Result<i64, EngineError> {
        let (mut pause, mut since) = (EXIT_POLL, Instant::now());
        loop {
            let state = self.inspect_exec(exec_id).await?;
            match (state.running, state.exit_code) {
                (Some(false), Some(code)) => return Ok(code),
                (Some(true), _) => since = Instant::now(),
                _ if since.elapsed() >= EXIT => return Err(EngineError::Timeout("exec exit code")),
                _ => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(EXIT_POLL_MOST);
        }
    }

    /// Whether the command has ended, or its container has.
    pub(super) async fn has_ended(&self, exec_id: &str) -> Result<bool, EngineError> {
        match self.inspect_exec(exec_id).await {
            Ok(state) => Ok(state.running == Some(false) && state.exit_code.is_some()),
            Err(EngineError::NoSuchContainer) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn reapers(&self, id: &ContainerId) -> Arc<Reapers> {
        let mut reapers: std::sync::MutexGuard<'_, HashMap<_, _>> = self.inner.reapers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = reapers.get(id) {
            return Arc::clone(found);
        }
        // Containers come and go; those that nobody uses any more have nothing to remember but what is found again.
        reapers.retain(|_, reapers| Arc::strong_count(reapers) > 1);
        let new = Reapers::start(self.clone(), id.clone());
        reapers.insert(id.clone(), Arc::clone(&new));
        new
    }
}

/// Standard input. Dropping it is an end of file; the other half of the connection would keep it open.
///
/// A terminal has no end of file but the key for it (termios(3), VEOF), and Docker takes a closed input of one for the end of
/// the connection and drops the output too. So there nothing is closed.
struct Input {
    writer: Option<WriteHalf<TokioIo<Upgraded>>>,
    tty: bool,
}

impl Drop for Input {
    fn drop(&mut self) {
        if let (false, Some(mut writer), Ok(runtime)) = (self.tty, self.writer.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { drop(writer.shutdown().await) });
        }
    }
}

impl AsyncWrite for Input {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.writer {
            Some(writer) => Pin::new(writer).poll_write(cx, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().map_or(Poll::Ready(Ok(())), |writer| Pin::new(writer).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.tty {
            return Poll::Ready(Ok(()));
        }
        match &mut self.writer {
            Some(writer) => Pin::new(writer).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}

/// A terminal's output is one stream as it is.
fn raw(reader: ReadHalf<TokioIo<Upgraded>>) -> crate::engine::ExecOutput {
    let chunks = stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader?;
        let mut buffer = bytes::BytesMut::with_capacity(BUFFER);
        match reader.read_buf(&mut buffer).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(ExecChunk::Stdout(buffer.freeze())), Some(reader))),
            Err(error) => Some((Err(EngineError::Unavailable(error.to_string())), None)),
        }
    });
    chunks.boxed()
}

/// Without a terminal the streams come in frames: type, three zeros, length in big endian, payload (Docker's API,
/// "Attach to a container", stream format).
fn framed(reader: ReadHalf<TokioIo<Upgraded>>) -> crate::engine::ExecOutput {
    let reader = tokio::io::BufReader::with_capacity(BUFFER, reader);
    let chunks = stream::unfold(Some((reader, true)), |state| async move {
        let (mut reader, first) = state?;
        match read_frame(&mut reader).await {
            // What could not be started is told by Docker where the command's output would be.
            Ok(Some(ExecChunk::Stdout(text))) if first && text.starts_with(NOT_STARTED) => {
                Some((Ok(ExecChunk::Stderr(text)), Some((reader, false))))
            }
            Ok(Some(chunk)) => Some((Ok(chunk), Some((reader, false)))),
            Ok(None) => None,
            Err(error) => Some((Err(EngineError::Unavailable(error.to_string())), None)),
        }
    });
    chunks.boxed()
}

async fn read_frame<R: tokio::io::AsyncRead + Unpin>(reader: &mut R) -> io::Result<Option<ExecChunk>> {
    /// Docker's frames hold at most 32 KiB; a length far beyond that is no frame.
    const LONGEST: u32 = 16 * 1024 * 1024;
    let kind = match reader.read_u8().await {
        Ok(kind) => kind,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut zeros = [0; 3];
    reader.read_exact(&mut zeros).await?;
    let length = reader.read_u32().await?;
    if kind > 2 || zeros != [0; 3] || length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a frame of Docker's stream format"));
    }
    let mut payload = vec![0; usize::try_from(length).unwrap_or_default()];
    reader.read_exact(&mut payload).await?;
    Ok(Some(if kind == 2 { ExecChunk::Stderr(payload.into()) } else { ExecChunk::Stdout(payload.into()) }))
}

/// A running exec.
struct DockerProcess {
    engine: DockerEngine,
    exec_id: String,
    /// None in an image without a shell.
    note: Option<Uuid>,
    user: ExecUser,
    tty: bool,
    reapers: Arc<Reapers>,
    /// The exit code was seen; there is nothing to end any more.
    ended: AtomicBool,
    _owned: Owned,
}

#[async_trait]
impl ExecProcess for DockerProcess {
    async fn resize(&self, size: WindowSize) -> Result<(), EngineError> {
        if !self.tty {
            return Ok(());
        }
        let options = ResizeExecOptions { height: size.rows, width: size.cols };
        self.engine.call("resize", START, |docker| async move { docker.resize_exec(&self.exec_id, options).await }).await
    }

    async fn signal(&self, signal: Signal) -> Result<(), EngineError> {
        let Some(note) = self.note else { return Err(EngineError::Other("an image without a shell can't be signalled".to_owned())) };
        let argv = launcher::signal(&self.engine.inner.instance, note, signal.name());
        self.engine.run_script(self.reapers.container(), argv, self.user.clone()).await.map(drop)
    }

    async fn wait(&self) -> Result<i64, EngineError> {
        let code = self.engine.exit_code(&self.exec_id).await?;
        self.ended.store(true, Ordering::Release);
        self.reapers.count_ended();
        Ok(code)
    }
}

impl Drop for DockerProcess {
    fn drop(&mut self) {
        if let Some(note) = self.note
            && !self.ended.load(Ordering::Acquire)
        {
            self.reapers.end(note, self.exec_id.clone(), self.user.clone());
        }
    }
}
