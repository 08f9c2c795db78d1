//! The fields that somebody reads: the loaded rules and the alert documents. Known before the first event (property 5).

use foldhash::HashMap;

/// Index of a field in the rows of one [`FieldTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

impl Slot {
    /// As an index into a vector.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Names of all fields that are read, each with its slot.
#[derive(Debug, Clone, Default)]
pub struct FieldTable {
    names: Vec<String>,
    slots: HashMap<String, Slot>,
    leaves: bool,
}

impl FieldTable {
    /// A table without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The slot of a field, allotted on first use. Names are dotted paths, `aigov.model.name`.
    pub fn slot(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let slot = Slot(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(name.to_owned());
        self.slots.insert(name.to_owned(), slot);
        slot
    }

    /// The slot of a field if anybody reads it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Slot> {
        self.slots.get(name).copied()
    }

    /// The name of a slot.
    #[must_use]
    pub fn name(&self, slot: Slot) -> &str {
        self.names.get(slot.index()).map_or("", String::as_str)
    }

    /// All names, in the order of their slots.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of slots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether nobody reads anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Asks for every leaf value of an event as well: some rule searches keywords.
    pub fn want_leaves(&mut self) {
        self.leaves = true;
    }

    /// Whether rows must carry every leaf value.
    #[must_use]
    pub fn leaves_wanted(&self) -> bool {
        self.leaves
    }
}
