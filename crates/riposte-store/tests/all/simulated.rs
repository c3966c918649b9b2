//! The simulated store keeps and tells what its plan says.

use riposte_store::{Commit, Disk, Error, Fate, Faults, Reading, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Plan {
    fate: Mutex<Fate>,
    is_dark: AtomicBool,
}

impl Faults for Plan {
    fn commit(&self) -> Commit {
        Commit { takes: Duration::ZERO, fate: *self.fate.lock().unwrap() }
    }

    fn read(&self) -> Reading {
        Reading { takes: Duration::ZERO, fails: false }
    }

    fn answer(&self) -> Duration {
        Duration::ZERO
    }

    fn power_lost(&self) {
        self.is_dark.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn the_simulated_store_keeps_and_tells_what_its_plan_says() {
    let disk = Disk::new().unwrap();
    for (number, (fate, kept, told)) in [
        (Fate::Kept, true, Some("Ok(())")),
        (Fate::Refused, false, Some("Err(Unreachable(\"simulated\"))")),
        (Fate::Failed, false, Some("Err(Database(\"simulated\"))")),
        (Fate::Unknown { kept: true }, true, Some("Err(Unknown)")),
        (Fate::Unknown { kept: false }, false, Some("Err(Unknown)")),
        (Fate::PowerLoss { kept: true }, true, None),
        (Fate::PowerLoss { kept: false }, false, None),
    ]
    .into_iter()
    .enumerate()
    {
        let plan = Arc::new(Plan { fate: Mutex::new(fate), is_dark: AtomicBool::new(false) });
        let store = Store::simulated(&disk, Arc::clone(&plan) as _);
        let key = format!("key {number}");
        let (first, second) = (key.clone(), format!("{key} too"));
        let both = async {
            tokio::join!(
                store.write(move |tx| tx.put_meta(&first, "here")),
                store.write(move |tx| tx.put_meta(&second, "here")),
                store.write(|_| Err::<(), _>(Error::Refused)),
            )
        };
        let answers = tokio::time::timeout(Duration::from_millis(50), both).await.ok();
        let shown = answers.as_ref().map(|(one, _, _)| format!("{one:?}"));
        assert_eq!(shown.as_deref(), told, "{fate:?}");
        if let Some((one, two, refused)) = answers {
            assert_eq!(format!("{one:?}"), format!("{two:?}"), "{fate:?}: one transaction");
            assert!(refused.is_err());
        }
        assert_eq!(plan.is_dark.load(Ordering::SeqCst), told.is_none());
        *plan.fate.lock().unwrap() = Fate::Kept;
        let next = Store::simulated(&disk, plan);
        for key in [key.clone(), format!("{key} too")] {
            let found = next.read(move |tx| tx.meta(&key)).await.unwrap();
            assert_eq!(found.is_some(), kept, "{fate:?}");
        }
    }
}
