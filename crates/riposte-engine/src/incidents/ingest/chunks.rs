//! Which alerts of a request are written together.

use super::incoming::Incoming;
use std::collections::BTreeMap;

/// Alerts in one transaction: more of them would hold up everybody else's changes.
const CHUNK: usize = 200;
/// So many go into one transaction if they may fall into one incident.
const CHUNK_MAX: usize = 2000;

/// Puts alerts into chunks. Those of one group go into one chunk, and so do those with the same id, in their order; so
/// an incident that is made of several alerts is made with all of them, and which of two equal ones comes first stays.
pub(super) fn chunked(alerts: Vec<(usize, Incoming)>) -> Vec<Vec<(usize, Incoming)>> {
    let keys = alerts.iter().map(|(_, alert)| {
        let group = alert.group.as_ref().map(|group| (group.rule.clone(), group.key.clone()));
        (alert.id.clone(), group)
    });
    let parcels = parcels(keys);
    let mut gathered: Vec<Vec<(usize, Incoming)>> = Vec::new();
    for (alert, parcel) in alerts.into_iter().zip(parcels) {
        if gathered.len() <= parcel {
            gathered.resize_with(parcel + 1, Vec::new);
        }
        if let Some(into) = gathered.get_mut(parcel) {
            into.push(alert);
        }
    }
    let mut chunks: Vec<Vec<(usize, Incoming)>> = Vec::new();
    for parcel in gathered {
        match chunks.last_mut() {
            Some(last) if last.len() < CHUNK && last.len() + parcel.len() <= CHUNK_MAX => last.extend(parcel),
            _ => chunks.push(parcel),
        }
    }
    chunks
}

/// What must stay together, in the order of the first of each: the number of its parcel for each alert.
fn parcels<G: Ord>(keys: impl Iterator<Item = (String, Option<G>)>) -> Vec<usize> {
    let (mut by_id, mut by_group) = (BTreeMap::new(), BTreeMap::new());
    let mut parcels: Vec<usize> = Vec::new();
    let mut sizes: Vec<usize> = Vec::new();
    for (id, group) in keys {
        let known = by_id.get(&id).copied();
        let parcel = known.or_else(|| group.as_ref().and_then(|group| by_group.get(group).copied()));
        let parcel = parcel.filter(|parcel| sizes.get(*parcel).is_some_and(|size| *size < CHUNK_MAX));
        let parcel = parcel.unwrap_or_else(|| {
            sizes.push(0);
            sizes.len() - 1
        });
        if let Some(size) = sizes.get_mut(parcel) {
            *size += 1;
        }
        by_id.insert(id, parcel);
        // What came with a known id may be of another group, whose parcel stays where it is.
        if let (Some(group), None) = (group, known) {
            by_group.insert(group, parcel);
        }
        parcels.push(parcel);
    }
    parcels
}

#[cfg(test)]
mod tests {
    use super::{CHUNK_MAX, parcels};

    #[test]
    fn groups_and_ids_stay_together() {
        let of =
            |keys: &[(&str, Option<u8>)]| parcels(keys.iter().map(|(id, group)| ((*id).to_owned(), *group)));
        assert_eq!(of(&[("a", None), ("b", None), ("a", None)]), [0, 1, 0]);
        assert_eq!(of(&[("a", Some(1)), ("b", Some(2)), ("c", Some(1)), ("d", None)]), [0, 1, 0, 2]);
        // The second `a` says another group; it is the first one's all the same, and the group begins where it did.
        assert_eq!(of(&[("a", Some(1)), ("a", Some(2)), ("b", Some(2)), ("c", Some(2))]), [0, 0, 1, 1]);
        let many: Vec<usize> = parcels((0..=CHUNK_MAX).map(|n| (n.to_string(), Some(1))));
        assert_eq!((many[CHUNK_MAX - 1], many[CHUNK_MAX]), (0, 1), "the largest group is split");
    }
}
