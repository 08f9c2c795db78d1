//! Lines: ends, limits, compression, and a slow twin.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

fn lines_of(bytes: &[u8], limit: usize) -> Lines {
    let total = Some(bytes.len() as u64);
    Lines::from_reader("t", Cursor::new(bytes.to_vec()), total, limit, Timestamp(5)).unwrap()
}

/// Line number and content; the first bytes and the length where it is too long.
fn seen(lines: &mut Lines) -> Vec<(i64, Vec<u8>, Option<u64>)> {
    lines
        .map(|item| match item.unwrap() {
            LineItem::Record(record) => (record.offset, record.value.unwrap(), None),
            LineItem::TooLong { line, first_bytes, length } => (line, first_bytes, Some(length)),
        })
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn ends_empty_lines_and_foreign_bytes() {
    let mut lines = lines_of(b"{\"a\":1}\r\n\n\xff\xfe\n\r\nlast", 100);
    assert_eq!(
        seen(&mut lines),
        vec![(1, b"{\"a\":1}".to_vec(), None), (3, b"\xff\xfe".to_vec(), None), (5, b"last".to_vec(), None)]
    );
    assert_eq!((lines.empty_lines(), lines.lines()), (2, 5));
    assert_eq!(lines.progress(), (19, Some(19)));
}

#[test]
fn a_line_that_is_too_long_is_cut_and_the_next_one_is_read() {
    let text = [vec![b'x'; 300_000], b"\nshort\r\nexact1\r\nexact12\n".to_vec()].concat();
    let seen = seen(&mut lines_of(&text, 6));
    assert_eq!(seen[0], (1, vec![b'x'; 256], Some(300_000)));
    assert_eq!(seen[1..3], [(2, b"short".to_vec(), None), (3, b"exact1".to_vec(), None)]);
    assert_eq!(seen[3], (4, b"exact12".to_vec(), Some(7)));
}

#[test]
fn gzip_is_recognised_also_in_several_members() {
    let file = [gzip(b"one\ntwo\n"), gzip(b"three")].concat();
    let mut lines = lines_of(&file, 100);
    let contents: Vec<Vec<u8>> = seen(&mut lines).into_iter().map(|(_, bytes, _)| bytes).collect();
    assert_eq!(contents, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
    assert_eq!(lines.progress().0, file.len() as u64);
}

#[test]
fn a_damaged_file_is_an_error_that_names_the_last_line_and_ends() {
    let mut file = gzip(&b"0123456789\n".repeat(100_000));
    file.truncate(file.len() / 2);
    let mut lines = lines_of(&file, 100);
    let error = lines.by_ref().find_map(Result::err).unwrap();
    assert!(error.to_string().starts_with("cannot read t after line "), "{error}");
    assert!(lines.next().is_none());
}

#[test]
fn a_file_is_opened_by_name_and_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    std::fs::write(&path, "a\nb\n").unwrap();
    let mut lines = Lines::open(&path, 10, Timestamp(1)).unwrap();
    assert_eq!(&**lines.topic(), path.display().to_string());
    assert_eq!(seen(&mut lines).len(), 2);
    assert!(Lines::open(folder.path(), 10, Timestamp(1)).is_err());
    assert!(Lines::open(&folder.path().join("absent"), 10, Timestamp(1)).is_err());
}

#[test]
fn nothing_and_one_byte_are_no_gzip() {
    assert!(seen(&mut lines_of(b"", 10)).is_empty());
    assert_eq!(seen(&mut lines_of(b"\x1f", 10)), [(1, b"\x1f".to_vec(), None)]);
}

proptest! {
    #[test]
    fn it_agrees_with_splitting_the_whole_text(text in "[ab\r\n]{0,60}", limit in 0_usize..8, compressed in any::<bool>()) {
        let bytes = if compressed { gzip(text.as_bytes()) } else { text.clone().into_bytes() };
        let mut parts: Vec<&str> = text.split('\n').collect();
        let last = parts.pop().unwrap_or_default();
        let mut expected: Vec<&str> = parts.iter().map(|part| part.strip_suffix('\r').unwrap_or(part)).collect();
        if !last.is_empty() {
            expected.push(last);
        }
        let expected: Vec<(i64, Vec<u8>, Option<u64>)> = expected
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
            .map(|(index, line)| {
                let length = (line.len() > limit).then_some(line.len() as u64);
                (index as i64 + 1, line.as_bytes().to_vec(), length)
            })
            .collect();
        prop_assert_eq!(seen(&mut lines_of(&bytes, limit)), expected);
    }
}
