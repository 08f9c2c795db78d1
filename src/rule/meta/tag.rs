//! `tags`: a namespace, a dot and a value, all in lower case.

use crate::rule::keys::Keys;

/// Checks all tags. One without a namespace says nothing and is refused; one of another spelling is a warning.
pub(super) fn check(keys: &mut Keys<'_, '_>) {
    for (tag, place) in keys.texts("tags") {
        let parts = tag.split_once('.').filter(|(namespace, value)| !namespace.is_empty() && !value.is_empty());
        let Some((namespace, value)) = parts else {
            let help = "write a namespace and a value, such as attack.t1059".to_owned();
            keys.diagnostics.error(place, "bad-tag", format!("the tag `{tag}` has no namespace"), Some(help));
            continue;
        };
        let is_plain = |text: &str, dots: bool| {
            text.bytes().all(|byte| {
                byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || matches!(byte, b'_' | b'-')
                    || (dots && byte == b'.')
            })
        };
        if !is_plain(namespace, false) || !is_plain(value, true) {
            let message = format!("the tag `{tag}` has other characters than a-z, 0-9, `_`, `-` and `.`");
            keys.diagnostics.warning(place, "tag-spelling", message, None);
        }
    }
}
