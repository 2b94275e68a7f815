//! The one table of routes: the router is made from it, and a test compares it with `openapi.yaml`.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use shed_core::ErrorCode;

use super::{ApiError, ApiState, events, guard, health, history, info, metrics as metrics_text, sessions, sheds, ssh_keys, unmatched};
use crate::{Error, app::App};

/// For calls that take what a few engine calls take. Each of those has its own deadline, so this one is the last resort.
const SHORT: Duration = Duration::from_secs(60);

/// For start, stop and restart, which wait for their turn at a shed and restore its sessions.
const LIFECYCLE: Duration = Duration::from_mins(3);

/// For creating a shed: pulling an image and cloning a large repository over a slow line.
const CREATE: Duration = Duration::from_hours(2);

/// For a command in a shed; above the longest `timeout_seconds` (a day), which is what ends a command.
const EXEC: Duration = Duration::from_hours(25);

const METRICS: &str = "get_metrics";

/// A method on a path, and its name in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// With `{name}` where a parameter is.
    pub path: &'static str,
    /// The `operationId`: `<verb>_<resource>`.
    pub id: &'static str,
}

/// Who may call a route.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Anyone,
    Token,
}

struct Route {
    operation: Operation,
    access: Access,
    deadline: Duration,
    handler: MethodRouter<ApiState>,
}

/// Everything that the API answers.
fn routes() -> Vec<Route> {
    vec![
        get("/healthz", "get_health", health::healthz).for_anyone(),
        get("/readyz", "get_readiness", health::readyz).for_anyone(),
        get("/metrics", METRICS, metrics_text::metrics),
        get("/openapi.yaml", "get_openapi", info::openapi).for_anyone(),
        get("/api/info", "get_info", info::info).for_anyone(),
        get("/api/ssh-host-key", "get_ssh_host_key", info::ssh_host_key),
        get("/api/ssh-keys", "list_ssh_keys", ssh_keys::list),
        post("/api/ssh-keys", "add_ssh_key", ssh_keys::add),
        delete("/api/ssh-keys/{fingerprint}", "remove_ssh_key", ssh_keys::remove),
        get("/api/sheds", "list_sheds", sheds::list),
        post("/api/sheds", "create_shed", sheds::create).within(CREATE),
        get("/api/sheds/{name}", "get_shed", sheds::get),
        delete("/api/sheds/{name}", "delete_shed", sheds::delete).within(LIFECYCLE),
        post("/api/sheds/{name}/start", "start_shed", sheds::start).within(LIFECYCLE),
        post("/api/sheds/{name}/stop", "stop_shed", sheds::stop).within(LIFECYCLE),
        post("/api/sheds/{name}/restart", "restart_shed", sheds::restart).within(LIFECYCLE),
        post("/api/sheds/{name}/exec", "exec_shed", sheds::exec).within(EXEC),
        get("/api/sheds/{name}/sessions", "list_shed_sessions", sessions::list),
        post("/api/sheds/{name}/sessions", "create_session", sessions::create),
        get("/api/sheds/{name}/sessions/{session}", "get_session", sessions::get),
        patch("/api/sheds/{name}/sessions/{session}", "update_session", sessions::update),
        delete("/api/sheds/{name}/sessions/{session}", "kill_session", sessions::kill),
        post("/api/sheds/{name}/sessions/{session}/keys", "send_keys", sessions::send_keys),
        get("/api/sheds/{name}/sessions/{session}/screen", "get_screen", sessions::screen),
        get("/api/sessions", "list_sessions", sessions::list_all),
        // The deadline is for the first byte; a stream has no end.
        get("/api/events", "stream_events", events::stream),
        get("/api/stats", "get_stats", history::stats),
        get("/api/history", "list_history", history::history),
    ]
}

/// Every operation, in the order of the table.
#[must_use]
pub fn operations() -> Vec<Operation> {
    routes().into_iter().map(|route| route.operation).collect()
}

/// The methods of a path as the table has it, for `Allow`.
pub(super) fn methods_of(path: &str) -> String {
    let methods: Vec<_> = operations().into_iter().filter(|operation| operation.path == path).map(|operation| operation.method).collect();
    methods.join(", ")
}

/// The router of the table, with an envelope for every path and method that is not in it.
pub(super) fn router(state: &ApiState) -> Router<ApiState> {
    let add = |router: Router<ApiState>, route: Route| router.route(route.operation.path, route.into_handler(state));
    let routes = routes().into_iter().fold(Router::new(), add);
    routes.fallback(unmatched::path).method_not_allowed_fallback(unmatched::method)
}

/// The router of `/metrics` alone, for anyone.
pub(super) fn metrics(state: &ApiState) -> Router<ApiState> {
    let route = get("/metrics", METRICS, metrics_text::metrics).for_anyone();
    let routes = Router::new().route(route.operation.path, route.into_handler(state));
    routes.fallback(unmatched::path).method_not_allowed_fallback(unmatched::method)
}

impl Route {
    fn new<H, T>(filter: MethodFilter, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, ApiState>,
        T: 'static,
    {
        Self { operation, access: Access::Token, deadline: SHORT, handler: on(filter, handler) }
    }

    fn for_anyone(self) -> Self {
        Self { access: Access::Anyone, ..self }
    }

    fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    fn into_handler(self, state: &ApiState) -> MethodRouter<ApiState> {
        let (deadline, operation, app) = (self.deadline, self.operation.id, Arc::clone(&state.app));
        let timed = self.handler.route_layer(middleware::from_fn(move |request: Request, next: Next| within(deadline, request, next)));
        let guarded = match self.access {
            Access::Anyone => timed,
            Access::Token => timed.route_layer(middleware::from_fn_with_state(state.clone(), guard::token::check)),
        };
        guarded.route_layer(middleware::from_fn(move |request: Request, next: Next| measured(Arc::clone(&app), operation, request, next)))
    }
}

async fn measured(app: Arc<App>, operation: &'static str, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let response = next.run(request).await;
    app.metrics.answered(operation, response.status().as_u16(), began.elapsed());
    response
}

async fn within(deadline: Duration, request: Request, next: Next) -> Result<Response, Infallible> {
    let late = || {
        Error::new(ErrorCode::Timeout, format!("the request took longer than {} s", deadline.as_secs()))
            .hint("the work may still go on; look at its result before trying again")
    };
    Ok(tokio::time::timeout(deadline, next.run(request)).await.unwrap_or_else(|_| ApiError(late()).into_response()))
}

fn get<H: Handler<T, ApiState>, T: 'static>(path: &'static str, id: &'static str, handler: H) -> Route {
    Route::new(MethodFilter::GET, Operation { method: "GET", path, id }, handler)
}

fn post<H: Handler<T, ApiState>, T: 'static>(path: &'static str, id: &'static str, handler: H) -> Route {
    Route::new(MethodFilter::POST, Operation { method: "POST", path, id }, handler)
}

fn patch<H: Handler<T, ApiState>, T: 'static>(path: &'static str, id: &'static str, handler: H) -> Route {
    Route::new(MethodFilter::PATCH, Operation { method: "PATCH", path, id }, handler)
}

fn delete<H: Handler<T, ApiState>, T: 'static>(path: &'static str, id: &'static str, handler: H) -> Route {
    Route::new(MethodFilter::DELETE, Operation { method: "DELETE", path, id }, handler)
}
