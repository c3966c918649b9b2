//! Names made from values: `uniqueString()` and `guid()`, equal to Azure's.

use std::fmt::Write as _;
use uuid::Uuid;

/// The namespace of Azure's `guid()`.
const GUID_NAMESPACE: Uuid = Uuid::from_u128(0x11fb_06fb_712d_4ddd_98c7_e71b_bd58_8830);

/// `guid(…)`: a version 5 UUID of the texts joined by hyphens.
pub fn guid<T: AsRef<str>>(texts: &[T]) -> String {
    Uuid::new_v5(&GUID_NAMESPACE, joined(texts).as_bytes()).to_string()
}

/// `uniqueString(…)`: 13 letters and digits from a 64-bit hash of the texts joined by hyphens.
///
/// The hash is a Murmur variant of two 32-bit lanes; two published outputs of the service are tested below.
pub fn unique_string<T: AsRef<str>>(texts: &[T]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut rest = murmur(joined(texts).as_bytes());
    let mut out = String::with_capacity(13);
    for _ in 0..13 {
        let digit = usize::try_from(rest >> 59).unwrap_or_default();
        out.push(ALPHABET.get(digit).map_or('a', |b| char::from(*b)));
        rest <<= 5;
    }
    out
}

fn joined<T: AsRef<str>>(texts: &[T]) -> String {
    let mut out = String::new();
    for (index, text) in texts.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}{}", if index > 0 { "-" } else { "" }, text.as_ref());
    }
    out
}

const C1: u32 = 0x239b_961b;
const C2: u32 = 0xab0e_9789;

fn murmur(data: &[u8]) -> u64 {
    let (mut low, mut high) = (0_u32, 0_u32);
    let mut blocks = data.chunks_exact(8);
    for block in &mut blocks {
        let (first, second) = lanes(block);
        low ^= mix_low(first);
        low = low.rotate_left(19).wrapping_add(high).wrapping_mul(5).wrapping_add(0x561c_cd1b);
        high ^= mix_high(second);
        high = high.rotate_left(13).wrapping_add(low).wrapping_mul(5).wrapping_add(0x0bca_a747);
    }
    let tail = blocks.remainder();
    let (first, second) = lanes(tail);
    if !tail.is_empty() {
        low ^= mix_low(first);
    }
    if tail.len() > 4 {
        high ^= mix_high(second);
    }
    // The length enters as 32 bits.
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    low ^= length;
    high ^= length;
    low = low.wrapping_add(high);
    high = high.wrapping_add(low);
    low = finish(low);
    high = finish(high);
    low = low.wrapping_add(high);
    high = high.wrapping_add(low);
    (u64::from(high) << 32) | u64::from(low)
}

/// Up to eight bytes as two little-endian numbers.
fn lanes(bytes: &[u8]) -> (u32, u32) {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    let (first, second) = bytes.split_at(bytes.len().min(4));
    (number(first), number(second))
}

const fn mix_low(lane: u32) -> u32 {
    lane.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2)
}

const fn mix_high(lane: u32) -> u32 {
    lane.wrapping_mul(C2).rotate_left(17).wrapping_mul(C1)
}

const fn finish(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::{guid, unique_string};

    #[test]
    fn unique_strings_are_those_of_the_service() {
        assert_eq!(unique_string(&["tyeth"]), "zcztcwvu6iyg6");
        assert_eq!(unique_string(&["hello", "world"]), "a7wkljktk6wne");
        assert_eq!(unique_string(&["hello-world"]), "a7wkljktk6wne");
        assert_eq!(unique_string(&[""]).len(), 13);
    }

    #[test]
    fn guids_are_version_5() {
        assert_eq!(guid(&["a", "b"]), guid(&["a-b"]));
        assert_eq!(guid(&["a"]).get(14..15), Some("5"));
    }
}
