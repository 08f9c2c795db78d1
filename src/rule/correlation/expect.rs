//! `expect`: the groups whose empty windows are judged too, so that silence is found (RULES S9).

use crate::model::LookupVersion;
use crate::rule::keys::Keys;
use crate::rule::lookup::Lookups;
use crate::rule::selection::MissingTable;

/// Which groups are expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// Every group, from its first event on.
    Seen,
    /// The values of a lookup table in their order, from the first event of the rule's sources on.
    List(Vec<String>),
}

/// `expect` as written.
#[derive(Debug, Clone, Default)]
pub(super) struct WrittenExpect {
    pub(super) expect: Option<Expect>,
    /// The table behind it.
    pub(super) lookup: Option<LookupVersion>,
    /// It names a table that there is not.
    pub(super) missing: Option<MissingTable>,
}

/// Reads it.
pub(super) fn read(keys: &mut Keys<'_, '_>, lookups: &Lookups) -> WrittenExpect {
    let mut written = WrittenExpect::default();
    let Some(text) = keys.text("expect") else { return written };
    let place = keys.get("expect").map_or(keys.place, |node| node.place);
    if text == "seen" {
        written.expect = Some(Expect::Seen);
        return written;
    }
    let name = text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).filter(|name| !name.is_empty());
    let Some(name) = name else {
        let help = "write `seen`, or a lookup table such as '%endpoints%'".to_owned();
        keys.diagnostics.error(place, "unknown-value", format!("`expect: {text}` names no groups"), Some(help));
        return written;
    };
    match lookups.find(name) {
        Some(found) => {
            let mut values = found.values.to_vec();
            values.sort_unstable();
            values.dedup();
            written.expect = Some(Expect::List(values));
            written.lookup = Some(LookupVersion { name: found.table.to_owned(), version: found.version.to_owned() });
        }
        None => {
            written.expect = Some(Expect::List(Vec::new()));
            written.missing = Some(MissingTable { name: name.to_owned(), place, help: lookups.advise(name) });
        }
    }
    written
}
