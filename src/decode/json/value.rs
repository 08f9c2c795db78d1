//! A value that is read later: a scalar, or the text of an array or object whose members are found when asked for.
//! For what a decoder itself must look into; rows are filled by the walk.

use std::borrow::Cow;

use crate::model::Scalar;

use super::Scanner;
use super::leaves::NoLeaves;

/// A JSON value; arrays and objects are their text, already validated.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::decode) enum Value<'a> {
    Scalar(Scalar<'a>),
    Object(&'a str),
    Array(&'a str),
}

impl<'a> Value<'a> {
    /// The text, if it is a string.
    pub(in crate::decode) fn string(&self) -> Option<&str> {
        match self {
            Self::Scalar(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The text that a scalar other than null has.
    pub(in crate::decode) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(scalar) => scalar.as_text(),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub(in crate::decode) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Scalar(Scalar::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// The number that it is, or that its text spells.
    pub(in crate::decode) fn number(&self) -> Option<f64> {
        match self {
            Self::Scalar(scalar) => scalar.as_number(),
            _ => None,
        }
    }

    pub(in crate::decode) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(in crate::decode) fn is_null(&self) -> bool {
        matches!(self, Self::Scalar(Scalar::Null))
    }

    /// Keys and values of an object in the order of the text; nothing for anything else.
    pub(in crate::decode) fn members(&self) -> Members<'a> {
        Members(match self {
            Self::Object(text) => Some(Inside::open(text)),
            _ => None,
        })
    }

    /// Elements of an array; nothing for anything else.
    pub(in crate::decode) fn elements(&self) -> Elements<'a> {
        Elements(match self {
            Self::Array(text) => Some(Inside::open(text)),
            _ => None,
        })
    }

    /// The value of that key; of several the first.
    pub(in crate::decode) fn get(&self, key: &str) -> Option<Self> {
        self.members().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value at the end of these keys.
    pub(in crate::decode) fn at(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self.clone(), |value, key| value.get(key))
    }

    /// Reads the value at `at`; gives it and its end.
    pub(in crate::decode) fn read(scanner: &Scanner<'a>, at: usize) -> Result<(Self, usize), Box<super::ScanError>> {
        match scanner.byte(at) {
            bracket @ (b'{' | b'[') => {
                let end = scanner.skip(at, scanner.max_depth(), &mut NoLeaves)?;
                let text = scanner.slice(at, end);
                Ok((if bracket == b'{' { Self::Object(text) } else { Self::Array(text) }, end))
            }
            _ => scanner.scalar(at).map(|(scalar, end)| (Self::Scalar(scalar), end)),
        }
    }
}

/// Within the brackets of an array or object.
struct Inside<'a> {
    scanner: Scanner<'a>,
    at: usize,
}

impl<'a> Inside<'a> {
    fn open(text: &'a str) -> Self {
        Self { scanner: Scanner::new(text, usize::MAX), at: 1 }
    }

    /// Steps over white space and commas to the next member; false at the closing bracket.
    fn step(&mut self) -> bool {
        self.at = self.scanner.skip_whitespace(self.at);
        if self.scanner.byte(self.at) == b',' {
            self.at = self.scanner.skip_whitespace(self.at + 1);
        }
        !matches!(self.scanner.byte(self.at), 0 | b'}' | b']')
    }

    fn value(&mut self) -> Option<Value<'a>> {
        let (value, end) = Value::read(&self.scanner, self.at).ok()?;
        self.at = end;
        Some(value)
    }
}

fn step_into<'i, 'a>(inside: &'i mut Option<Inside<'a>>) -> Option<&'i mut Inside<'a>> {
    let inside = inside.as_mut()?;
    if inside.step() { Some(inside) } else { None }
}

/// Keys and values of an object.
pub(in crate::decode) struct Members<'a>(Option<Inside<'a>>);

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let inside = step_into(&mut self.0)?;
        let key = inside.scanner.key(inside.at).ok()?;
        inside.at = key.value;
        Some((inside.scanner.decode_key(key), inside.value()?))
    }
}

/// Elements of an array.
pub(in crate::decode) struct Elements<'a>(Option<Inside<'a>>);

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        step_into(&mut self.0)?.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_where_they_lie() {
        let value = Value::Object("{ \"a\" : [1, {\"b\":\"x\\n\"} , []], \"c\\u0064\":{\"e\":NaN}, \"f\":null }");
        let names: Vec<String> = value.members().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["a", "cd", "f"]);
        let elements: Vec<Value<'_>> = value.get("a").unwrap().elements().collect();
        assert_eq!(elements.len(), 3);
        assert_eq!(elements[1].get("b").unwrap().string(), Some("x\n"));
        assert_eq!(elements[2], Value::Array("[]"));
        assert!(value.at(&["cd", "e"]).unwrap().number().unwrap().is_nan());
        assert!(value.get("f").unwrap().is_null());
        assert_eq!(value.at(&["a", "b"]), None);
    }
}
