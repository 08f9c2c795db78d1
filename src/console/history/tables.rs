//! The tables of the history's database, and how their entries are written.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use redb::TableDefinition;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::HistoryError;
use super::summary::Life;

/// Event time and alert: what pages show, in their order.
pub(super) const SUMMARIES: TableDefinition<'_, (i64, u128), &[u8]> = TableDefinition::new("summaries");
/// Alert: its event time and when it was first seen here.
pub(super) const PLACES: TableDefinition<'_, u128, (i64, i64)> = TableDefinition::new("places");
/// When an alert was first seen here, and which.
pub(super) const SEEN: TableDefinition<'_, (i64, u128), ()> = TableDefinition::new("seen");
/// Alert: its newest document, packed.
pub(super) const DOCUMENTS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("documents");
/// Alert: what has become of it.
pub(super) const TRAILS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("trails");
/// Number of a change: the alert that it changed.
pub(super) const CHANGES: TableDefinition<'_, u64, u128> = TableDefinition::new("changes");
/// Event time and series: value and samples.
pub(super) const VALUES: TableDefinition<'_, (i64, u32), (f64, u64)> = TableDefinition::new("values");
/// Series: what it is.
pub(super) const SERIES: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("series");
/// Hash of what a series is: its number.
pub(super) const SERIES_NUMBERS: TableDefinition<'_, u128, u32> = TableDefinition::new("series_numbers");
/// Which edition of these tables the file has.
pub(super) const EDITION: TableDefinition<'_, (), u32> = TableDefinition::new("edition");

/// The edition that this version reads and writes.
pub(super) const THIS_EDITION: u32 = 1;

/// Longest document that is unpacked, in bytes: far more than one has.
const MAX_DOCUMENT: u64 = 64 * 1024 * 1024;

/// What has become of an alert.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Trail {
    /// Oldest first.
    pub(super) revisions: Vec<Revision>,
    /// Oldest first.
    pub(super) lives: Vec<Life>,
}

/// A revision that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number.
    pub revision: u64,
    /// When it was seen here.
    pub time: String,
    /// What it said.
    pub status: String,
}

pub(super) fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, HistoryError> {
    serde_json::to_vec(value).map_err(|error| HistoryError::Entry(error.to_string()))
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, HistoryError> {
    serde_json::from_slice(bytes).map_err(|error| HistoryError::Entry(error.to_string()))
}

pub(super) fn pack(text: &str) -> Result<Vec<u8>, HistoryError> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
    let whole = packed.write_all(text.as_bytes()).and_then(|()| packed.finish());
    whole.map_err(|error| HistoryError::Entry(error.to_string()))
}

pub(super) fn unpack(bytes: &[u8]) -> Result<String, HistoryError> {
    let mut text = String::new();
    let read = DeflateDecoder::new(bytes).take(MAX_DOCUMENT).read_to_string(&mut text);
    read.map(|_| text).map_err(|error| HistoryError::Entry(error.to_string()))
}
