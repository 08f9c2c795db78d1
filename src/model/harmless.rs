//! Text from outside, made fit for a line of a log or a terminal: nothing in it can start a new line, move the cursor,
//! turn the reading direction or hide; and it is short. For sentences only: the documents keep values as they are.

/// The text with every character that can deceive a reader replaced by `�` (line breaks and tabs by a space), cut to at
/// most `limit` characters, the last of which is then `…`.
#[must_use]
pub fn harmless(text: &str, limit: usize) -> String {
    let mut kept = String::new();
    let mut symbols = text.chars();
    for at in 0..limit {
        let Some(symbol) = symbols.next() else { return kept };
        if at + 1 == limit && !symbols.as_str().is_empty() {
            kept.push('…');
            return kept;
        }
        kept.push(visible(symbol));
    }
    kept
}

fn visible(symbol: char) -> char {
    match symbol {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        hidden if hidden.is_control() || is_deceptive(hidden) => '\u{fffd}',
        plain => plain,
    }
}

/// Characters without a picture of their own: direction marks, joiners and other invisible ones, and the tag block, in
/// which a text can be written that only a machine reads.
fn is_deceptive(symbol: char) -> bool {
    matches!(
        u32::from(symbol),
        0x00ad | 0x034f | 0x061c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
            | 0x202a..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
            | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_deceives_is_shown_and_what_is_long_is_cut() {
        assert_eq!(harmless("credit-risk", 64), "credit-risk");
        assert_eq!(harmless("a\nFAKE LINE\u{1b}[2J", 64), "a FAKE LINE\u{fffd}[2J");
        assert_eq!(harmless("ab\u{202e}cd\u{200b}\u{e0041}", 64), "ab\u{fffd}cd\u{fffd}\u{fffd}");
        assert_eq!(harmless("abcdef", 6), "abcdef");
        assert_eq!(harmless("abcdefg", 6), "abcde…");
        assert_eq!(harmless("abc", 0), "");
        assert_eq!(harmless(&"é".repeat(1 << 20), 100).chars().count(), 100);
        assert_eq!(harmless("Bewertung größer 5 – 模型", 64), "Bewertung größer 5 – 模型");
    }

    proptest! {
        #[test]
        fn the_result_is_one_short_line_without_controls(text in any::<String>(), limit in 0_usize..50) {
            let shown = harmless(&text, limit);
            prop_assert!(shown.chars().count() <= limit);
            prop_assert!(!shown.chars().any(|symbol| symbol.is_control() || is_deceptive(symbol)));
            prop_assert_eq!(harmless(&shown, limit), shown, "once is enough");
        }
    }
}
