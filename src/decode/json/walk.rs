//! One pass over a document along a trie: values that somebody reads go into the row or the captures, the rest is
//! skipped. The grammar of the whole text is checked on the way.

use std::borrow::Cow;

use crate::decode::error::DecodeError;
use crate::model::{Piece, Row, Scalar};

use super::error::line_of;
use super::guess::Way;
use super::leaves::{NoLeaves, RowLeaves};
use super::trie::Node;
use super::{Captures, Guesses, Scan, ScanError, Scanner, Target, Trie, Value};

/// A document whose grammar is right.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::decode) struct Walked {
    /// The position of a key that occurs twice in an object where a path of the trie goes on with it.
    duplicate: Option<usize>,
}

impl Walked {
    /// Refuses a document that has a key twice where it matters.
    pub(in crate::decode) fn unique(&self, text: &str) -> Result<(), DecodeError> {
        let Some(byte) = self.duplicate else { return Ok(()) };
        let scanner = Scanner::new(text, 0);
        let key = scanner.key(byte).map_or_else(|_| String::new(), |key| scanner.decode_key(key).into_owned());
        Err(DecodeError::DuplicateKey { key, byte, line: line_of(text, byte) })
    }
}

/// The walk and where it puts things.
pub(in crate::decode) struct Walk<'w, 'a> {
    scanner: Scanner<'a>,
    trie: &'w Trie,
    row: &'w mut Row<'a>,
    captures: &'w mut Captures<'a>,
    /// See [`Seen`].
    seen: &'w mut Vec<u64>,
    guesses: &'w mut Guesses,
    walked: Walked,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(in crate::decode) fn new(
        scanner: Scanner<'a>,
        trie: &'w Trie,
        row: &'w mut Row<'a>,
        captures: &'w mut Captures<'a>,
        seen: &'w mut Vec<u64>,
        guesses: &'w mut Guesses,
    ) -> Self {
        seen.clear();
        Self { scanner, trie, row, captures, seen, guesses, walked: Walked::default() }
    }

    /// Walks the one value that the text holds. With `LEAVES` every scalar of it becomes a leaf of the row as well.
    pub(in crate::decode) fn document<const LEAVES: bool>(mut self) -> Result<Walked, Box<ScanError>> {
        let mut at = self.scanner.skip_whitespace(0);
        let trie = self.trie;
        if let Some(root) = trie.node(0) {
            at = self.value::<LEAVES>(root, at, self.scanner.max_depth(), false)?;
        }
        self.scanner.finish(at)?;
        Ok(self.walked)
    }

    /// Walks the value at `at` of a text whose grammar is known to be right; gives its end.
    pub(in crate::decode) fn element(mut self, at: usize) -> Scan {
        let Some(root) = self.trie.node(0) else { return Ok(at) };
        self.value::<false>(root, at, self.scanner.max_depth(), false)
    }

    /// Walks the value at `at`, in which at most `levels` more arrays and objects may be open at once. Recursive: one
    /// frame per level of a path that somebody reads, or of arrays nested directly in arrays on such a path.
    #[inline(never)]
    fn value<const LEAVES: bool>(&mut self, node: &'w Node, at: usize, levels: usize, in_array: bool) -> Scan {
        let bracket = self.scanner.byte(at);
        if bracket != b'{' && bracket != b'[' {
            return self.leaf::<LEAVES>(node, at, in_array);
        }
        if levels == 0 {
            return self.scanner.too_deep(at);
        }
        for target in &node.targets {
            if let Target::Slot(slot, rank) = target {
                self.row.mark_present(*slot, *rank);
            }
        }
        let end = match bracket {
            b'[' => self.array::<LEAVES>(node, at, levels)?,
            _ if node.has_children() => self.object::<LEAVES>(node, at, levels)?,
            _ => self.skip::<LEAVES>(at, levels)?,
        };
        // The outermost array is what is captured, not its elements.
        if !in_array {
            for target in &node.targets {
                let text = || self.scanner.slice(at, end);
                match target {
                    Target::Capture(index, rank) => {
                        let value = if bracket == b'{' { Value::Object(text()) } else { Value::Array(text()) };
                        self.captures.offer(*index, *rank, value);
                    }
                    Target::Piece(slot, rank) => self.row.push_piece(*slot, *rank, Piece::Text(text())),
                    Target::Slot(..) => {}
                }
            }
        }
        Ok(end)
    }

    #[inline(always)]
    fn leaf<const LEAVES: bool>(&mut self, node: &Node, at: usize, in_array: bool) -> Scan {
        match node.targets.as_slice() {
            [] if !LEAVES => self.scanner.skip_scalar(at),
            // mostly one that wants it
            [target] if !LEAVES => {
                let (scalar, end) = self.scanner.scalar(at)?;
                self.deliver(*target, in_array, scalar);
                Ok(end)
            }
            [one, other] if !LEAVES => self.leaf_for_two(*one, *other, at, in_array),
            _ => self.leaf_for_all::<LEAVES>(node, at, in_array),
        }
    }

    #[inline(never)]
    fn leaf_for_two(&mut self, one: Target, other: Target, at: usize, in_array: bool) -> Scan {
        let (scalar, end) = self.scanner.scalar(at)?;
        // nearly always, and without a look at what it is
        if let Scalar::Text(Cow::Borrowed(text)) = scalar {
            self.deliver(one, in_array, Scalar::Text(Cow::Borrowed(text)));
            self.deliver(other, in_array, Scalar::Text(Cow::Borrowed(text)));
        } else {
            self.deliver(one, in_array, scalar.clone());
            self.deliver(other, in_array, scalar);
        }
        Ok(end)
    }

