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

/// An element itself, in the table of elements: its value if it is one.
pub const ELEMENT: Slot = Slot(0);
/// The name by which rules call the element itself.
const ELEMENT_NAME: &str = ".";

/// Names of all fields that are read, each with its slot.
#[derive(Debug, Clone, Default)]
pub struct FieldTable {
    names: Vec<String>,
    slots: HashMap<String, Slot>,
    leaves: bool,
    /// Fields of which somebody looks at single elements, each with the fields of an element.
    selections: Vec<(Slot, FieldTable)>,
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

    /// Asks for the elements of a field, each as an event of its own; gives the place of its table.
    pub fn select(&mut self, slot: Slot) -> usize {
        if let Some(known) = self.selections.iter().position(|(selected, _)| *selected == slot) {
            return known;
        }
        let mut elements = Self::new();
        elements.slot(ELEMENT_NAME);
        self.selections.push((slot, elements));
        self.selections.len() - 1
    }

    /// The fields of which elements are looked at, each with the fields of an element, of which [`ELEMENT`] is the first.
    #[must_use]
    pub fn selections(&self) -> &[(Slot, FieldTable)] {
        &self.selections
    }

    /// The fields of the elements of a selection.
    pub fn elements_mut(&mut self, selection: usize) -> Option<&mut Self> {
        self.selections.get_mut(selection).map(|(_, elements)| elements)
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
