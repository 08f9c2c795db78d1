//! A rule over atoms: what [`Predicate::matches`] gives, computed from what is known of the event already. What no atom
//! can say is left to the predicate, behind the atoms that must be true for it.

use std::sync::Arc;

use super::ask::Asked;
use super::atom::{Atom, Atoms, Group, Place};
use super::regex_literals::{Need, need};
use crate::model::Slot;
use crate::rule::pattern::{Anchoring, Pattern, fold};
use crate::rule::predicate::{Keyword, Predicate, Test};
use crate::rule::value_set::ValueSet;

/// Shortest text of a regular expression or a pattern with wildcards that is worth looking for.
const SHORTEST: usize = 3;
/// Most values of a set that are looked for one by one; a longer one, such as a table, is asked as a whole.
const MOST_VALUES: usize = 256;

/// A condition over the atoms and the row of an event.
#[derive(Debug, Clone)]
pub(super) enum Formula {
    Constant(bool),
    /// Every atom and everything else.
    All(Group, Vec<Formula>),
    /// Some atom or something else.
    Any(Group, Vec<Formula>),
    Not(Box<Formula>),
    /// Asked of the row.
    Plain(Predicate),
}

impl Formula {
    /// The formula that holds whenever the predicate matches.
    pub(super) fn of(predicate: &Predicate, atoms: &mut Atoms) -> Self {
        match predicate {
            Predicate::Constant(value) => Self::Constant(*value),
            Predicate::And(parts) => all(parts.iter().map(|part| Self::of(part, atoms)).collect()),
            Predicate::Or(parts) => any(parts.iter().map(|part| Self::of(part, atoms)).collect()),
            Predicate::Not(part) => match Self::of(part, atoms) {
                Self::Constant(value) => Self::Constant(!value),
                formula => Self::Not(Box::new(formula)),
            },
            Predicate::Field(slot, test) => of_test(*slot, test, atoms),
            Predicate::Keyword(keyword) => of_keyword(keyword, atoms),
            Predicate::Elements(_) => Self::Plain(predicate.clone()),
        }
    }

    /// Whether it holds.
    pub(super) fn holds(&self, event: &mut Asked<'_, '_>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::All(group, rest) => event.all(group) && rest.iter().all(|part| part.holds(event)),
            Self::Any(group, rest) => event.any(group) || rest.iter().any(|part| part.holds(event)),
            Self::Not(part) => !part.holds(event),
            Self::Plain(predicate) => predicate.matches(event.row),
        }
    }

    /// Calls `visit` with every atom that is asked for.
    pub(super) fn visit_atoms(&self, visit: &mut dyn FnMut(u32)) {
        match self {
            Self::Constant(_) | Self::Plain(_) => {}
            Self::All(group, rest) | Self::Any(group, rest) => {
                group.atoms().for_each(&mut *visit);
                rest.iter().for_each(|part| part.visit_atoms(visit));
            }
            Self::Not(part) => part.visit_atoms(visit),
        }
    }

    /// What is cheap is asked first.
    fn effort(&self) -> usize {
        match self {
            Self::Constant(_) => 0,
            Self::All(group, rest) | Self::Any(group, rest) => {
                group.len().min(15) + rest.iter().map(Self::effort).sum::<usize>()
            }
            Self::Not(part) => part.effort(),
            Self::Plain(Predicate::Field(_, Test::Exists(_) | Test::Null)) => 2,
            Self::Plain(Predicate::Field(_, Test::Regex(_))) => 100,
            Self::Plain(Predicate::Elements(_)) => 200,
            Self::Plain(_) => 20,
        }
    }
}

fn known(atom: Atom, atoms: &mut Atoms) -> Formula {
    let mut group = Group::default();
    group.add(atoms.number(atom));
    Formula::All(group, Vec::new())
}

fn all(parts: Vec<Formula>) -> Formula {
    let (mut group, mut rest) = (Group::default(), Vec::new());
    for part in parts {
        match part {
            Formula::Constant(true) => {}
            Formula::Constant(false) => return Formula::Constant(false),
            Formula::All(atoms, more) => {
                group.merge(&atoms);
                rest.extend(more);
            }
            other => rest.push(other),
        }
    }
    rest.sort_by_key(Formula::effort);
    match (group.is_empty(), rest.len()) {
        (true, 0) => Formula::Constant(true),
        (true, 1) => rest.remove(0),
        _ => Formula::All(group, rest),
    }
}

