//! What playbook runs cost, all durable with full synchronisation, beside what the disk and the store can do in the same
//! run of this program: runs a second at several loads, latency at a steady rate, and the time that an action takes.
//!
//! `five actions` are two variables, two Compose and a `ParseJson`, started by a request. `with a comment` has a comment
//! through the Sentinel connector in the place of one of them; it is started on an incident of its own, as a person would
//! start it. Both are counted when their end is on disk.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench fails by panicking")]

mod floor;
mod load;
mod setting;
mod steps;

use riposte_engine::Config;
use riposte_testing::Postgres;
use setting::Setting;
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for the bench can be made");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    println!("disk: {:.0} synchronised 4 KiB appends a second", floor::appends(&folder));
    runtime.block_on(async {
        let data = Some(folder.join("data"));
        measure("SQLite", Config { data, ..Config::default() }).await;
        floor::bare_loop(&folder).await;
        match Postgres::durable() {
            Some(server) => {
                let store = Some(server.database());
                measure("PostgreSQL", Config { data: Some(folder.join("key")), store, ..Config::default() })
                    .await;
            }
            None => println!("skipped: PostgreSQL is not installed"),
        }
    });
    println!("disk: {:.0} synchronised 4 KiB appends a second (again, after)", floor::appends(&folder));
    // The folder is scratch; what cannot be removed is left.
    let _ = std::fs::remove_dir_all(&folder);
}

async fn measure(store: &str, config: Config) {
    println!("over {store}:");
    let setting = Setting::new(config).await;
    for in_flight in [1, 16, 256] {
        load::saturated(&setting, "five actions", in_flight).await;
    }
    for in_flight in [16, 256] {
        load::with_comment(&setting, in_flight).await;
    }
    load::steady(&setting, 100).await;
    steps::sequence(&setting, 40).await;
    steps::turns(&setting, 10_000).await;
    setting.engine.shutdown().await;
}
