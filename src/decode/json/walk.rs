//! One pass over a document along a trie: values that somebody reads go into the row or the captures, the rest is
//! skipped. The grammar of the whole text is checked on the way.

use crate::decode::error::DecodeError;
use crate::model::{Row, Scalar};

use super::error::line_of;
use super::leaves::{NoLeaves, RowLeaves};
use super::trie::Node;
use super::{ScanError, Scanner, Target, Trie, Value};

/// What the decoder itself reads of an event, by capture index, each with the rank of the spelling that it came from.
#[derive(Debug, Default)]
pub(in crate::decode) struct Captures<'a>(Vec<Option<(u8, Value<'a>)>>);

impl<'a> Captures<'a> {
    /// Room for that many, all empty. Keeps the memory of `used`, whatever that borrowed from.
    pub(in crate::decode) fn reuse(used: Captures<'_>, count: usize) -> Self {
        let mut slots = used.0;
        slots.clear();
        // Collecting from an empty iterator of the same layout reuses the allocation.
        let mut slots: Vec<Option<(u8, Value<'a>)>> = slots.into_iter().map(|_| None).collect();
        slots.resize_with(count, || None);
        Self(slots)
    }

    /// What was captured.
    pub(in crate::decode) fn get(&self, index: usize) -> Option<&Value<'a>> {
        self.0.get(index)?.as_ref().map(|(_, value)| value)
    }

    fn offer(&mut self, index: usize, rank: u8, value: Value<'a>) {
        if let Some(slot) = self.0.get_mut(index)
            && slot.as_ref().is_none_or(|(best, _)| rank < *best)
        {
            *slot = Some((rank, value));
        }
    }
}

/// A document whose grammar is right.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::decode) struct Walked<'a> {
    /// A key that occurs twice in an object where a path of the trie goes on with it, and its position.
    duplicate: Option<(&'a str, usize)>,
}

impl Walked<'_> {
    /// Refuses a document that has a key twice where it matters.
    pub(in crate::decode) fn unique(&self, text: &str) -> Result<(), DecodeError> {
        match self.duplicate {
            None => Ok(()),
            Some((key, byte)) => {
                Err(DecodeError::DuplicateKey { key: key.to_owned(), byte, line: line_of(text, byte) })
            }
        }
    }
}

