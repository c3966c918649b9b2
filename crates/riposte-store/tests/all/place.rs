//! The databases that the suite is run over.

use riposte_store::Store;
use riposte_testing::Postgres;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a test keeps its data.
pub enum Place {
    Sqlite(Folder),
    Postgres { server: Arc<Postgres>, url: String },
}

impl Place {
    pub fn sqlite(name: &str) -> Self {
        Self::Sqlite(Folder::new(name))
    }

    /// None, told, where PostgreSQL is not installed.
    pub fn postgres(_name: &str) -> Option<Self> {
        let server = Postgres::shared()?;
        let url = server.database();
        Some(Self::Postgres { server, url })
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.0.display()),
            Self::Postgres { url, .. } => url.clone(),
        }
    }

    pub async fn open(&self) -> Store {
        Store::connect(&self.url()).await.unwrap()
    }

    /// A store that is opened anew after an orderly end.
    pub async fn reopen(&self, store: Store) -> Store {
        store.close().await;
        drop(store);
        self.open().await
    }
}

/// A folder that goes with its test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("riposte-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Makes a test over each database of each function.
macro_rules! over_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $crate::place::over_one!(sqlite: $($name),+); }
        mod postgres { $crate::place::over_one!(postgres: $($name),+); }
    };
}
macro_rules! over_one {
    ($place:ident: $($name:ident),+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let place = $crate::place::Place::$place(stringify!($name));
            if let Some(place) = Option::<$crate::place::Place>::from(place) {
                super::$name(place).await;
            }
        })+
    };
}
pub(crate) use {over_both, over_one};
