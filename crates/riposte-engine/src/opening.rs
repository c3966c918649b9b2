//! Where an engine's data is, and the key that seals what is secret in it.

use crate::engine::Config;
use crate::error::{Error, Result};
use riposte_store::{Existing, SecretKey, Store};
use std::path::Path;

/// Where the store notes which key seals its secrets.
const KEY_MARK: &str = "secret-key-mark";
/// The key's file in the folder of the data.
const KEY_FILE: &str = "secret.key";

/// Opens the store that the configuration names, and finds or makes its key.
pub(crate) async fn open(config: &Config) -> Result<(Store, SecretKey)> {
    match (&config.store, &config.data) {
        (Some(url), data) => open_shared(url, data.as_deref(), config.secret_key.as_deref()).await,
        (None, Some(folder)) => {
            // The key comes first: data without a key would be taken for data whose key is lost.
            let secret = match &config.secret_key {
                Some(text) => SecretKey::from_hex(text)?,
                None => {
                    Store::make_folder(folder)?;
                    let existing = if Store::exists(folder) { Existing::Data } else { Existing::Nothing };
                    SecretKey::load_or_create(&folder.join(KEY_FILE), existing)?
                }
            };
            Ok((Store::open(folder)?, secret))
        }
        (None, None) => {
            let given = config.secret_key.as_deref().map(SecretKey::from_hex);
            let secret = given.unwrap_or_else(|| Ok(SecretKey::generate()?.0))?;
            Ok((Store::in_memory()?, secret))
        }
    }
}

/// A database that nodes share: all of them need the key of the first.
async fn open_shared(url: &str, folder: Option<&Path>, given: Option<&str>) -> Result<(Store, SecretKey)> {
    let store = Store::connect(url).await?;
    let existing = match store.read(|tx| tx.meta(KEY_MARK)).await? {
        Some(_) => Existing::Data,
        None => Existing::Nothing,
    };
    let secret = match (given, folder) {
        (Some(text), _) => SecretKey::from_hex(text)?,
        (None, Some(folder)) => {
            Store::make_folder(folder)?;
            SecretKey::load_or_create(&folder.join(KEY_FILE), existing)?
        }
        (None, None) => {
            let why = "a database needs a key for what is secret in it: give 64 hexadecimal digits in \
                       RIPOSTE_SECRET_KEY, the same on every node";
            return Err(Error::new(crate::ErrorKind::Unavailable, "DataUnusable", why));
        }
    };
    let mark = secret.mark()?;
    let kept = store
        .write(move |tx| match tx.meta(KEY_MARK)? {
            Some(kept) => Ok(kept),
            None => tx.put_meta(KEY_MARK, &mark).map(|()| mark),
        })
        .await?;
    if secret.is_mark(&kept) {
        return Ok((store, secret));
    }
    store.close().await;
    let why = "this database's secrets were sealed with another key: give every node the key of the first, as the \
               file secret.key of its data folder or in RIPOSTE_SECRET_KEY; if it is lost, delete the row \
               `secret-key-mark` of the table `meta` and enter the credentials of connections again";
    Err(Error::new(crate::ErrorKind::Unavailable, "DataUnusable", why))
}
