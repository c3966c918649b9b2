//! A folder of SQLite belongs to one process.

use crate::place::Folder;
use riposte_store::{Error, ResourceKey, Store};

#[tokio::test]
async fn a_folder_has_one_owner_and_is_free_after_closing() {
    let folder = Folder::new("owner");
    let store = Store::open(&folder.0).unwrap();
    for (path, expected) in [(folder.0.clone(), 0o700), (folder.0.join("riposte.db"), 0o600)] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, expected, "{}", path.display());
    }
    let refused = Store::open(&folder.0).unwrap_err();
    assert!(matches!(refused, Error::InUse(_)), "{refused}");
    let waiting: Vec<_> = (0..50_i64)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.write(move |tx| tx.put_meta(&i.to_string(), "x")).await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    assert!(matches!(store.write(|tx| tx.put_meta("late", "x")).await, Err(Error::Closed)));
    let again = Store::open(&folder.0).unwrap();
    for (i, answer) in waiting.into_iter().enumerate() {
        let kept = again.read(move |tx| tx.meta(&i.to_string())).await.unwrap().is_some();
        assert_eq!(
            answer.await.unwrap().is_ok(),
            kept,
            "what was answered is there, what was refused is not"
        );
    }
}

#[test]
fn resource_keys_ignore_case_and_slashes() {
    let a = ResourceKey::new("/Subscriptions/S/resourceGroups/Group/providers/Microsoft.Logic/workflows/P/");
    let b = ResourceKey::new("subscriptions/s/resourcegroups/group/providers/microsoft.logic/workflows/p");
    assert_eq!(a, b);
    assert_eq!(a.resource_group(), Some(ResourceKey::new("/subscriptions/s/resourceGroups/group")));
    assert_eq!(a.name(), "p");
}
