//! What the disk and the store can do without an engine: the distance to them is what counts.

use riposte_store::{ResourceKey, RunRow, Store};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long each figure is measured.
const MEASURE: Duration = Duration::from_secs(2);
/// Runs that a transaction of the bare loop writes.
const BATCH: u32 = 256;

/// What a log that is synchronised after each record could reach.
pub fn appends(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("appends")).expect("a file can be made");
    let block = [7_u8; 4096];
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&block).and_then(|()| file.sync_data()).expect("the disk takes data");
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// The rows that a run of five actions leaves, written in batches by nobody but a loop: the run as it began in one
/// transaction, its records and its end in the next. Taken from the runs that were measured before.
pub async fn bare_loop(folder: &Path) {
    let measured = Store::open(&folder.join("data")).expect("the store opens again");
    let five = ResourceKey::new(&crate::setting::id("five"));
    let (row, records) = measured
        .read(move |tx| {
            let row = tx.runs(&five, None, 1)?.into_iter().next().expect("runs were measured");
            let records = tx.run_records(&row.id)?;
            Ok((row, records))
        })
        .await
        .expect("a run can be read");
    drop(measured);
    let store = Store::open(&folder.join("bare")).expect("a store opens");
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < MEASURE {
        let (row, records, first) = (row.clone(), records.clone(), count);
        let ids = move || (first..first + BATCH).map(|number| format!("{number:031}"));
        let begun = row.clone();
        let add =
            move |id| RunRow { id, ended: None, outcome: None, status: "Running".into(), ..begun.clone() };
        let names = ids;
        store
            .write(move |tx| names().try_for_each(|id| tx.add_run(&add(id))))
            .await
            .expect("runs can be written");
        let (ended, outcome) = (row.ended.unwrap_or_default(), row.outcome.unwrap_or_default());
        store
            .write(move |tx| {
                let records = records.first().map(String::as_str);
                ids().try_for_each(|id| tx.end_run(&id, "Succeeded", ended, records, &outcome))
            })
            .await
            .expect("runs can be ended");
        count += BATCH;
    }
    println!(
        "a bare loop that writes the rows of such runs over SQLite, {BATCH} a transaction: {:.0} runs a second",
        f64::from(count) / began.elapsed().as_secs_f64()
    );
}
