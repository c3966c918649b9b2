//! The listener: it accepts, speaks TLS if told to, serves HTTP/1.1 within limits, and stops without cutting answers off.

use crate::dispatch::{Server, dispatch};
use crate::options::{Options, Tls};
use crate::refused::Bound;
use crate::route::Table;
use crate::{routes, tls};
use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use riposte_engine::Engine;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// How many headers a request may have; more is answered 431 by the HTTP library, without a body.
const HEADERS_MAX: usize = 200;

/// How long to wait when the system refuses to accept for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The address is reachable from other machines, and tokens would cross the network in clear.
    #[error(
        "refusing to listen on `{address}` without TLS: give `--tls auto`, a certificate, or say that it is meant"
    )]
    Insecure {
        /// The address.
        address: SocketAddr,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

/// Serves the engine until `shutdown` is ready, and then until open requests are answered, at most
/// [`Limits::shutdown_max`](crate::Limits). `ready` is called once with the server's URL when it accepts.
///
/// # Errors
///
/// The address cannot be bound, is not loopback while TLS is off and [`Options::insecure`] is not set, or the
/// certificate cannot be used.
pub async fn serve(
    engine: Engine,
    options: Options,
    ready: impl FnOnce(String),
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let address = options.listen;
    if options.tls == Tls::Off && !options.insecure && !address.ip().to_canonical().is_loopback() {
        return Err(Error::Insecure { address });
    }
    let acceptor = tls::acceptor(&options.tls, address.ip())?;
    let bind = |source| Error::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let local = listener.local_addr().map_err(bind)?;

    let limits = options.limits.clone();
    let server = Arc::new(Server {
        engine,
        options,
        table: Arc::new(Table::new(routes::table())),
        local,
        turns: Arc::new(Semaphore::new(limits.requests_max)),
        large_bodies: Arc::new(Semaphore::new(limits.large_bodies_max)),
        refusals: Bound::new(),
    });
    let router = Router::new().fallback(dispatch).with_state(Arc::clone(&server));
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    ready(format!("{scheme}://{local}"));

    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(limits.connections_max));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let stream = tokio::select! {
            stream = accept(&listener, &connections) => stream,
            () = &mut shutdown => break,
        };
        let Some((stream, peer, permit)) = stream else { continue };
        let router = router.clone().layer(axum::Extension(Peer(peer)));
        let (acceptor, watcher) = (acceptor.clone(), graceful.watcher());
        let idle_max = limits.idle_max;
        tokio::spawn(async move {
            match acceptor {
                None => connection(stream, router, idle_max, watcher).await,
                Some(acceptor) => encrypted(stream, &acceptor, router, idle_max, watcher).await,
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_max, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open when the server stopped");
    }
    Ok(())
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

type Permit = tokio::sync::OwnedSemaphorePermit;

/// The next connection, as soon as there is room for one.
async fn accept(listener: &TcpListener, connections: &Arc<Semaphore>) -> Option<(TcpStream, IpAddr, Permit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            let _ = stream.set_nodelay(true);
            Some((stream, peer.ip().to_canonical(), permit))
        }
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn encrypted(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    router: Router,
    idle_max: Duration,
    watcher: Watcher,
) {
    match tokio::time::timeout(idle_max, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => connection(stream, router, idle_max, watcher).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    idle_max: Duration,
    watcher: Watcher,
) {
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_max)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}
