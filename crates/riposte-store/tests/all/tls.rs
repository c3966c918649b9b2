//! Connections to the database are protected as `sslmode` says.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use riposte_store::{Error, Store};
use riposte_testing::Postgres;
use std::path::PathBuf;

/// A server that speaks TLS under the name `localhost`, and the file of its certificate.
fn server() -> Option<(Postgres, PathBuf)> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let server = Postgres::start_tls(&cert.pem(), &signing_key.serialize_pem())?;
    let roots = server.folder().join("server.crt");
    Some((server, roots))
}

#[tokio::test(flavor = "multi_thread")]
async fn sslmode_is_honoured() {
    let Some((server, roots)) = server() else { return };
    let other = generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem();
    let foreign = std::env::temp_dir().join(format!("riposte-foreign-{}.pem", std::process::id()));
    std::fs::write(&foreign, other).unwrap();
    let port = server.port().unwrap();
    let database = server.database().rsplit('/').next().unwrap().to_owned();
    let (roots, stranger) = (roots.display().to_string(), foreign.display().to_string());
    for (host, query, encrypted) in [
        ("localhost", "sslmode=disable".to_owned(), Some(false)),
        ("localhost", String::new(), Some(true)),
        ("localhost", "sslmode=prefer".to_owned(), Some(true)),
        ("127.0.0.1", "sslmode=require".to_owned(), Some(true)),
        ("localhost", format!("sslmode=verify-full&sslrootcert={roots}"), Some(true)),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={roots}"), Some(true)),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={roots}"), None),
        ("localhost", format!("sslmode=verify-ca&sslrootcert={stranger}"), None),
        ("localhost", format!("sslmode=require&sslrootcert={stranger}"), None),
        ("localhost", "sslmode=verify-full".to_owned(), None),
    ] {
        let url = format!("postgres://postgres@{host}:{port}/{database}?{query}");
        match (Store::connect(&url).await, encrypted) {
            (Err(Error::Unreachable(_)), None) => {}
            (Ok(store), Some(encrypted)) => {
                let sql = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                           WHERE application_name = 'riposte'";
                let seen = server.execute(&database, sql);
                assert_eq!(seen, [if encrypted { "t" } else { "f" }], "{host} {query}");
                store.close().await;
            }
            (answer, _) => panic!("{host} {query}: {answer:?}"),
        }
    }
    std::fs::remove_file(foreign).unwrap();
    let refused = Store::connect("postgres://localhost/d?sslmode=verify-full&sslrootcert=/nowhere").await;
    assert!(matches!(refused, Err(Error::Address(_))), "{refused:?}");
}

/// The password comes from the URL or from a file that nobody else may read, and a wrong one is refused.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_come_from_the_url_or_a_file() {
    let Some(server) = Postgres::start(&["password_encryption=scram-sha-256"]) else { return };
    let database = server.database().rsplit('/').next().unwrap().to_owned();
    let port = server.port().unwrap();
    server.execute(&database, "CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'open: sesame'");
    std::fs::write(
        server.folder().join("pg_hba.conf"),
        "local all postgres trust\nhost all all all scram-sha-256\n",
    )
    .unwrap();
    server.execute(&database, "SELECT pg_reload_conf()");
    let at = |user: &str, query: &str| format!("postgres://{user}@127.0.0.1:{port}/{database}?{query}");
    Store::connect(&at("guarded:open%3A%20sesame", "")).await.unwrap().close().await;
    let told = Store::connect(&at("guarded:hunter2", "")).await.unwrap_err().to_string();
    assert!(told.contains("password authentication failed") && !told.contains("hunter2"), "{told}");
    let file = std::env::temp_dir().join(format!("riposte-passfile-{}", std::process::id()));
    std::fs::write(&file, format!("*:{port}:{database}:guarded:open\\: sesame\n")).unwrap();
    let url = at("guarded", &format!("passfile={}", file.display()));
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let told = Store::connect(&url).await.unwrap_err().to_string();
    assert!(told.contains("chmod 600"), "{told}");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    Store::connect(&url).await.unwrap().close().await;
    std::fs::remove_file(file).unwrap();
}
