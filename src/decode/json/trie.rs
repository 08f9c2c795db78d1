//! The paths that somebody reads, as a trie over object keys. Built once per format, walked once per event.

use crate::model::Slot;

/// Who wants the value at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum Target {
    /// A slot of the row, by the spelling of this rank.
    Slot(Slot, u8),
    /// The decoder itself: a capture, by the spelling of this rank.
    Capture(usize, u8),
}

/// A place in a document.
#[derive(Debug, Clone, Default)]
pub(in crate::decode) struct Node {
    /// Who wants the value that lies here.
    pub(in crate::decode) targets: Vec<Target>,
    /// By length of the key, then by the key.
    children: Vec<Child>,
    /// The lengths that occur among the keys, one bit each; the highest bit stands for 63 and more.
    lengths: u64,
}

#[derive(Debug, Clone)]
struct Child {
    key: Box<str>,
    node: usize,
}

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
        let mut at = 0;
        for key in keys {
            at = self.child_or_new(at, key.as_ref());
        }
        if let Some(node) = self.nodes.get_mut(at)
            && !node.targets.contains(&target)
        {
            node.targets.push(target);
        }
    }

    fn child_or_new(&mut self, at: usize, key: &str) -> usize {
        let fresh = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else { return at };
        let place = node.children.binary_search_by(|child| order(&child.key).cmp(&order(key)));
        match place {
            Ok(found) => node.children.get(found).map_or(at, |child| child.node),
            Err(place) => {
                node.children.insert(place, Child { key: key.into(), node: fresh });
                node.lengths |= length_bit(key.len());
                self.nodes.push(Node::default());
                fresh
            }
        }
    }

    pub(in crate::decode) fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }
}

fn order(key: &str) -> (usize, &str) {
    (key.len(), key)
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
    pub(in crate::decode) fn width(&self) -> usize {
        self.children.len()
    }

    /// The child of that key: its index among its siblings and its node.
    #[inline]
    pub(in crate::decode) fn child(&self, key: &str) -> Option<(usize, usize)> {
        if self.lengths & length_bit(key.len()) == 0 {
            return None;
        }
        for (index, child) in self.children.iter().enumerate() {
            if child.key.len() == key.len() {
                if child.key.as_bytes() == key.as_bytes() {
                    return Some((index, child.node));
                }
            } else if child.key.len() > key.len() {
                return None;
            }
        }
        None
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
        let (index, a) = root.child("a").unwrap();
        assert_eq!((index, root.width()), (0, 1));
        assert_eq!(root.child("b"), None);
        let a = trie.node(a).unwrap();
        assert_eq!(a.targets, [Target::Capture(2, 0)]);
        assert!(a.child("b").is_some() && a.child("c").is_some() && a.has_children());
    }

    #[test]
    fn long_keys_are_told_apart() {
        let mut trie = Trie::new();
        let (long, longer) = ("k".repeat(70), "k".repeat(90));
        trie.insert(&[&long], Target::Capture(0, 0));
        trie.insert(&[&longer], Target::Capture(1, 0));
        let root = trie.node(0).unwrap();
        assert_ne!(root.child(&long), root.child(&longer));
        assert_eq!(root.child(&"k".repeat(80)), None);
    }
}
