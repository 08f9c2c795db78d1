//! What a derived field is computed from, and where it is put.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use crate::decode::context::Context;
use crate::decode::json::{Captures, Value};
use crate::model::{Row, Scalar, Slot};

/// Captured values of one event.
pub(in crate::decode) struct Facts<'f, 'a> {
    pub(in crate::decode) captures: &'f Captures<'a>,
    /// Index of the producer's first capture.
    pub(in crate::decode) first: usize,
    /// The document's text.
    pub(in crate::decode) document: &'a str,
    /// The envelope and the headers that it came with.
    pub(in crate::decode) context: &'f Context<'a>,
}

impl<'a> Facts<'_, 'a> {
    /// The value at the producer's capture path of that index. JSON null counts as missing.
    pub(in crate::decode) fn get(&self, index: usize) -> Option<&Value<'a>> {
        self.captures.get(self.first + index).filter(|value| !value.is_null())
    }

    /// Its text if it is a scalar.
    pub(in crate::decode) fn text(&self, index: usize) -> Option<&str> {
        self.get(index)?.text()
    }

    /// Its text if it is a scalar and not empty, to keep.
    pub(in crate::decode) fn word(&self, index: usize) -> Option<Cow<'a, str>> {
        scalar_text(self.get(index)?).filter(|text| !text.is_empty())
    }
}

/// The text of a scalar, borrowed from the document where it is not escaped.
pub(in crate::decode) fn scalar_text<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::Scalar(Scalar::Text(text)) => Some(text.clone()),
        Value::Scalar(Scalar::Number(text)) => Some(Cow::Borrowed(text)),
        Value::Scalar(Scalar::Bool(value)) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        _ => None,
    }
}

/// A part of a text, borrowed if the text is.
pub(in crate::decode) fn part_of<'a>(text: &Cow<'a, str>, part: impl Fn(&str) -> &str) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)),
        Cow::Owned(text) => Cow::Owned(part(text).to_owned()),
    }
}

/// Keeps the spelling of computed numbers alive as long as the row that refers to them.
#[derive(Debug, Default)]
pub(in crate::decode) struct Arena {
    /// Made on first use: most events compute no number.
    texts: OnceCell<Box<[OnceCell<String>; 12]>>,
    used: Cell<usize>,
}

impl Arena {
    /// Keeps a text. More than the producers need is refused.
    pub(in crate::decode) fn keep(&self, text: String) -> Option<&str> {
        let cell = self.texts.get_or_init(Box::default).get(self.used.get())?;
        self.used.set(self.used.get() + 1);
        Some(cell.get_or_init(|| text).as_str())
    }
}

/// The slot that a derived field is written to.
pub(in crate::decode) struct Emit<'e, 'a> {
    pub(in crate::decode) row: &'e mut Row<'a>,
    pub(in crate::decode) slot: Slot,
    pub(in crate::decode) arena: &'a Arena,
}

impl<'a> Emit<'_, 'a> {
    pub(in crate::decode) fn scalar(&mut self, scalar: Scalar<'a>) {
        self.row.push(self.slot, 0, scalar);
    }

    pub(in crate::decode) fn text(&mut self, text: impl Into<Cow<'a, str>>) {
        self.scalar(Scalar::Text(text.into()));
    }

    pub(in crate::decode) fn flag(&mut self, flag: bool) {
        self.scalar(Scalar::Bool(flag));
    }

    /// A computed number.
    pub(in crate::decode) fn number(&mut self, number: impl std::fmt::Display + Copy) {
        if let Some(spelled) = self.arena.keep(number.to_string()) {
            self.scalar(Scalar::Number(spelled));
        }
    }

    /// A captured value: a scalar as it is, the scalars of an array, the presence of an object.
    pub(in crate::decode) fn value(&mut self, value: &Value<'a>) {
        match value {
            Value::Scalar(scalar) => self.scalar(scalar.clone()),
            Value::Object(_) => self.row.mark_present(self.slot, 0),
            Value::Array(_) => {
                self.row.mark_present(self.slot, 0);
                for element in value.elements() {
                    if let Value::Scalar(scalar) = element {
                        self.scalar(scalar);
                    }
                }
            }
        }
    }
}
