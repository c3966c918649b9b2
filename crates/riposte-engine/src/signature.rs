//! Signatures of addresses that are permissions by themselves: HMAC-SHA256, in the alphabet of base64 that needs no
//! escape in an address.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A MAC takes a key of any length.
fn mac(key: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

/// The signature of a text.
pub(crate) fn sign(key: &[u8], text: &str) -> String {
    mac(key, text).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// Whether a signature is that of a text. Takes as long for a wrong one as for a right one.
pub(crate) fn is_signed(key: &[u8], text: &str, signature: &str) -> bool {
    let Ok(given) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    mac(key, text).is_some_and(|mac| mac.verify_slice(&given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, cases 1, 2 and 6.
    #[test]
    fn the_vectors_of_the_rfc() {
        let long = [0xaa; 131];
        for (key, text, signature) in [
            (&[0x0b; 20][..], "Hi There", "sDRMYdjbOFNcqK_OrwvxK4gdwgDJgz2nJuk3bC4yz_c"),
            (b"Jefe", "what do ya want for nothing?", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM"),
            (
                &long,
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "YOQxWR7gtn8Niiaqy_W3f44LxiE3KMUUBUYEDw7jf1Q",
            ),
        ] {
            assert_eq!(sign(key, text).len(), 43);
            assert_eq!(sign(key, text), signature, "{text}");
            assert!(is_signed(key, text, signature));
            assert!(!is_signed(key, "another text", signature));
            assert!(!is_signed(b"another key", text, signature));
            for other in ["", "%", "sDRMYdjbOFNcqK_OrwvxK4gdwgDJgz2nJuk3bC4yz_d", "sDRM"] {
                assert!(!is_signed(key, text, other), "{other}");
            }
        }
    }
}
