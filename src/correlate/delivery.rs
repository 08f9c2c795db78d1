//! Inputs of one moment on their way to groups: one event that comes under several channels, or matches several rules of
//! a correlation, is one input of a group.

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::input::Input;
use crate::model::{KeyHash, Signal, SignalRoute};

/// An input on its way to a group.
pub(super) struct Delivery {
    pub(super) correlation: u32,
    pub(super) key: KeyHash,
    /// The encoded signal and its channel; hits have none.
    pub(super) place: Option<(Arc<[u8]>, u32)>,
    pub(super) group: GroupValues,
    pub(super) input: Input,
}

/// The inputs of one group of one moment.
pub(super) struct Delivered {
    pub(super) correlation: u32,
    pub(super) key: KeyHash,
    pub(super) group: GroupValues,
    pub(super) inputs: Vec<Input>,
}

/// The values of a delivery's group. Most deliveries go to a group that is known, and then nobody reads them.
#[derive(Debug, Clone)]
pub(super) enum GroupValues {
    /// Of a hit.
    Known(Arc<[Option<String>]>),
    /// In this encoded signal.
    Encoded(Arc<[u8]>),
}

impl GroupValues {
    /// The values.
    pub(super) fn read(self) -> Arc<[Option<String>]> {
        match self {
            Self::Known(values) => values,
            Self::Encoded(bytes) => {
                let group = Signal::decode_head(&bytes).map(|signal| signal.group).unwrap_or_default();
                group.into_iter().map(|value| value.map(std::borrow::Cow::into_owned)).collect()
            }
        }
    }
}

/// Adds a delivery, joined with the one before it when both are one event for one group.
pub(super) fn merge(batch: &mut Vec<Delivery>, delivery: Delivery) {
    let same = batch.iter_mut().rev().take_while(|known| {
        known
            .place
            .as_ref()
            .is_some_and(|place| delivery.place.as_ref().is_some_and(|other| Arc::ptr_eq(&place.0, &other.0)))
    });
    for known in same {
        if known.correlation == delivery.correlation && known.key == delivery.key {
            known.input.positions |= delivery.input.positions;
            known.input.resets |= delivery.input.resets;
            return;
        }
    }
    batch.push(delivery);
}

/// The inputs of one moment by group; those of a group keep their order.
pub(super) fn by_group(mut batch: Vec<Delivery>) -> impl Iterator<Item = Delivered> {
    if batch.len() > 1 {
        // stable
        batch.sort_by_key(|delivery| (delivery.correlation, delivery.key));
    }
    let mut batch = batch.into_iter().peekable();
    std::iter::from_fn(move || {
        let first = batch.next()?;
        let (correlation, key, group) = (first.correlation, first.key, first.group);
        let mut inputs = vec![first.input];
        let mut places: SmallVec<[_; 2]> = smallvec![first.place];
        while let Some(next) = batch.next_if(|next| next.correlation == correlation && next.key == key) {
            let same =
                places.iter().zip(&mut inputs).find(|(place, _)| same_event(place.as_ref(), next.place.as_ref()));
            if let Some((_, input)) = same {
                input.positions |= next.input.positions;
                input.resets |= next.input.resets;
            } else {
                inputs.push(next.input);
                // only neighbours can be the same event; older places need not be searched
                places.clear();
                places.resize(inputs.len() - 1, None);
                places.push(next.place);
            }
        }
        Some(Delivered { correlation, key, group, inputs })
    })
}

/// Whether two deliveries are signals of one event (under different channels).
fn same_event(one: Option<&(Arc<[u8]>, u32)>, two: Option<&(Arc<[u8]>, u32)>) -> bool {
    let (Some((one, _)), Some((two, _))) = (one, two) else { return false };
    SignalRoute::is_one_event(one, two)
}