/// The walk and where it puts things.
pub(in crate::decode) struct Walk<'w, 'a> {
    scanner: Scanner<'a>,
    trie: &'w Trie,
    row: &'w mut Row<'a>,
    captures: &'w mut Captures<'a>,
    /// For every object that is being walked, one bit per child of its node: the key has been there.
    seen: &'w mut Vec<u64>,
    walked: Walked<'a>,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(in crate::decode) fn new(
        scanner: Scanner<'a>,
        trie: &'w Trie,
        row: &'w mut Row<'a>,
        captures: &'w mut Captures<'a>,
        seen: &'w mut Vec<u64>,
    ) -> Self {
        seen.clear();
        Self { scanner, trie, row, captures, seen, walked: Walked::default() }
    }

    /// Walks the one value that the text holds. With `LEAVES` every scalar of it becomes a leaf of the row as well.
    pub(in crate::decode) fn document<const LEAVES: bool>(mut self) -> Result<Walked<'a>, ScanError> {
        self.scanner.skip_whitespace();
        let trie = self.trie;
        if let Some(root) = trie.node(0) {
            self.value::<LEAVES>(root, false)?;
        }
        self.scanner.finish()?;
        Ok(self.walked)
    }

    /// Walks the value that is next. Recursive: one frame per level of a path that somebody reads, or of arrays nested
    /// directly in arrays on such a path; the scanner's depth limit bounds both.
    fn value<const LEAVES: bool>(&mut self, node: &'w Node, in_array: bool) -> Result<(), ScanError> {
        match self.scanner.peek() {
            Some(b'{') => {
                let start = self.scanner.at();
                for target in &node.targets {
                    if let Target::Slot(slot, rank) = target {
                        self.row.mark_present(*slot, *rank);
                    }
                }
                if node.has_children() {
                    self.object::<LEAVES>(node)?;
                } else {
                    self.skip::<LEAVES>()?;
                }
                self.capture_compound(node, in_array, start, Value::Object);
                Ok(())
            }
            Some(b'[') => {
                let start = self.scanner.at();
                for target in &node.targets {
                    if let Target::Slot(slot, rank) = target {
                        self.row.mark_present(*slot, *rank);
                    }
                }
                self.array::<LEAVES>(node)?;
                self.capture_compound(node, in_array, start, Value::Array);
                Ok(())
            }
            _ => self.leaf::<LEAVES>(node, in_array),
        }
    }

    fn capture_compound(&mut self, node: &Node, in_array: bool, start: usize, kind: impl Fn(&'a str) -> Value<'a>) {
        for target in &node.targets {
            if let Target::Capture(index, rank) = target
                && !in_array
            {
                self.captures.offer(*index, *rank, kind(self.scanner.since(start)));
            }
        }
    }

    #[inline]
    fn leaf<const LEAVES: bool>(&mut self, node: &Node, in_array: bool) -> Result<(), ScanError> {
        if node.targets.is_empty() && !LEAVES {
            return self.scanner.skip(&mut NoLeaves);
        }
        let scalar = self.scanner.scalar()?;
        if LEAVES {
            self.row.push_leaf(scalar.clone());
        }
        if let Some((last, others)) = node.targets.split_last() {
            for target in others {
                self.deliver(*target, in_array, scalar.clone());
            }
            self.deliver(*last, in_array, scalar);
        }
        Ok(())
    }

    #[inline]
    fn deliver(&mut self, target: Target, in_array: bool, scalar: Scalar<'a>) {
        match target {
            Target::Slot(slot, rank) => self.row.push(slot, rank, scalar),
            // The array itself is what is captured, not its elements.
            Target::Capture(_, _) if in_array => {}
            Target::Capture(index, rank) => self.captures.offer(index, rank, Value::Scalar(scalar)),
        }
    }

    fn array<const LEAVES: bool>(&mut self, node: &'w Node) -> Result<(), ScanError> {
        self.scanner.open()?;
        self.scanner.skip_whitespace();
        if self.scanner.peek() != Some(b']') {
            loop {
                self.value::<LEAVES>(node, true)?;
                self.scanner.skip_whitespace();
                match self.scanner.peek() {
                    Some(b',') => {
                        self.scanner.advance();
                        self.scanner.skip_whitespace();
                    }
                    Some(b']') => break,
                    _ => return Err(self.scanner.fail("`,` or `]`")),
                }
            }
        }
        self.scanner.close();
        Ok(())
    }

    fn object<const LEAVES: bool>(&mut self, node: &'w Node) -> Result<(), ScanError> {
        self.scanner.open()?;
        self.scanner.skip_whitespace();
        if self.scanner.peek() == Some(b'}') {
            self.scanner.close();
            return Ok(());
        }
        let seen_from = self.seen.len();
        self.seen.resize(seen_from + node.width().div_ceil(64), 0);
        loop {
            let key_at = self.scanner.at();
            let key = self.scanner.key()?;
            let child = if key.has_escapes { node.child(&key.decode()) } else { node.child(key.spelled) };
            match child.and_then(|(index, at)| Some((index, self.trie.node(at)?))) {
                Some((index, child)) => {
                    if self.was_seen(seen_from, index) {
                        self.walked.duplicate.get_or_insert((key.spelled, key_at));
                    }
                    self.value::<LEAVES>(child, false)?;
                }
                None => self.skip::<LEAVES>()?,
            }
            self.scanner.skip_whitespace();
            match self.scanner.peek() {
                Some(b',') => {
                    self.scanner.advance();
                    self.scanner.skip_whitespace();
                }
                Some(b'}') => break,
                _ => return Err(self.scanner.fail("`,` or `}`")),
            }
        }
        self.scanner.close();
        self.seen.truncate(seen_from);
        Ok(())
    }

    /// Whether the child of that index has been in this object already; it has been from now on.
    #[inline]
    fn was_seen(&mut self, seen_from: usize, index: usize) -> bool {
        let Some(word) = self.seen.get_mut(seen_from + index / 64) else { return false };
        let bit = 1_u64 << (index % 64);
        let was = *word & bit != 0;
        *word |= bit;
        was
    }

    #[inline]
    fn skip<const LEAVES: bool>(&mut self) -> Result<(), ScanError> {
        if LEAVES { self.scanner.skip(&mut RowLeaves(self.row)) } else { self.scanner.skip(&mut NoLeaves) }
    }
}
