//! Text from outside in a message of Slack, Mattermost or Rocket.Chat: it mentions nobody, makes no link that hides where it leads,
//! and keeps within a bound.

/// A character that is not seen, and that parts what would be read together.
const APART: char = '\u{200b}';

/// The text, escaped as Slack asks for it (`&`, `<`, `>`), with mentions and links of Markdown taken apart, in at most `limit` characters
/// of the result, the last of which is `…` if it was cut.
pub(super) fn escaped(text: &str, limit: usize) -> String {
    let mut kept = String::new();
    let mut length = 0;
    let mut before = ' ';
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        let next = symbols.peek().copied();
        let mut piece = String::new();
        match symbol {
            '&' => piece.push_str("&amp;"),
            '<' => piece.push_str("&lt;"),
            '>' => piece.push_str("&gt;"),
            // code would swallow what comes after it
            '`' => piece.push('\''),
            // `@here`; an address of e-mail has something before it
            '@' if !before.is_alphanumeric() && next.is_some_and(char::is_alphanumeric) => piece.extend(['@', APART]),
            // `[text](address)`
            ']' if matches!(next, Some('(' | '[' | ':')) => piece.extend([']', APART]),
            other => piece.push(other),
        }
        let size = piece.chars().count();
        // one place is kept for the mark of a cut
        if length + size > limit.saturating_sub(usize::from(next.is_some())) {
            if length < limit {
                kept.push('…');
            }
            return kept;
        }
        length += size;
        kept.push_str(&piece);
        before = symbol;
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nobody_is_mentioned_and_no_link_is_made() {
        assert_eq!(escaped("a <!channel> & <@U1> b", 100), "a &lt;!channel&gt; &amp; &lt;@\u{200b}U1&gt; b");
        assert_eq!(
            escaped("@here, @channel kim@example.com @ 5", 100),
            "@\u{200b}here, @\u{200b}channel kim@example.com @ 5"
        );
        assert_eq!(escaped("[console](https://example.com)", 100), "[console]\u{200b}(https://example.com)");
        assert_eq!(escaped("```x", 100), "'''x");
    }

    #[test]
    fn an_entity_is_never_cut() {
        assert_eq!(escaped("ab&cd", 8), "ab&amp;…");
        assert_eq!(escaped("ab&", 7), "ab&amp;");
        assert_eq!(escaped("ab&", 6), "ab…");
        assert_eq!(escaped("abc", 0), "");
        assert_eq!(escaped(&"<".repeat(1 << 20), 3000).chars().count(), 2997);
    }

    proptest! {
        #[test]
        fn the_result_is_short_and_has_no_markup(text in any::<String>(), limit in 0_usize..60) {
            let shown = escaped(&text, limit);
            prop_assert!(shown.chars().count() <= limit);
            prop_assert!(!shown.contains(['<', '>', '`']));
            for (at, _) in shown.match_indices('&') {
                prop_assert!(["&amp;", "&lt;", "&gt;"].iter().any(|entity| shown[at..].starts_with(entity)));
            }
            for word in ["here", "channel", "everyone", "all"] {
                let mention = format!("@{word}");
                prop_assert!(!escaped(&mention, limit).contains(&mention));
            }
        }
    }
}
