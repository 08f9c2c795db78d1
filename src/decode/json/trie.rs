//! The paths that somebody reads, as a trie over object keys. Built once per format, walked once per event.

use crate::model::Slot;

/// Who wants the value at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum Target {
    /// A slot of the row, by the spelling of this rank.
    Slot(Slot, u8),
    /// The decoder itself: a capture, by the spelling of this rank.
    Capture(usize, u8),
    /// A slot whose elements are looked at: the value as it stands there, by the spelling of this rank.
    Piece(Slot, u8),
}

/// A place in a document.
#[derive(Debug, Clone, Default)]
pub(in crate::decode) struct Node {
    /// Its number, which no other node of the decoder's tries has: see [`Trie::number_from`].
    pub(in crate::decode) number: usize,
    /// Who wants the value that lies here.
    pub(in crate::decode) targets: Vec<Target>,
    /// In the order of insertion.
    children: Vec<Child>,
    /// Hash table over the children: indices into them, linear probing, a power of two, at most half full.
    table: Vec<u32>,
    /// See [`place`].
    shift: u32,
    /// The lengths that occur among the keys, one bit each; the highest stands for 63 and more. Most keys that nobody
    /// reads are turned away here.
    lengths: u64,
}

#[derive(Debug, Clone)]
struct Child {
    /// See [`head`].
    head: u64,
    key: Box<[u8]>,
    node: usize,
}

/// An empty place of a hash table.
const NOBODY: u32 = u32::MAX;

/// All paths that are read. Node 0 is the root.
#[derive(Debug, Clone)]
pub(in crate::decode) struct Trie {
    nodes: Vec<Node>,
}

impl Trie {
    pub(in crate::decode) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    /// Adds somebody who wants the value at the end of these keys.
    pub(in crate::decode) fn insert<K: AsRef<str>>(&mut self, keys: &[K], target: Target) {
        let at = self.reach(keys);
        if let Some(node) = self.nodes.get_mut(at)
            && !node.targets.contains(&target)
        {
            node.targets.push(target);
        }
    }

    /// Adds a path without anybody at its end; gives its node. Its keys are looked at.
    pub(in crate::decode) fn reach<K: AsRef<str>>(&mut self, keys: &[K]) -> usize {
        keys.iter().fold(0, |at, key| self.child_or_new(at, key.as_ref()))
    }

    fn child_or_new(&mut self, at: usize, key: &str) -> usize {
        let fresh = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else { return at };
        if let Some((_, child)) = node.child(key.as_bytes()) {
            return child;
        }
        node.lengths |= length_bit(key.len());
        node.children.push(Child { head: head(key.as_bytes()), key: key.as_bytes().into(), node: fresh });
        node.index();
        self.nodes.push(Node::default());
        fresh
    }

    /// Numbers the nodes from here on; gives the number behind the last.
    pub(in crate::decode) fn number_from(&mut self, first: usize) -> usize {
        for (number, node) in (first..).zip(&mut self.nodes) {
            node.number = number;
        }
        first + self.nodes.len()
    }

    pub(in crate::decode) fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }
}

/// A word that tells nearly all keys of one length apart, and those of up to eight bytes all: their first and last bytes.
#[inline]
fn head(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return if bytes.len() == 8 { first } else { first ^ last.rotate_left(29) };
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<2>(), bytes.last_chunk::<2>()) {
        return u64::from(u16::from_le_bytes(*first)) | u64::from(u16::from_le_bytes(*last)) << 16;
    }
    bytes.first().copied().map_or(0, u64::from)
}

/// Where a key's search begins in a table of `2^(64 - shift)` places: the highest bits of a product depend on all bits of
/// its factors.
#[inline]
fn place(head: u64, length: usize, shift: u32) -> usize {
    ((head ^ length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}

#[inline]
fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}

impl Node {
    /// Whether any path goes on from here.
    #[inline]
    pub(in crate::decode) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }

    /// Number of keys that lead on from here.
    #[inline]
    pub(in crate::decode) fn width(&self) -> usize {
        self.children.len()
    }

    /// The child of that key: its index among its siblings and its node.
    #[inline]
    pub(in crate::decode) fn child(&self, key: &[u8]) -> Option<(usize, usize)> {
        if self.lengths & length_bit(key.len()) == 0 {
            return None;
        }
        let mask = self.table.len().checked_sub(1)?;
        let head = head(key);
        let mut at = place(head, key.len(), self.shift) & mask;
        loop {
            let index = *self.table.get(at)? as usize;
            // An empty place is beyond every child.
            let child = self.children.get(index)?;
            if child.head == head && child.key.len() == key.len() && (key.len() <= 8 || *child.key == *key) {
                return Some((index, child.node));
            }
            at = (at + 1) & mask;
        }
    }

    /// Makes the hash table anew when it has become too small, else adds the newest child.
    fn index(&mut self) {
        let first = if self.children.len() * 2 > self.table.len() {
            self.table = vec![NOBODY; (self.children.len() * 4).next_power_of_two()];
            self.shift = u64::BITS - self.table.len().trailing_zeros();
            0
        } else {
            self.children.len() - 1
        };
        let mask = self.table.len() - 1;
        for (index, child) in (0_u32..).zip(&self.children).skip(first) {
            let mut at = place(child.head, child.key.len(), self.shift) & mask;
            while self.table.get(at).is_some_and(|taken| *taken != NOBODY) {
                at = (at + 1) & mask;
            }
            if let Some(free) = self.table.get_mut(at) {
                *free = index;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_share_their_beginnings() {
        let mut trie = Trie::new();
        trie.insert(&["a", "b"], Target::Capture(0, 0));
        trie.insert(&["a", "c"], Target::Capture(1, 0));
        trie.insert(&["a"], Target::Capture(2, 0));
        let root = trie.node(0).unwrap();
        let (index, a) = root.child(b"a").unwrap();
        assert_eq!((index, root.width()), (0, 1));
        assert_eq!(root.child(b"b"), None);
        let a = trie.node(a).unwrap();
        assert_eq!(a.targets, [Target::Capture(2, 0)]);
        assert!(a.child(b"b").is_some() && a.child(b"c").is_some() && a.has_children());
    }

    #[test]
    fn every_key_of_many_is_found_and_no_other() {
        let mut trie = Trie::new();
        for number in 0..1000 {
            trie.insert(&[format!("key-{}", number * 2)], Target::Capture(number, 0));
        }
        let root = trie.node(0).unwrap();
        for number in 0..1000 {
            let (index, node) = root.child(format!("key-{}", number * 2).as_bytes()).unwrap();
            assert_eq!((index, &trie.node(node).unwrap().targets[..]), (number, &[Target::Capture(number, 0)][..]));
            assert_eq!(root.child(format!("key-{}", number * 2 + 1).as_bytes()), None);
        }
        assert_eq!((root.child(b""), root.child(b"key-0\0"), root.width()), (None, None, 1000));
    }

    #[test]
    fn long_keys_are_told_apart() {
        let mut trie = Trie::new();
        let (long, longer) = ("k".repeat(70), "k".repeat(90));
        trie.insert(&[&long], Target::Capture(0, 0));
        trie.insert(&[&longer], Target::Capture(1, 0));
        let root = trie.node(0).unwrap();
        assert_ne!(root.child(long.as_bytes()), root.child(longer.as_bytes()));
        assert_eq!(root.child("k".repeat(80).as_bytes()), None);
    }
}