fn any(parts: Vec<Formula>) -> Formula {
    let (mut group, mut rest) = (Group::default(), Vec::new());
    for part in parts {
        match part {
            Formula::Constant(false) => {}
            Formula::Constant(true) => return Formula::Constant(true),
            Formula::Any(atoms, more) => {
                group.merge(&atoms);
                rest.extend(more);
            }
            // one atom is the same to both
            Formula::All(atoms, more) if more.is_empty() && atoms.atoms().nth(1).is_none() => group.merge(&atoms),
            other => rest.push(other),
        }
    }
    rest.sort_by_key(Formula::effort);
    match (group.is_empty(), rest.len()) {
        (true, 0) => Formula::Constant(false),
        (true, 1) => rest.remove(0),
        _ => Formula::Any(group, rest),
    }
}

fn of_test(slot: Slot, test: &Test, atoms: &mut Atoms) -> Formula {
    match test {
        Test::Text(pattern, number) => {
            let text = of_pattern(slot, pattern, atoms);
            match number {
                Some(number) => any(vec![text, known(Atom::Number(slot, *number), atoms)]),
                None => text,
            }
        }
        Test::OneOf(values) if values.len() <= MOST_VALUES => of_values(slot, values, atoms),
        Test::Regex(regex) => {
            let plain = Formula::Plain(Predicate::Field(slot, test.clone()));
            all(vec![of_need(slot, need(regex.as_str(), SHORTEST), atoms), plain])
        }
        _ => Formula::Plain(Predicate::Field(slot, test.clone())),
    }
}

/// The texts are folded; a set that minds the case is asked as well.
fn of_values(slot: Slot, values: &Arc<ValueSet>, atoms: &mut Atoms) -> Formula {
    let mut texts: Vec<String> = values.texts().map(fold).collect();
    texts.sort_unstable();
    let mut parts: Vec<Formula> =
        texts.into_iter().map(|text| known(Atom::Text(slot, Place::Whole, text), atoms)).collect();
    parts.extend(values.numbers().map(|number| known(Atom::Number(slot, number), atoms)));
    let found = any(parts);
    if values.is_cased() {
        return all(vec![found, Formula::Plain(Predicate::Field(slot, Test::OneOf(Arc::clone(values))))]);
    }
    found
}

fn of_need(slot: Slot, need: Need, atoms: &mut Atoms) -> Formula {
    match need {
        Need::Nothing => Formula::Constant(true),
        Need::Text(text) => known(Atom::Text(slot, Place::Anywhere, text), atoms),
        Need::All(needs) => all(needs.into_iter().map(|need| of_need(slot, need, atoms)).collect()),
        Need::Any(needs) => any(needs.into_iter().map(|need| of_need(slot, need, atoms)).collect()),
    }
}

fn of_pattern(slot: Slot, pattern: &Pattern, atoms: &mut Atoms) -> Formula {
    let plain = || Formula::Plain(Predicate::Field(slot, Test::Text(pattern.clone(), None)));
    if let Some((text, place)) = pattern.only_text().map(|(text, open)| (fold(text), place(open))) {
        return match (text.is_empty() && place != Place::Whole, pattern.is_cased()) {
            (true, _) => plain(),
            (false, false) => known(Atom::Text(slot, place, text), atoms),
            (false, true) => all(vec![known(Atom::Text(slot, place, text), atoms), plain()]),
        };
    }
    let texts: Vec<String> = pattern.literals().filter(|text| text.len() >= SHORTEST).map(fold).collect();
    let mut parts: Vec<Formula> =
        texts.into_iter().map(|text| known(Atom::Text(slot, Place::Anywhere, text), atoms)).collect();
    parts.push(plain());
    all(parts)
}

fn place(open: Anchoring) -> Place {
    match (open.open_start, open.open_end) {
        (false, false) => Place::Whole,
        (false, true) => Place::Start,
        (true, false) => Place::End,
        (true, true) => Place::Anywhere,
    }
}

fn of_keyword(keyword: &Keyword, atoms: &mut Atoms) -> Formula {
    let plain = Formula::Plain(Predicate::Keyword(keyword.clone()));
    match &keyword.literal {
        Some(text) if text.is_empty() => plain,
        Some(text) => known(Atom::Leaf(text.clone()), atoms),
        None => {
            let texts: Vec<String> =
                keyword.pattern.literals().filter(|text| text.len() >= SHORTEST).map(fold).collect();
            let mut parts: Vec<Formula> = texts.into_iter().map(|text| known(Atom::Leaf(text), atoms)).collect();
            parts.push(plain);
            all(parts)
        }
    }
}
