//! Layer 2: where records come from. A source delivers bytes with coordinates, in order within a partition, at least
//! once; it decodes nothing and knows no rule.
//!
//! | module | reads |
//! |---|---|
//! | [`lines`] | lines of a file or of standard input |
//! | `kafka` (feature `live`) | topics of a Kafka cluster |

#[cfg(feature = "live")]
pub mod kafka;
pub mod lines;
mod owned;
mod settings;

pub use owned::{OwnedHeader, OwnedRecord};
pub use settings::{KafkaConnection, Sasl, SaslMechanism, Security, SecurityProtocol, Start, TopicSubscription};