    #[inline(never)]
    fn leaf_for_all<const LEAVES: bool>(&mut self, node: &Node, at: usize, in_array: bool) -> Scan {
        let (scalar, end) = self.scanner.scalar(at)?;
        if LEAVES {
            self.row.push_leaf(scalar.clone());
        }
        if let Some((last, others)) = node.targets.split_last() {
            for target in others {
                self.deliver(*target, in_array, scalar.clone());
            }
            self.deliver(*last, in_array, scalar);
        }
        Ok(end)
    }

    #[inline(always)]
    fn deliver(&mut self, target: Target, in_array: bool, scalar: Scalar<'a>) {
        match target {
            Target::Slot(slot, rank) => self.row.push(slot, rank, scalar),
            Target::Capture(..) | Target::Piece(..) if in_array => {}
            Target::Capture(index, rank) => self.captures.offer(index, rank, Value::Scalar(scalar)),
            Target::Piece(slot, rank) => self.row.push_piece(slot, rank, Piece::Scalar(scalar)),
        }
    }

    fn array<const LEAVES: bool>(&mut self, node: &'w Node, at: usize, levels: usize) -> Scan {
        let mut at = self.scanner.skip_whitespace(at + 1);
        if self.scanner.byte(at) == b']' {
            return Ok(at + 1);
        }
        loop {
            at = self.value::<LEAVES>(node, at, levels - 1, true)?;
            at = self.scanner.skip_whitespace(at);
            match self.scanner.byte(at) {
                b',' => at = self.scanner.skip_whitespace(at + 1),
                b']' => return Ok(at + 1),
                _ => return self.scanner.fail(at, "`,` or `]`"),
            }
        }
    }

    fn object<const LEAVES: bool>(&mut self, node: &'w Node, at: usize, levels: usize) -> Scan {
        let scanner = self.scanner;
        let mut at = scanner.skip_whitespace(at + 1);
        if scanner.byte(at) == b'}' {
            return Ok(at + 1);
        }
        let trie = self.trie;
        let mut seen = Seen::new(node, self.seen);
        let guesses = self.guesses.of(node.number);
        for turn in 0.. {
            let key_at = at;
            let (value, way) = match self.guesses.check(guesses, turn, scanner.rest(at)) {
                Some(guess) => (scanner.skip_whitespace(at + guess.length as usize), guess.way),
                None => self.key(node, (guesses, turn), at)?,
            };
            at = match trie.node(way.node as usize) {
                Some(child) => {
                    if seen.again(way.index as usize, self.seen) {
                        self.walked.duplicate.get_or_insert(key_at);
                    }
                    // a scalar without a call
                    match scanner.byte(value) {
                        b'{' | b'[' => self.value::<LEAVES>(child, value, levels - 1, false)?,
                        _ => self.leaf::<LEAVES>(child, value, false)?,
                    }
                }
                None => self.skip::<LEAVES>(value, levels - 1)?,
            };
            at = scanner.skip_whitespace(at);
            match scanner.byte(at) {
                b',' => at = scanner.skip_whitespace(at + 1),
                b'}' => break,
                _ => return scanner.fail(at, "`,` or `}`"),
            }
        }
        seen.close(self.seen);
        Ok(at + 1)
    }

    /// Reads a key that was not the expected one: the place of its value, and where it leads.
    #[inline(never)]
    fn key(&mut self, node: &Node, turn: (usize, usize), at: usize) -> Result<(usize, Way), Box<ScanError>> {
        let key = self.scanner.key(at)?;
        if key.has_escapes {
            return Ok((key.value, Way::to(node.child(self.scanner.decode_key(key).as_bytes()))));
        }
        let spelling = self.scanner.spelling(key);
        let way = Way::to(node.child(spelling));
        self.guesses.learn(turn, self.scanner.rest(at), spelling.len() + 2, way);
        Ok((key.value, way))
    }

    /// Skips the value at `at`, which nobody reads.
    #[inline]
    fn skip<const LEAVES: bool>(&mut self, at: usize, levels: usize) -> Scan {
        if LEAVES {
            self.scanner.skip(at, levels, &mut RowLeaves(self.row))
        } else if matches!(self.scanner.byte(at), b'{' | b'[') {
            self.scanner.skip(at, levels, &mut NoLeaves)
        } else {
            self.scanner.skip_scalar(at)
        }
    }
}

/// Which children of a node have been in an object. A word is enough for nearly all nodes; wider ones use the stack.
struct Seen {
    word: u64,
    /// Where this object's words begin on the stack, for a node of more than 64 children.
    wide: Option<usize>,
}

impl Seen {
    #[inline]
    fn new(node: &Node, stack: &mut Vec<u64>) -> Self {
        let wide = (node.width() > 64).then_some(stack.len());
        if let Some(from) = wide {
            stack.resize(from + node.width().div_ceil(64), 0);
        }
        Self { word: 0, wide }
    }

    /// Whether the child of that index has been there before; it has been from now on.
    #[inline]
    fn again(&mut self, index: usize, stack: &mut [u64]) -> bool {
        let word = match self.wide {
            None => &mut self.word,
            Some(from) => match stack.get_mut(from + index / 64) {
                Some(word) => word,
                None => return false,
            },
        };
        let bit = 1_u64 << (index % 64);
        let was = *word & bit != 0;
        *word |= bit;
        was
    }

    #[inline]
    fn close(self, stack: &mut Vec<u64>) {
        if let Some(from) = self.wide {
            stack.truncate(from);
        }
    }
}
