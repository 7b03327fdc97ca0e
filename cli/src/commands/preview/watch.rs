//! Looks for files that change, and tells the pages.

use std::sync::Arc;
use std::time::Duration;

use super::shared::{Seen, Shared};

/// How often the folder is looked at. Its files are few: a look costs less than a subscription that differs on each system.
const EVERY: Duration = Duration::from_millis(500);

/// Tells the pages which files have changed, until the server ends.
pub(super) async fn watch(shared: Arc<Shared>) {
    let mut before = shared.seen();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = shared.seen();
        let changed = changed(&before, &now);
        if !changed.is_empty() {
            // Nobody listening is fine.
            let _ = shared.changes.send(changed);
        }
        before = now;
    }
}

/// Returns the paths that were added, changed or removed, in order.
fn changed(before: &Seen, now: &Seen) -> Vec<String> {
    let mut paths: Vec<String> =
        now.iter().filter(|(path, of)| before.get(*path) != Some(of)).map(|(path, _)| path.clone()).collect();
    paths.extend(before.keys().filter(|path| !now.contains_key(*path)).cloned());
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_changed_and_removed_files_are_told_in_order() {
        let seen = |of: &[(&str, u64)]| {
            of.iter().map(|(path, length)| ((*path).to_owned(), (*length, None))).collect()
        };
        let (before, now): (Seen, Seen) =
            (seen(&[("a", 1), ("b", 1), ("c", 1)]), seen(&[("a", 1), ("c", 2), ("d", 1)]));
        assert_eq!(changed(&before, &now), ["b", "c", "d"]);
    }
}
