//! The clients that people have: Azure's own libraries for Python and JavaScript, and msticpy, drive a real server.
//!
//! Each library lives in an environment of its own below `target/clients`, installed once by `pip` and `npm` and kept.
//! Where Python, Node or the network is absent the test says so and passes. The drivers lie beside this file; each signs
//! in with a service principal of its own, calls the operations that recorded requests of these libraries show, and says
//! how many calls it made.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod environment;
mod server;

use environment::{Environment, node, python};
use server::Server;
use std::path::Path;

/// Runs a driver in an environment, and answers how many calls it made; `None` where there is no environment.
fn drive(environment: Option<Environment>, server: &Server, script: &str) -> Option<u32> {
    let environment = environment?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let output = environment
        .command(&script)
        .env("RIPOSTE_URL", &server.url)
        .env("RIPOSTE_TOKEN", server.token())
        .env("RIPOSTE_CA", server.authority().unwrap_or_default())
        .env("NODE_EXTRA_CA_CERTS", server.authority().unwrap_or_default())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}:\n{out}\n{err}", script.display());
    println!("{}: {}", script.display(), out.trim());
    let last = out.lines().last().unwrap_or_default();
    Some(
        last.strip_suffix(" calls")
            .and_then(|number| number.parse().ok())
            .expect("the driver counts its calls"),
    )
}

fn sentinel(version: &str, logic: &str) {
    let packages = [
        format!("azure-mgmt-securityinsight=={version}"),
        format!("azure-mgmt-logic=={logic}"),
        "azure-identity==1.27.0".to_owned(),
        // Undeclared by azure-mgmt-logic 10.0.0.
        "six".to_owned(),
    ];
    let server = Server::start("auto");
    let environment = || python(&format!("securityinsight-{version}"), &packages);
    drive(environment(), &server, "python/sentinel.py");
    drive(environment(), &server, "python/logic.py");
}

#[test]
fn azure_mgmt_securityinsight_1_0_0() {
    sentinel("1.0.0", "10.0.0");
}

#[test]
fn azure_mgmt_securityinsight_2_0_0b2() {
    sentinel("2.0.0b2", "10.0.0");
}

#[test]
fn azure_mgmt_securityinsight_2_0_0b4() {
    sentinel("2.0.0b4", "10.1.0b1");
}

#[test]
fn msticpy() {
    let server = Server::start("off");
    drive(python("msticpy", &["msticpy[azure]==3.0.2".to_owned()]), &server, "python/notebooks.py");
}

#[test]
fn azure_for_javascript() {
    let server = Server::start("auto");
    drive(node(), &server, "node/clients.mjs");
}
