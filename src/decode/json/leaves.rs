//! Whoever wants the scalars of a value that no field leads into: keyword searches do.

use crate::model::{Row, Scalar};

/// Takes scalars in the order of the document.
pub(in crate::decode) trait Leaves<'a> {
    /// Whether there is any point in resolving escapes.
    const WANTED: bool;
    /// Takes one.
    fn leaf(&mut self, scalar: Scalar<'a>);
}

/// Nobody wants them.
pub(in crate::decode) struct NoLeaves;

impl<'a> Leaves<'a> for NoLeaves {
    const WANTED: bool = false;
    fn leaf(&mut self, _scalar: Scalar<'a>) {}
}

/// Adds them to a row.
pub(in crate::decode) struct RowLeaves<'r, 'a>(pub(in crate::decode) &'r mut Row<'a>);

impl<'a> Leaves<'a> for RowLeaves<'_, 'a> {
    const WANTED: bool = true;
    fn leaf(&mut self, scalar: Scalar<'a>) {
        self.0.push_leaf(scalar);
    }
}
