//! Hosts of URIs: names, and addresses in the one form in which .NET writes them.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The host and the port; an IPv6 address keeps its brackets.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<i64>)> {
    let bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority.get(bracket..)?.find(':').map(|at| at + bracket) else {
        return Some((authority, None));
    };
    let (host, port) = (authority.get(..colon)?, authority.get(colon + 1..)?);
    match port {
        "" => Some((host, None)),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            let port = digits.parse::<i64>().ok().filter(|port| *port <= 65_535)?;
            Some((host, Some(port)))
        }
        _ => None,
    }
}

/// A host as .NET gives it back; `None` if it is none.
pub(super) fn normal(host: &str, numeric: bool) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        // What follows the percent sign is the zone, which is no part of the name.
        let address = address.split_once('%').map_or(address, |(address, _)| address);
        return address.parse().ok().map(|address| format!("[{}]", version_6(&address)));
    }
    if let Some(address) = numeric.then(|| version_4(host)).flatten() {
        return Some(address.to_string());
    }
    let known = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.') || is_other(c);
    let labelled = !host.is_empty() && !host.starts_with('.') && !host.contains("..");
    (labelled && host.chars().all(known)).then(|| host.to_lowercase())
}

/// Whether a character is neither ASCII nor a control or a blank: names may be of any language.
fn is_other(c: char) -> bool {
    !c.is_ascii() && !c.is_control() && !c.is_whitespace()
}

/// One to four numbers, decimal, octal or hexadecimal; the last fills what the others leave.
fn version_4(host: &str) -> Option<Ipv4Addr> {
    let numbers = host.split('.').map(number).collect::<Option<Vec<u64>>>()?;
    let (last, firsts) = numbers.split_last()?;
    let rest = 4_usize.checked_sub(firsts.len()).filter(|rest| *rest > 0)?;
    let mut address = u32::try_from(*last).ok()?;
    if rest < 4 && *last >= 1 << (8 * rest) {
        return None;
    }
    for (at, number) in firsts.iter().enumerate() {
        address |= u32::from(u8::try_from(*number).ok()?) << (24 - 8 * at);
    }
    Some(Ipv4Addr::from(address))
}

fn number(text: &str) -> Option<u64> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // `from_str_radix` would take a sign.
    if digits.chars().all(|c| c.is_digit(radix)) { u64::from_str_radix(digits, radix).ok() } else { None }
}

/// The longest run of two or more zeros is left out, the first of several; some kinds end in a version 4 address.
fn version_6(address: &Ipv6Addr) -> String {
    let groups = address.segments();
    let embeds = match groups {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, _] | [0, 0, 0, 0, 0xffff, 0, high, _] => high != 0,
        [_, _, _, _, 0, 0x5efe, _, _] => true,
        _ => false,
    };
    let (hexadecimal, version_4) =
        groups.split_at_checked(if embeds { 6 } else { 8 }).unwrap_or((&groups, &[]));
    let (mut from, mut length) = (0, 1);
    for start in 0..hexadecimal.len() {
        let run = hexadecimal.iter().skip(start).take_while(|group| **group == 0).count();
        if run > length {
            (from, length) = (start, run);
        }
    }
    let mut out = String::new();
    for (at, group) in hexadecimal.iter().enumerate() {
        if length > 1 && at == from {
            out.push_str("::");
        } else if length == 1 || at < from || at >= from + length {
            if !out.is_empty() && !out.ends_with(':') {
                out.push(':');
            }
            // Writing to a String cannot fail.
            let _ = write!(out, "{group:x}");
        }
    }
    if let [high, low] = version_4 {
        if !out.ends_with(':') {
            out.push(':');
        }
        let _ = write!(out, "{}", Ipv4Addr::from(u32::from(*high) << 16 | u32::from(*low)));
    }
    out
}
