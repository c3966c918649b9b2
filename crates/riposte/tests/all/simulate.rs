//! `riposte simulate`.

use crate::process::{Folder, command};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

fn ask(address: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_vendor_answers_and_writes_calls_down() {
    let folder = Folder::new();
    let log = folder.path("calls.jsonl");
    let mut child = command()
        .args(["simulate", "--listen", "127.0.0.1:0", "--log"])
        .arg(&log)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    let path = "/api/v3/ip_addresses/203.0.113.7";
    let refused = ask(&address, path, "");
    let answered = ask(&address, path, "x-apikey: any\r\n");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    assert!(answered.starts_with("HTTP/1.1 200") && answered.contains("last_analysis_stats"), "{answered}");
    let calls = std::fs::read_to_string(&log).unwrap();
    assert_eq!(calls.lines().filter(|line| line.contains(path)).count(), 2, "{calls}");
}
