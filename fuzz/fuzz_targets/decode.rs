//! Whatever the bytes: no panic in any format, and plain JSON read as the slow twin reads it.
//!
//! `cargo +nightly fuzz run decode fuzz/corpus/decode tests/fixtures/*/` starts from the fixtures.
#![no_main]

#[path = "../../tests/decode_twin/mod.rs"]
mod decode_twin;

use std::cell::RefCell;

use clarion::decode::{CANONICAL_FIELDS, Format};
use decode_twin::{Outcome, Scanner, slow};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 6] = ["a", "a.b", "a.b.c", "b.a", "event.id", "user.name"];

fn comparable(outcomes: Vec<Outcome>) -> Vec<Outcome> {
    outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Fault { kind, sequence } if kind == "not_json" || kind == "truncated" => {
                Outcome::Fault { kind: "broken".to_owned(), sequence }
            }
            // The tree does not keep how a number was spelled.
            Outcome::Event { fields, leaves, sequence, .. } => {
                Outcome::Event { fields, leaves, time: None, id: None, sequence }
            }
            other => other,
        })
        .collect()
}

thread_local! {
    // made once: what one input leaves behind in a decoder must not show in the next
    static ALL: RefCell<Vec<Scanner>> = RefCell::new(
        Format::ALL.iter().map(|format| Scanner::new(&CANONICAL_FIELDS, *format == Format::Auto, *format)).collect(),
    );
    static PLAIN: RefCell<Scanner> = RefCell::new(Scanner::new(&NAMES, true, Format::Json));
}

fuzz_target!(|bytes: &[u8]| {
    ALL.with_borrow_mut(|scanners| {
        for scanner in scanners {
            scanner.read(bytes);
        }
    });
    let has_python_numbers =
        [&b"NaN"[..], b"Infinity"].iter().any(|word| bytes.windows(word.len()).any(|at| at == *word));
    // The mark that the twin's parser gives a meaning to.
    let has_mark = bytes.windows(3).any(|at| at == [0xEE, 0x80, 0x80])
        || bytes.windows(6).any(|at| at.eq_ignore_ascii_case(b"\\ue000"));
    if has_python_numbers || has_mark || bytes.starts_with(&[0x1F, 0x8B]) {
        return;
    }
    if let Some(expected) = slow(bytes, &NAMES, true) {
        assert_eq!(comparable(PLAIN.with_borrow_mut(|scanner| scanner.read(bytes))), comparable(expected));
    }
});
