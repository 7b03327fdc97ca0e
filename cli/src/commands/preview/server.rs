//! The routes of the server: the files of the page, the folder, and news of changes.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt as _};

use anstream::adapter::strip_str;

use super::page::Page;
use super::shared::{FILE_BYTES, Removed, Shared};
use crate::exit::Failure;
use crate::output::diagnostics::failure as failure_text;

/// The header with the token of the page.
const TOKEN: &str = "x-accrue-token";

/// What the page may do in a browser, as in its own text, and that nobody may put it into a frame.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Everything that a request may need.
#[derive(Clone)]
struct Site {
    shared: Arc<Shared>,
    page: Arc<Page>,
}

/// Returns the routes.
pub(super) fn routes(shared: Arc<Shared>, page: Page) -> Router {
    let site = Site { shared, page: Arc::new(page) };
    Router::new()
        .route("/api/folder", get(folder))
        .route("/api/files/{*path}", get(read).put(save).delete(remove))
        .route("/api/changes", get(changes))
        .fallback(file)
        .layer(DefaultBodyLimit::max(FILE_BYTES))
        .layer(from_fn_with_state(site.clone(), guard))
        .with_state(site)
}

/// Serves until the process ends.
pub(super) async fn serve(listener: TcpListener, routes: Router) -> io::Result<()> {
    axum::serve(listener, routes).await
}

/// Lets only the page of this server ask, and says to the browser what the page may do.
async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = match refused(&site.shared, request.method(), request.uri(), request.headers()) {
        Some(refused) => refused.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns why a request is not answered.
fn refused(
    shared: &Shared,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<(StatusCode, &'static str)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if !text("host").is_some_and(|host| shared.is_own_host(host)) {
        return Some((StatusCode::MISDIRECTED_REQUEST, "this server has another name"));
    }
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| shared.is_own_host(host));
    if text("origin").is_some_and(|origin| !own(origin)) {
        return Some((StatusCode::FORBIDDEN, "another page may not ask this server"));
    }
    let is_page = !uri.path().starts_with("/api/");
    if is_page {
        return (method != Method::GET && method != Method::HEAD)
            .then_some((StatusCode::METHOD_NOT_ALLOWED, "the files of the page are read only"));
    }
    (!text(TOKEN).is_some_and(|token| shared.is_token(token)))
        .then_some((StatusCode::FORBIDDEN, "reload the page: it belongs to an earlier preview"))
}

/// A file of the page.
async fn file(State(site): State<Site>, uri: Uri) -> Response {
    match site.page.file(uri.path().trim_start_matches('/')) {
        Some((media, bytes)) => ([(header::CONTENT_TYPE, media)], bytes.to_vec()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The folder as a zip file. A header has its name, percent-encoded.
async fn folder(State(site): State<Site>) -> Response {
    let shared = Arc::clone(&site.shared);
    match blocking(move || shared.zipped()).await {
        Ok(zip) => {
            let name: String = site.shared.name().bytes().map(encoded).collect();
            ([("content-type", "application/zip".to_owned()), ("x-accrue-name", name)], zip).into_response()
        }
        Err(response) => response,
    }
}

/// Returns a byte as it is written in a header.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// A file of the folder, with its version.
async fn read(State(site): State<Site>, Path(path): Path<String>) -> Response {
    let shared = Arc::clone(&site.shared);
    match blocking(move || shared.read(&path)).await {
        Ok(Some(found)) => ([(header::ETAG, found.version)], found.bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(response) => response,
    }
}

/// Saves a file. The page says which version it knows, or that it knows of none.
async fn save(
    State(site): State<Site>,
    Path(path): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let known = match (headers.get(header::IF_MATCH), headers.get(header::IF_NONE_MATCH)) {
        (Some(version), None) => version.to_str().ok().map(str::to_owned),
        (None, Some(none)) if none == "*" => None,
        _ => return (StatusCode::BAD_REQUEST, "say which version of the file is known").into_response(),
    };
    let shared = Arc::clone(&site.shared);
    match blocking(move || shared.save(&path, &bytes, known.as_deref())).await {
        Ok(Some(version)) => (StatusCode::NO_CONTENT, [(header::ETAG, version)]).into_response(),
        Ok(None) => StatusCode::PRECONDITION_FAILED.into_response(),
        Err(response) => response,
    }
}

/// Removes a file of the version that the page knows.
async fn remove(State(site): State<Site>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(known) =
        headers.get(header::IF_MATCH).and_then(|version| version.to_str().ok()).map(str::to_owned)
    else {
        return (StatusCode::BAD_REQUEST, "say which version of the file is known").into_response();
    };
    let shared = Arc::clone(&site.shared);
    match blocking(move || shared.remove(&path, &known)).await {
        Ok(Removed::Done) => StatusCode::NO_CONTENT.into_response(),
        Ok(Removed::Missing) => StatusCode::NOT_FOUND.into_response(),
        Ok(Removed::Changed) => StatusCode::PRECONDITION_FAILED.into_response(),
        Err(response) => response,
    }
}

/// Files that have changed.
#[derive(Serialize)]
struct Changed {
    paths: Vec<String>,
}

/// The paths of files that change, a list for each change.
async fn changes(State(site): State<Site>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(site.shared.changes.subscribe());
    // The stream of a page that is too slow ends: the page asks again, and compares the whole folder.
    let events = changes.take_while(Result::is_ok).filter_map(|changed| {
        let data = serde_json::to_string(&Changed { paths: changed.ok()? }).ok()?;
        Some(Ok(Event::default().data(data)))
    });
    // The folder is watched already: what a page reads after this, it hears of if it changes.
    let begun = tokio_stream::once(Ok(Event::default().comment("")));
    Sse::new(begun.chain(events)).keep_alive(KeepAlive::default())
}

/// Works with files beside the server. An error is told to the page in words.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Response> {
    let result = tokio::task::spawn_blocking(work).await;
    let told = |text: String| (StatusCode::BAD_REQUEST, Body::from(text)).into_response();
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(failure)) => Err(told(strip_str(&failure_text(&failure)).to_string())),
        Err(error) => Err(told(error.to_string())),
    }
}
