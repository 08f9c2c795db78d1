//! `related`: other rules by id, and how they are related. Checked, and not used.

use crate::rule::diagnostic::Diagnostics;
use crate::rule::keys::Keys;
use crate::rule::yaml::Node;

/// The last two are other spellings that are in use.
const TYPES: [&str; 7] = ["derived", "obsolete", "merged", "renamed", "similar", "obsoletes", "correlation"];

/// Checks the list if it is there.
pub(super) fn check(keys: &mut Keys<'_, '_>) {
    let Some(node) = keys.get("related").filter(|node| !node.is_null()) else { return };
    let Some(items) = node.sequence() else {
        keys.wrong(node.place, "related", "a list of maps", node.kind());
        return;
    };
    for item in items {
        check_item(item, keys.diagnostics);
    }
}

fn check_item(item: &Node, diagnostics: &mut Diagnostics) {
    let Some(mut keys) = Keys::of(item, "an entry of `related`", diagnostics) else { return };
    let types = TYPES.map(|name| (name, ()));
    let _ = (keys.text("id"), keys.word("type", &types));
    for needed in ["id", "type"] {
        if keys.get(needed).is_none() {
            let help = "write `- {id: …, type: similar}`".to_owned();
            let message = format!("an entry of `related` needs `{needed}`");
            keys.diagnostics.error(item.place, "incomplete-relation", message, Some(help));
        }
    }
}
