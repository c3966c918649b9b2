//! Calls that are not let out.

use crate::server::{Names, Server, get};
use riposte_egress::{CallOptions, Egress, EgressError, EgressPolicy, Gate, LookUp};
use std::sync::Arc;

fn gate(allow: &[&str], names: &Arc<Names>) -> Gate {
    let allow: Vec<String> = allow.iter().map(|&rule| rule.to_owned()).collect();
    let names: Arc<dyn LookUp> = Arc::<Names>::clone(names);
    Gate::with_look_up(EgressPolicy::parse(&allow).unwrap(), &names).unwrap()
}

async fn code(gate: &Gate, url: String) -> Result<u16, &'static str> {
    gate.send(get(url), CallOptions::default())
        .await
        .map(|response| response.status)
        .map_err(|error| error.code())
}

#[tokio::test]
async fn loopback_is_denied_in_every_spelling() {
    let server = Server::start().await;
    let gate = Gate::new(EgressPolicy::default()).unwrap();
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
    ] {
        assert_eq!(code(&gate, server.url(host, "/")).await, Err("EgressDenied"), "{host}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_denied() {
    let server = Server::start().await;
    let names = Names::new(&[&["127.0.0.1"]]);
    let error = gate(&[], &names)
        .send(get(server.url("innocent.example", "/?key=s3cret")), CallOptions::default())
        .await
        .unwrap_err();
    let EgressError::Denied(denied) = &error else { unreachable!("{error:?}") };
    assert_eq!((denied.host.as_str(), denied.port), ("innocent.example", server.address.port()));
    assert_eq!(denied.address, Some("127.0.0.1".parse().unwrap()));
    assert!(!error.to_string().contains("s3cret"));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn names_and_addresses_are_allowed() {
    let server = Server::start().await;
    let port = server.address.port();
    let names = Names::new(&[&["127.0.0.1"]]);
    let rules = ["inner.example", "*.example", "127.0.0.0/8", "127.0.0.1"].map(str::to_owned).into_iter();
    for rule in rules.chain([format!("inner.example:{port}"), format!("127.0.0.1:{port}")]) {
        assert_eq!(code(&gate(&[&rule], &names), server.url("inner.example", "/")).await, Ok(200), "{rule}");
    }
    let other = port.wrapping_add(1).max(1);
    for rule in [format!("inner.example:{other}"), format!("127.0.0.1:{other}")] {
        assert_eq!(
            code(&gate(&[&rule], &names), server.url("inner.example", "/")).await,
            Err("EgressDenied"),
            "{rule}"
        );
    }
}

#[tokio::test]
async fn a_name_cannot_change_its_address_behind_the_check() {
    // The first call connects to an allowed address. The server closes; the name now stands for another one.
    let server = Server::start().await;
    let names = Names::new(&[&["127.0.0.1"], &["127.0.0.2"], &["10.0.0.1", "127.0.0.1"]]);
    let gate = gate(&["127.0.0.1"], &names);
    assert_eq!(code(&gate, server.url("rebind.example", "/")).await, Ok(200));
    assert_eq!(code(&gate, server.url("rebind.example", "/")).await, Err("EgressDenied"));
    // Of several addresses only those that may be called are.
    assert_eq!(code(&gate, server.url("rebind.example", "/")).await, Ok(200));
    assert_eq!((names.asked(), server.seen().len()), (3, 2));
}

#[tokio::test]
async fn a_name_does_not_open_a_metadata_service() {
    let names = Names::new(&[&["169.254.169.254"]]);
    let gate = gate(&["*.example"], &names);
    assert_eq!(code(&gate, "http://inner.example/latest/meta-data".to_owned()).await, Err("EgressDenied"));
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_denied() {
    let (server, inner) = (Server::start().await, Server::start().await);
    let names = Names::new(&[&["127.0.0.1"]]);
    let gate = gate(&[&server.address.to_string()], &names);
    for target in
        [inner.url("127.0.0.1", "/"), inner.url("inner.example", "/"), "http://169.254.169.254/".to_owned()]
    {
        let url = server.url("127.0.0.1", &format!("/redirect/302?{target}"));
        assert_eq!(code(&gate, url).await, Err("EgressDenied"), "{target}");
    }
    assert!(inner.seen().is_empty());
}

#[tokio::test]
async fn a_name_without_an_address() {
    for answers in [&[][..], &[&[][..]]] {
        let error = gate(&[], &Names::new(answers))
            .send(get("https://nowhere.example/".to_owned()), CallOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "UnresolvableHostName");
        assert_eq!(error.to_string(), "The provided host name 'nowhere.example' could not be resolved.");
    }
}

#[tokio::test]
async fn what_is_not_listed_is_not_even_looked_up() {
    let names = Names::new(&[&["93.184.216.34"]]);
    let look_up: Arc<dyn LookUp> = Arc::<Names>::clone(&names);
    let policy = EgressPolicy::parse(&["vendor.example".to_owned()]).unwrap().default_deny();
    let gate = Gate::with_look_up(policy, &look_up).unwrap();
    assert_eq!(code(&gate, "https://data-in-a-name.evil.example/".to_owned()).await, Err("EgressDenied"));
    assert_eq!(names.asked(), 0);
}
