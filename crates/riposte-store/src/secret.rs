//! Secrets at rest: XChaCha20-Poly1305 with a random nonce for each sealing; the place where a secret is kept is
//! authenticated with it, so that a sealed secret moved to another row does not open.

use crate::{Error, Result};
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use std::fmt::Write as _;
use std::path::Path;

const NONCE_BYTES: usize = 24;
/// What is sealed to make a key's mark, and where.
const MARK: &str = "secret-key-mark";

/// The key that seals what connections hold in credentials.
#[derive(Clone)]
pub struct SecretKey(XChaCha20Poly1305);

/// Whether there is data that was sealed with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// There is.
    Data,
    /// There is none: this is the first start.
    Nothing,
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    /// A key from 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self> {
        let text = text.trim();
        let bytes: Option<Vec<u8>> = (0..text.len())
            .step_by(2)
            .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let key = bytes
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .ok_or_else(|| Error::Secret("a key is 64 hexadecimal digits".into()))?;
        Ok(Self(XChaCha20Poly1305::new(&Key::from(key))))
    }

    /// A new random key, with its text.
    pub fn generate() -> Result<(Self, String)> {
        let key = Key::try_generate().map_err(|error| Error::Secret(format!("no randomness: {error}")))?;
        let mut text = String::with_capacity(64);
        for byte in key {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok((Self(XChaCha20Poly1305::new(&key)), text))
    }

    /// The key in a file of mode 600. One that others may read is refused. One that is not there is made, unless
    /// `existing` says that there is data which was sealed with it.
    pub fn load_or_create(path: &Path, existing: Existing) -> Result<Self> {
        let fail = |error: std::io::Error| Error::Secret(format!("`{}`: {error}", path.display()));
        match std::fs::read_to_string(path) {
            Ok(text) => {
                refuse_open_file(path).map_err(fail)?;
                Self::from_hex(&text)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && existing == Existing::Data => {
                Err(Error::Secret(format!(
                    "`{}` is missing, and the data was sealed with it: put it back, or give a new key (64 hexadecimal \
                     digits) in RIPOSTE_SECRET_KEY and enter the credentials of connections again",
                    path.display()
                )))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let (key, text) = Self::generate()?;
                write_private(path, &text).map_err(fail)?;
                Ok(key)
            }
            Err(error) => Err(fail(error)),
        }
    }

    /// Seals a secret that is kept at `place`.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let nonce =
            XNonce::try_generate().map_err(|error| Error::Secret(format!("no randomness: {error}")))?;
        let sealed = self
            .0
            .encrypt(&nonce, Payload { msg: secret, aad: place.as_bytes() })
            .map_err(|_| Error::Secret("sealing failed".into()))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Self::seal`] made for the same place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let wrong = || Error::Secret(format!("the secret of `{place}` does not open with this key"));
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(wrong)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| wrong())?;
        self.0
            .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: place.as_bytes() })
            .map_err(|_| wrong())
    }
}

impl SecretKey {
    /// A key of its own for another purpose, the same each time; it gives nothing away of this one.
    pub fn derive(&self, purpose: &str) -> Result<[u8; 32]> {
        let mut place = [0_u8; NONCE_BYTES];
        place.iter_mut().zip(purpose.bytes()).for_each(|(place, byte)| *place = byte);
        // The cipher's output at a nonce that no sealing draws by chance.
        let stream = self
            .0
            .encrypt(&XNonce::from(place), Payload { msg: &[0; 32], aad: purpose.as_bytes() })
            .map_err(|_| Error::Secret("a key cannot be derived".into()))?;
        let key = stream.first_chunk().ok_or_else(|| Error::Secret("a key cannot be derived".into()))?;
        Ok(*key)
    }

    /// A text that tells this key from others and gives nothing of it away.
    pub fn mark(&self) -> Result<String> {
        let mut text = String::new();
        for byte in self.seal(MARK, MARK.as_bytes())? {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    }

    /// Whether a text is this key's mark.
    pub fn is_mark(&self, text: &str) -> bool {
        let pairs = (0..text.len()).step_by(2).map(|at| text.get(at..at + 2));
        let bytes: Option<Vec<u8>> =
            pairs.map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect();
        bytes.is_some_and(|sealed| self.open(MARK, &sealed).is_ok())
    }
}

/// Writes a file that only its owner may read, and puts it on disk before it returns.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn refuse_open_file(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(std::io::Error::other(format!(
                "others may read it (mode {:03o}): chmod 600",
                mode & 0o777
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Existing, SecretKey};

    #[test]
    fn a_secret_opens_at_its_place_only() {
        let (key, text) = SecretKey::generate().unwrap();
        let sealed = key.seal("/connections/a", b"api key").unwrap();
        assert!(!sealed.windows(7).any(|w| w == b"api key"));
        let again = SecretKey::from_hex(&text).unwrap();
        assert_eq!(again.open("/connections/a", &sealed).unwrap(), b"api key");
        assert!(again.open("/connections/b", &sealed).is_err());
        let mark = key.mark().unwrap();
        assert!(again.is_mark(&mark) && !SecretKey::generate().unwrap().0.is_mark(&mark));
        assert!(!again.is_mark("no mark"));
        let mut changed = sealed;
        *changed.last_mut().unwrap() ^= 1;
        assert!(again.open("/connections/a", &changed).is_err());
        assert!(again.open("/connections/a", &[1, 2, 3]).is_err());
    }

    #[test]
    fn the_key_file_is_private() {
        let folder = std::env::temp_dir().join(format!("riposte-secret-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("secret.key");
        let first = SecretKey::load_or_create(&path, Existing::Nothing).unwrap();
        let sealed = first.seal("x", b"y").unwrap();
        assert_eq!(
            SecretKey::load_or_create(&path, Existing::Data).unwrap().open("x", &sealed).unwrap(),
            b"y"
        );
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let refused = SecretKey::load_or_create(&path, Existing::Data).unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
        std::fs::remove_file(&path).unwrap();
        let refused = SecretKey::load_or_create(&path, Existing::Data).unwrap_err().to_string();
        assert!(refused.contains("is missing") && !path.exists(), "{refused}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
