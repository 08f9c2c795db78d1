//! Pictures of a screen as small files: at most 256 colours, the commonest of the picture and those that are farthest from
//! these, and every other as the nearest of them. A screen has few colours beside the shades at the edges of its letters.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Bytes of a pixel: red, green, blue.
const PIXEL: usize = 3;
/// So many of the palette are taken because they are common, the others because they are like none of these.
const COMMON: usize = 96;
type Colour = [u8; PIXEL];

/// The same picture with a palette. What comes in has eight bits of red, green and blue, as Chromium writes it.
pub(super) fn small(png: &[u8]) -> Vec<u8> {
    let (width, rows) = pixels(png);
    let mut counted: HashMap<Colour, usize> = HashMap::new();
    for pixel in rows.iter().flat_map(|row| row.as_chunks().0) {
        *counted.entry(*pixel).or_default() += 1;
    }
    let distance = |one: &Colour, other: &Colour| -> i32 {
        one.iter().zip(other).map(|(one, other)| (i32::from(*one) - i32::from(*other)).pow(2)).sum()
    };
    let mut palette: Vec<Colour> = counted.keys().copied().collect();
    palette.sort_by_key(|colour| (std::cmp::Reverse(counted[colour]), *colour));
    let rest = palette.split_off(palette.len().min(COMMON));
    // how far each is from the palette
    let far = |colour: &Colour| palette.iter().map(|known| distance(known, colour)).min().unwrap_or(i32::MAX);
    let mut rest: Vec<(i32, Colour)> = rest.iter().map(|colour| (far(colour), *colour)).collect();
    while palette.len() < 256 && !rest.is_empty() {
        let farthest = (0..rest.len()).max_by_key(|at| rest[*at]).unwrap();
        let (_, chosen) = rest.swap_remove(farthest);
        palette.push(chosen);
        for (away, colour) in &mut rest {
            *away = (*away).min(distance(&chosen, colour));
        }
    }
    let nearest = |colour: &Colour| (0..palette.len()).min_by_key(|at| distance(&palette[*at], colour)).unwrap();
    let places: HashMap<Colour, u8> =
        counted.keys().map(|colour| (*colour, u8::try_from(nearest(colour)).unwrap())).collect();

    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    for row in &rows {
        let indices = row.as_chunks().0.iter().map(|pixel: &Colour| places[pixel]);
        // a row begins with its filter: none
        packed.write_all(&std::iter::once(0).chain(indices).collect::<Vec<u8>>()).unwrap();
    }
    let size = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    // eight bits a pixel, indices into the palette, the only compression and filters that there are, not interlaced
    let header = [&size(width)[..], &size(rows.len()), &[8, 3, 0, 0, 0]].concat();
    let mut small = SIGNATURE.to_vec();
    for (name, data) in
        [(b"IHDR", header), (b"PLTE", palette.concat()), (b"IDAT", packed.finish().unwrap()), (b"IEND", Vec::new())]
    {
        let whole = [&name[..], &data].concat();
        small.extend([&size(data.len())[..], &whole, &crc32fast::hash(&whole).to_be_bytes()].concat());
    }
    small
}

/// The width, and the bytes of each row.
fn pixels(png: &[u8]) -> (usize, Vec<Vec<u8>>) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
    assert!(png.starts_with(SIGNATURE) && png[24..26] == [8, 2], "another kind of picture");
    let (width, mut packed, mut at) = (number(16), Vec::new(), SIGNATURE.len());
    while at < png.len() {
        let data = at + 8..at + 8 + number(at);
        if png[at + 4..at + 8] == *b"IDAT" {
            packed.extend_from_slice(&png[data.clone()]);
        }
        at = data.end + 4;
    }
    let mut raw = Vec::new();
    ZlibDecoder::new(packed.as_slice()).read_to_end(&mut raw).unwrap();
    let mut rows: Vec<Vec<u8>> = Vec::new();
    for line in raw.chunks(1 + width * PIXEL) {
        let mut row = line[1..].to_vec();
        for at in 0..row.len() {
            let left_of = |row: &[u8]| at.checked_sub(PIXEL).map_or(0, |left| row[left]);
            let above = rows.last();
            let (left, up, corner) =
                (left_of(&row), above.map_or(0, |row| row[at]), above.map_or(0, |row| left_of(row)));
            let predicted = match line[0] {
                0 => 0,
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                _ => paeth(left, up, corner),
            };
            row[at] = row[at].wrapping_add(predicted);
        }
        rows.push(row);
    }
    (width, rows)
}

/// The one of three neighbours that is nearest to their plane (PNG, 9.4).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let plane = i32::from(left) + i32::from(up) - i32::from(corner);
    let away = |one: u8| (plane - i32::from(one)).abs();
    [left, up, corner].into_iter().min_by_key(|one| away(*one)).unwrap_or(left)
}
