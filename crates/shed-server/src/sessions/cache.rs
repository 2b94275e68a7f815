//! Lists written down as JSON, so that asking often costs little: nothing is written anew until something changes.

use std::sync::Mutex;

use bytes::Bytes;

use super::SessionFilter;
use crate::app::locked;

/// How many different lists are kept; dashboards and scripts ask for the same few.
const KEPT: usize = 16;

/// The JSON of lists, each of one version of the view.
#[derive(Debug, Default)]
pub(crate) struct ListCache {
    lists: Mutex<Vec<(SessionFilter, u64, Bytes)>>,
}

impl ListCache {
    /// The list of that version, if it was written down.
    pub(crate) fn get(&self, filter: &SessionFilter, version: u64) -> Option<Bytes> {
        let lists = locked(&self.lists);
        lists.iter().find(|(of, at, _)| *at == version && of == filter).map(|(_, _, json)| json.clone())
    }

    /// Keeps a list.
    pub(crate) fn put(&self, filter: &SessionFilter, version: u64, json: Bytes) {
        let mut lists = locked(&self.lists);
        lists.retain(|(of, at, _)| *at == version && of != filter);
        if lists.len() >= KEPT {
            lists.remove(0);
        }
        lists.push((filter.clone(), version, json));
    }
}
