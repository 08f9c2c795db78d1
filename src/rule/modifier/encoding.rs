//! `base64`, `base64offset` and the encodings before them: what a value looks like inside encoded data (RULES 1.3). A
//! wildcard has no encoding, so values with wildcards are refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Refusal;
use crate::rule::text::Piece;

/// How characters become bytes before Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `utf16`: a byte order mark, then little endian.
    Utf16,
    /// `utf16le`, also called `wide`.
    Utf16Le,
    /// `utf16be`.
    Utf16Be,
}

impl Encoding {
    /// The encoding of a modifier.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "utf16" => Some(Self::Utf16),
            "utf16le" | "wide" => Some(Self::Utf16Le),
            "utf16be" => Some(Self::Utf16Be),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf16 => "utf16",
            Self::Utf16Le => "utf16le",
            Self::Utf16Be => "utf16be",
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        let mark = (self == Self::Utf16).then_some(0xFEFF);
        let units = mark.into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if self == Self::Utf16Be { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }
}

/// The value's bytes in the encoding, UTF-8 without one.
pub(in crate::rule) fn bytes(value: &[Piece], encoding: Option<Encoding>) -> Result<Vec<u8>, Refusal> {
    let mut text = String::new();
    for piece in value {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            // the hyphen itself: `windash` has made alternatives of it before it comes here
            Piece::Dash => text.push('-'),
            Piece::One | Piece::Many | Piece::Placeholder(_) => {
                let help = "write `\\*` or `\\?` for the character itself".to_owned();
                let message = "a value with wildcards has no Base64 form".to_owned();
                return Err(("wildcard-in-base64", message, Some(help)));
            }
        }
    }
    Ok(encoding.map_or_else(|| text.clone().into_bytes(), |encoding| encoding.bytes(&text)))
}

/// The bytes as Base64, padded.
pub(in crate::rule) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What Base64 makes of the bytes when they begin at an offset of 0, 1 and 2 within a group of three: the characters that
/// depend on these bytes alone.
pub(in crate::rule) fn base64_at_each_offset(bytes: &[u8]) -> Result<[String; 3], Refusal> {
    if bytes.len() < 2 {
        let message = "the value is too short for `base64offset`: some offset would leave nothing of it".to_owned();
        return Err(("value-too-short", message, Some("give at least two bytes".to_owned())));
    }
    Ok([0_usize, 1, 2].map(|offset| {
        let shifted = [vec![0; offset], bytes.to_vec()].concat();
        // a character holds six bits: those with bits of the bytes before, or of the bytes after, are left out
        let first = (offset * 8).div_ceil(6);
        let end = shifted.len() * 8 / 6;
        STANDARD.encode(&shifted).get(first..end).unwrap_or_default().to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn literal(text: &str) -> Vec<Piece> {
        vec![Piece::Literal(text.to_owned())]
    }

    #[test]
    fn characters_become_the_bytes_of_the_specification() {
        let of = |encoding| bytes(&literal("cmd"), Some(encoding)).unwrap();
        assert_eq!(of(Encoding::Utf16Le), [0x63, 0, 0x6d, 0, 0x64, 0]);
        assert_eq!(of(Encoding::Utf16Be), [0, 0x63, 0, 0x6d, 0, 0x64]);
        assert_eq!(of(Encoding::Utf16), [0xFF, 0xFE, 0x63, 0, 0x6d, 0, 0x64, 0]);
        assert_eq!(bytes(&literal("é"), None).unwrap(), [0xC3, 0xA9]);
        assert_eq!(bytes(&literal("𝄞"), Some(Encoding::Utf16Be)).unwrap(), [0xD8, 0x34, 0xDD, 0x1E], "surrogates");
    }

    #[test]
    fn wildcards_and_short_values_are_refused() {
        assert_eq!(bytes(&[Piece::Many], None).unwrap_err().0, "wildcard-in-base64");
        assert_eq!(base64_at_each_offset(b"a").unwrap_err().0, "value-too-short");
        assert!(base64_at_each_offset(b"").is_err());
    }

    #[test]
    fn the_offsets_are_those_of_other_tools() {
        // cut at the start (0, 2, 3), at the end by (length + offset) % 3 (none, 3, 2)
        assert_eq!(base64_at_each_offset(b"foobar").unwrap(), ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]);
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
        assert_eq!(base64(b"fo"), "Zm8=");
    }

    proptest! {
        /// The slow twin: encode the whole, and look. One of the three is in it, wherever the value stands.
        #[test]
        fn a_value_is_found_at_every_offset(before in proptest::collection::vec(any::<u8>(), 0..9),
                                            value in proptest::collection::vec(any::<u8>(), 2..9),
                                            after in proptest::collection::vec(any::<u8>(), 0..9)) {
            let whole = STANDARD.encode([before.clone(), value.clone(), after].concat());
            let all = base64_at_each_offset(&value).unwrap();
            prop_assert!(whole.contains(&all[before.len() % 3]), "{whole} {all:?}");
            prop_assert!(all.iter().all(|part| !part.is_empty()));
        }

        #[test]
        fn the_cuts_are_those_of_the_table(value in proptest::collection::vec(any::<u8>(), 2..12)) {
            for (offset, part) in base64_at_each_offset(&value).unwrap().iter().enumerate() {
                let encoded = STANDARD.encode([vec![b' '; offset], value.clone()].concat());
                let end = encoded.len() - [0, 3, 2][(value.len() + offset) % 3];
                prop_assert_eq!(part.as_str(), &encoded[[0, 2, 3][offset]..end]);
            }
        }
    }
}
