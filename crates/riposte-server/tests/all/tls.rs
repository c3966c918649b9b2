//! TLS with an authority of one's own, and with files.

use crate::client::{Client, Reply, exchange};
use crate::harness::{OWNER_TOKEN, Server};
use riposte_server::{Options, Tls};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

async fn start(tls: Tls) -> Server {
    Server::start_with(Options { tls, ..Options::new(([127, 0, 0, 1], 0).into()) }).await
}

/// A GET by a client that trusts this authority alone.
async fn get(address: SocketAddr, authority: &Path, name: &str, target: &str) -> std::io::Result<Reply> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let client = Client { address, token: Some(OWNER_TOKEN.into()) };
    let head = client.head("GET", target, &[], None);
    Ok(exchange(stream, head.as_bytes(), b"").await)
}

#[tokio::test]
async fn an_authority_is_made_once_and_clients_can_trust_it() {
    let folder = folder("auto");
    let authority = folder.join("ca.pem");
    let server = start(Tls::Auto { folder: folder.clone() }).await;
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    for name in ["127.0.0.1", "localhost"] {
        get(server.address, &authority, name, "/api/workspaces").await.unwrap().expect(200);
    }
    assert!(get(server.address, &authority, "elsewhere.example", "/healthz").await.is_err());
    let cloud = get(server.address, &authority, "localhost", "/metadata/endpoints").await.unwrap();
    assert_eq!(cloud.text(&["resourceManager"]), format!("{}/", server.url));
    // Plain HTTP gets no answer here.
    let plain = TcpStream::connect(server.address).await.unwrap();
    plain.try_write(b"GET /healthz HTTP/1.1\r\n\r\n").ok();
    let first = std::fs::read_to_string(&authority).unwrap();
    server.stop().await;

    let server = start(Tls::Auto { folder: folder.clone() }).await;
    assert_eq!(std::fs::read_to_string(&authority).unwrap(), first, "the authority stays");
    get(server.address, &authority, "localhost", "/healthz").await.unwrap().expect(200);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.join("ca.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn certificates_from_files() {
    let folder = folder("files");
    std::fs::create_dir_all(&folder).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let server = start(Tls::Files { cert: cert.clone(), key: key.clone() }).await;
    get(server.address, &cert, "localhost", "/healthz").await.unwrap().expect(200);
    // With TLS it may listen for other machines.
    let everywhere = Options { tls: Tls::Files { cert, key }, ..Options::new(([0, 0, 0, 0], 0).into()) };
    Server::start_with(everywhere).await.stop().await;
}

#[tokio::test]
async fn a_missing_or_false_file_is_named() {
    let folder = folder("bad");
    std::fs::create_dir_all(&folder).unwrap();
    let empty = folder.join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    for cert in [folder.join("absent.pem"), empty] {
        let options = Options {
            tls: Tls::Files { cert: cert.clone(), key: cert.clone() },
            ..Options::new(([127, 0, 0, 1], 0).into())
        };
        let engine = riposte_engine::Engine::open(riposte_engine::Config::default()).await.unwrap();
        let error = riposte_server::serve(engine, options, |_| {}, std::future::pending()).await.unwrap_err();
        assert!(error.to_string().contains(&cert.display().to_string()), "{error}");
    }
}
