//! Inside strings: finding their end sixteen bytes at a time, and resolving escapes.

use wide::u8x16;

/// Bytes looked at in one step.
const WIDTH: usize = 16;

/// The position of the first quote, backslash or control character at or after `from`; the length if there is none.
#[inline(always)]
pub(super) fn find_special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<WIDTH>) {
        let found = special_bytes(*chunk);
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += WIDTH;
    }
    find_special_slowly(bytes, at)
}

/// The same byte by byte: the end of a text, and the twin of the tests.
#[inline(never)]
fn find_special_slowly(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F)) {
        at += 1;
    }
    at
}

/// One bit for every byte that is special.
#[inline(always)]
fn special_bytes(chunk: [u8; WIDTH]) -> u32 {
    let bytes = u8x16::new(chunk);
    let quotes = bytes.simd_eq(u8x16::splat(b'"'));
    let backslashes = bytes.simd_eq(u8x16::splat(b'\\'));
    let controls = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    (quotes | backslashes | controls).to_bitmask()
}

/// Resolves the escapes of a string that the scanner has accepted.
pub(super) fn decode_escapes(spelled: &str) -> String {
    let mut decoded = String::with_capacity(spelled.len());
    let mut rest = spelled;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        decoded.push_str(rest.get(..at).unwrap_or(""));
        let kind = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        let mut taken = 2;
        match kind {
            b'b' => decoded.push('\u{8}'),
            b'f' => decoded.push('\u{c}'),
            b'n' => decoded.push('\n'),
            b'r' => decoded.push('\r'),
            b't' => decoded.push('\t'),
            b'u' => {
                let unit = |from: usize| {
                    let digits = rest.get(at + from..at + from + 4).unwrap_or("");
                    u32::from_str_radix(digits, 16).unwrap_or(0xFFFD)
                };
                let mut code = unit(2);
                taken = 6;
                if (0xD800..0xDC00).contains(&code) {
                    code = 0x1_0000 + ((code - 0xD800) << 10) + (unit(8).wrapping_sub(0xDC00) & 0x3FF);
                    taken = 12;
                }
                decoded.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => decoded.push(char::from(other)),
        }
        rest = rest.get(at + taken..).unwrap_or("");
    }
    decoded.push_str(rest);
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_word_search_finds_what_a_byte_search_finds(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'a'), Just(0x80)], 0..40),
            from in 0_usize..40,
        ) {
            let from = from.min(bytes.len());
            prop_assert_eq!(find_special(&bytes, from), find_special_slowly(&bytes, from));
        }

        #[test]
        fn escapes_resolve_as_in_serde_json(text in "\\PC{0,12}", controls in "[\u{0}-\u{1f}\"\\\\/\u{1F600}\u{e9}]{0,8}") {
            let whole = text + &controls;
            let json = serde_json::to_string(&whole).unwrap();
            prop_assert_eq!(decode_escapes(&json[1..json.len() - 1]), whole.clone());
            let ascii: String = whole
                .encode_utf16()
                .map(|unit| format!("\\u{unit:04X}"))
                .collect();
            prop_assert_eq!(decode_escapes(&ascii), whole);
        }
    }
}
