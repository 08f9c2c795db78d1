//! What a payload may be wrapped in: a CloudEvent, a captured HTTP request, gzip.

mod cloud_event;
mod delivery;
mod gzip;

pub(super) use cloud_event::{CloudEvent, Payload};
pub(super) use delivery::captured_request;
pub(super) use gzip::{inflate, is_gzip};

/// Envelopes within envelopes that are opened: a captured request that carries a CloudEvent that carries another is more
/// than anybody sends.
pub(super) const DEEPEST: u8 = 3;
