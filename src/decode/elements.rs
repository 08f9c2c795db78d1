//! Elements of arrays that rules look at one by one: a trie for those of each selected field, and the walk along it when a rule
//! asks. Texts come from a document that was walked before, so their grammar is right.

use std::ops::ControlFlow;

use crate::model::{Chosen, ELEMENT, EachElement, FieldTable, ReadElements, Row, Slot};

use super::json::{Captures, Guesses, ScanError, Scanner, Target, Trie, Walk, spellings};

/// Paths within an element that are looked at for keys that occur twice; beyond them one that does counts twice.
const MOST_PATHS: usize = 4096;

/// What is read of the elements of each selected field, in the order of the table's selections.
#[derive(Debug, Default)]
pub(super) struct Elements {
    levels: Vec<Level>,
}

/// What is read of the elements of one field.
#[derive(Debug)]
struct Level {
    trie: Trie,
    slots: usize,
    /// Of arrays within them.
    inner: Elements,
}

/// The selected slots, each with the paths that lead on within an element.
pub(super) fn selected(fields: &FieldTable) -> Vec<(Slot, Vec<Vec<String>>)> {
    fields.selections().iter().map(|(slot, elements)| (*slot, paths(elements))).collect()
}

/// Every path of the fields, and on into the elements of those that are selected.
fn paths(fields: &FieldTable) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let inner = selected(fields);
    for (slot, name) in named(fields) {
        let own = if slot == ELEMENT { vec![Vec::new()] } else { spelled(name) };
        let within = inner.iter().find(|(selected, _)| *selected == slot).map_or(&[][..], |(_, within)| within);
        for keys in own {
            let further = within.iter().map(|inner| keys.iter().chain(inner).cloned().collect());
            all.extend(std::iter::once(keys.clone()).chain(further));
            all.truncate(MOST_PATHS);
        }
    }
    all
}

fn spelled(name: &str) -> Vec<Vec<String>> {
    spellings(name).into_iter().map(|(keys, _)| keys).collect()
}

fn named(fields: &FieldTable) -> impl Iterator<Item = (Slot, &str)> {
    (0_u32..).map(Slot).zip(fields.names().iter().map(String::as_str))
}

impl Elements {
    pub(super) fn of(fields: &FieldTable) -> Self {
        Self { levels: fields.selections().iter().map(|(_, elements)| Level::of(elements)).collect() }
    }
}

impl Level {
    fn of(fields: &FieldTable) -> Self {
        let mut trie = Trie::new();
        let is_selected = |slot: Slot| fields.selections().iter().any(|(selected, _)| *selected == slot);
        for (slot, name) in named(fields) {
            let own = if slot == ELEMENT { vec![(Vec::new(), 0)] } else { spellings(name) };
            for (keys, rank) in own {
                trie.insert(&keys, Target::Slot(slot, rank));
                if is_selected(slot) {
                    trie.insert(&keys, Target::Piece(slot, rank));
                }
            }
        }
        trie.number_from(0);
        Self { trie, slots: fields.len(), inner: Elements::of(fields) }
    }
}

impl ReadElements for Elements {
    fn read(&self, selection: usize, text: &str, chosen: Chosen, each: EachElement<'_>) -> ControlFlow<()> {
        let Some(level) = self.levels.get(selection) else { return ControlFlow::Continue(()) };
        let scanner = Scanner::new(text, usize::MAX);
        let mut reading =
            Reading { level, scanner, row: Row::new(level.slots), seen: Vec::new(), guesses: Guesses::default() };
        let outcome = match (scanner.byte(0), chosen) {
            (b'[', Chosen::Every) => reading.array(each),
            (b'[', Chosen::At(index)) => reading.at(index, each),
            (_, Chosen::Every) => reading.element(0, each).map(|(flow, _)| flow),
            // what is no array has no places
            (_, Chosen::At(_)) => Ok(ControlFlow::Continue(())),
        };
        // the grammar is right
        outcome.unwrap_or(ControlFlow::Continue(()))
    }
}

/// The elements of one text on their way into one row.
struct Reading<'a> {
    level: &'a Level,
    scanner: Scanner<'a>,
    row: Row<'a>,
    seen: Vec<u64>,
    guesses: Guesses,
}

type Outcome<T> = Result<T, Box<ScanError>>;

impl Reading<'_> {
    /// Every element, until it is enough.
    fn array(&mut self, each: EachElement<'_>) -> Outcome<ControlFlow<()>> {
        let scanner = self.scanner;
        let mut at = scanner.skip_whitespace(1);
        while scanner.byte(at) != b']' {
            let (flow, end) = self.element(at, each)?;
            if flow.is_break() {
                return Ok(flow);
            }
            at = scanner.skip_whitespace(end);
            if scanner.byte(at) == b',' {
                at = scanner.skip_whitespace(at + 1);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The element at a place.
    fn at(&mut self, index: i64, each: EachElement<'_>) -> Outcome<ControlFlow<()>> {
        let scanner = self.scanner;
        let place = if index < 0 {
            let mut length = 0_usize;
            scanner.elements(0, |_| length += 1)?;
            Chosen::place(index, length)
        } else {
            usize::try_from(index).ok()
        };
        let (mut number, mut found) = (0_usize, None);
        scanner.elements(0, |element| {
            if place == Some(number) {
                found = Some(element);
            }
            number += 1;
        })?;
        let Some(found) = found else { return Ok(ControlFlow::Continue(())) };
        self.scanner = Scanner::new(found, scanner.max_depth());
        self.element(0, each).map(|(flow, _)| flow)
    }

    /// The element that begins there; gives its end.
    fn element(&mut self, at: usize, each: EachElement<'_>) -> Outcome<(ControlFlow<()>, usize)> {
        let mut captures = Captures::default();
        let Self { level, scanner, row, seen, guesses } = self;
        let end = Walk::new(*scanner, &level.trie, row, &mut captures, seen, guesses).element(at)?;
        row.read_elements_with(&level.inner);
        let flow = each(row);
        *row = std::mem::take(row).recycle();
        Ok((flow, end))
    }
}
