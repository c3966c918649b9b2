//! `riposte up`.

use crate::process::{Folder, riposte};
use std::net::TcpListener;
use std::time::Instant;

#[test]
fn one_incident_is_answered_and_then_another() {
    let folder = Folder::new();
    let data = folder.path("data");
    for number in 1..=2 {
        let began = Instant::now();
        let done =
            riposte(["up", "--once", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]).expect(0);
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
        let wanted = [
            format!("incident {number} created"),
            "ruleMatched".to_owned(),
            "IncidentSeverity equals Medium (was Medium)".to_owned(),
            "severity Medium → High".to_owned(),
            "playbookTriggered".to_owned(),
            "Get_IP_report succeeded [0] in ".to_owned(),
            "commentAdded".to_owned(),
            "labels + malicious-ip".to_owned(),
            "playbookFinished".to_owned(),
            "203.0.113.66".to_owned(),
        ];
        let mut rest = done.out.as_str();
        for text in &wanted {
            let Some(at) = done.out.find(text.as_str()) else { panic!("`{text}` is not in\n{}", done.out) };
            rest = &done.out[at..];
        }
        assert!(!rest.is_empty());
        assert!(!done.out.contains('\u{1b}'), "no colours where nobody looks");
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = folder.path("data");
    let done = riposte(["up", "--once", "--listen", &address, "--data", data.to_str().unwrap()]).expect(1);
    assert!(done.err.contains(&format!("`{address}` is taken")), "{}", done.err);
    assert!(done.err.contains("--listen"), "{}", done.err);
    assert_eq!(done.out, "", "what is wrong is the first thing seen");
}
