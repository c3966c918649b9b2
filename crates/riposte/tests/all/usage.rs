//! Help, and wrong usage.

use crate::process::{Folder, riposte};

#[test]
fn every_command_helps_with_an_example() {
    let commands: &[&[&str]] = &[
        &["up"],
        &["serve"],
        &["simulate"],
        &["eval"],
        &["playbook", "check"],
        &["playbook", "run"],
        &["rule", "backtest"],
        &["rule", "check"],
        &["rule", "test"],
        &["import"],
        &["incident", "list"],
        &["incident", "show"],
        &["incident", "create"],
        &["alert", "create"],
        &["run", "list"],
        &["run", "show"],
        &["health", "list"],
        &["workspace", "list"],
        &["playbook", "list"],
        &["service-principal", "list"],
        &["service-principal", "create"],
        &["service-principal", "rotate"],
        &["service-principal", "remove"],
    ];
    for command in commands {
        let done = riposte(command.iter().chain(&["--help"])).expect(0);
        assert!(done.out.contains("Example"), "{command:?} shows no example");
        assert!(done.out.contains("  riposte "), "{command:?} shows no example");
        let epilogue = done.out.lines().skip_while(|line| !line.starts_with("Example"));
        for line in epilogue {
            assert!(line.chars().count() < 80, "{command:?} is too wide for a terminal: {line}");
        }
    }
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in [
        &["fly"][..],
        &["eval", "1", "--wings"],
        &["playbook", "check"],
        &["serve", "--store", "postgres://host/db"],
        &["serve", "--store", "mysql://host/db"],
        &["serve", "--tls", "sometimes"],
        &["serve", "--config", "/nowhere.toml"],
        &["up", "--listen", "0.0.0.0:0"],
        &["incident", "list", "--url", "not an address"],
        &["incident", "list"],
    ] {
        let done = riposte(arguments).expect(2);
        assert!(done.err.contains("error: "), "{arguments:?}: {}", done.err);
        assert_eq!(done.out, "", "{arguments:?}");
    }
}

#[test]
fn a_faulty_configuration_names_its_place() {
    let folder = Folder::new();
    for (name, text, wanted) in [
        ("typo", "[egress]\nalow = []\n", "typo.toml:2:1"),
        ("rule", "[egress]\nallow = [\"10.0.0.0/99\"]\n", "10.0.0.0/99"),
        ("broken", "[server\n", "broken.toml:1:"),
    ] {
        let file = folder.write(&format!("{name}.toml"), text);
        let done = riposte(["serve", "--config", file.to_str().unwrap()]).expect(2);
        assert!(done.err.contains(wanted), "{name}: {}", done.err);
    }
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let folder = Folder::new();
    let token = folder.write("token", "something-long-enough\n");
    let done =
        riposte(["incident", "list", "--url", "http://127.0.0.1:1", "--token-file", token.to_str().unwrap()]);
    let done = done.expect(1);
    assert!(done.err.contains("no connection to `http://127.0.0.1:1`"), "{}", done.err);
    assert!(done.err.contains("riposte serve"), "{}", done.err);
}
