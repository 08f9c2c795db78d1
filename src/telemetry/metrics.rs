//! The program's metrics: one typed struct of counters and gauges, usable from synchronous code, rendered as Prometheus
//! text. A handle is a shared counter: a hot loop fetches it once (`get_or_create_owned`) and keeps it.

mod labels;

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
pub use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub use labels::{
    BoundLabel, BufferLabel, FaultLabels, FilterLabel, LookupLabel, PartitionLabels, ReloadLabel, RuleAlertLabels,
    RuleLabel, SinkLabel, SourceLabel,
};

use crate::model::Timestamp;

/// A gauge of seconds with decimals.
type SecondsGauge = Gauge<f64, AtomicU64>;

/// Everything that is counted. All names begin with `clarion_`; counters end in `_total`.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Records that a source delivered.
    pub records_read: Family<SourceLabel, Counter>,
    /// Events that decoding made of them.
    pub events_decoded: Family<SourceLabel, Counter>,
    /// Records and alerts that could not be used, by stage and kind; each is in the dead letters.
    pub faults: Family<FaultLabels, Counter>,
    /// Events behind the watermark.
    pub late_events: Family<SourceLabel, Counter>,
    /// Events that were there already (same id and time).
    pub repeated_events: Counter,
    /// Events too far in the future, which got their time of arrival.
    pub skewed_events: Family<SourceLabel, Counter>,
    /// Times that a rule could not group an event because a key field is missing.
    pub group_key_missing: Counter,
    /// Events that a rule which measures left out, because they have no number or value there.
    pub values_skipped: Counter,
    /// Records that the broker had deleted before they were read.
    pub records_lost: Family<SourceLabel, Counter>,
    /// Matches that a filter took back.
    pub filtered_matches: Family<FilterLabel, Counter>,
    /// Rules that are loaded and cannot run.
    pub inactive_rules: Gauge,
    /// Signals from detect to correlate.
    pub signals: Counter,
    /// Alerts raised (new ones, not their updates).
    pub alerts: Family<RuleAlertLabels, Counter>,
    /// Values of series that rules wrote.
    pub metrics: Family<RuleLabel, Counter>,
    /// Documents that a sink has acknowledged.
    pub sink_delivered: Family<SinkLabel, Counter>,
    /// Documents that a sink refused for good.
    pub sink_rejected: Family<SinkLabel, Counter>,
    /// Attempts that were repeated.
    pub sink_retries: Family<SinkLabel, Counter>,
    /// 1 for a sink whose last request went through, or that had none yet; 0 for one that is down.
    pub sink_up: Family<SinkLabel, Gauge>,
    /// Documents that wait for a sink's acknowledgement.
    pub sink_owed: Family<SinkLabel, Gauge>,
    snapshot_taken: SecondsGauge,
    snapshot_bytes: Gauge,
    /// Messages that the receiver of a route has taken.
    pub notifications: Family<SinkLabel, Counter>,
    /// Alerts that a route's limit held back, so that they were told as an entry of a list.
    pub notifications_held_back: Family<SinkLabel, Counter>,
    /// Alerts that wait in a route.
    pub notifications_waiting: Family<SinkLabel, Gauge>,
    /// Messages that a template could not make.
    pub template_failures: Family<SinkLabel, Counter>,
    /// Times that a configured bound was reached.
    pub bounds_reached: Family<BoundLabel, Counter>,
    /// What a buffer holds now.
    pub buffered: Family<BufferLabel, Gauge>,
    /// Records between the last one read and the end of the partition.
    pub lag: Family<PartitionLabels, Gauge>,
    /// Times that a lookup table could not be read, or was read and could not be used.
    pub lookup_failures: Family<LookupLabel, Counter>,
    /// Times that other rules or tables were taken up, or refused.
    pub reloads: Family<ReloadLabel, Counter>,
    /// Documents that came and are not in the console's history.
    pub console_missed: Counter,
    lookup_values: Family<LookupLabel, Gauge>,
    lookup_since: Family<LookupLabel, SecondsGauge>,
    lookup_read: Family<LookupLabel, SecondsGauge>,
    watermark: Family<SourceLabel, SecondsGauge>,
    watermark_holder: Family<SourceLabel, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("clarion"),
            records_read: Family::default(),
            events_decoded: Family::default(),
            faults: Family::default(),
            late_events: Family::default(),
            repeated_events: Counter::default(),
            skewed_events: Family::default(),
            group_key_missing: Counter::default(),
            values_skipped: Counter::default(),
            records_lost: Family::default(),
            filtered_matches: Family::default(),
            inactive_rules: Gauge::default(),
            signals: Counter::default(),
            alerts: Family::default(),
            metrics: Family::default(),
            sink_delivered: Family::default(),
            sink_rejected: Family::default(),
            sink_retries: Family::default(),
            sink_up: Family::default(),
            sink_owed: Family::default(),
            snapshot_taken: SecondsGauge::default(),
            snapshot_bytes: Gauge::default(),
            notifications: Family::default(),
            notifications_held_back: Family::default(),
            notifications_waiting: Family::default(),
            template_failures: Family::default(),
            bounds_reached: Family::default(),
            buffered: Family::default(),
            lag: Family::default(),
            lookup_failures: Family::default(),
            reloads: Family::default(),
            console_missed: Counter::default(),
            lookup_values: Family::default(),
            lookup_since: Family::default(),
            lookup_read: Family::default(),
            watermark: Family::default(),
            watermark_holder: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("records_read", "Records that a source delivered", self.records_read.clone());
        registry.register("events_decoded", "Events that decoding made of records", self.events_decoded.clone());
        registry.register("faults", "Records and alerts that could not be used", self.faults.clone());
        registry.register("late_events", "Events behind the watermark", self.late_events.clone());
        registry.register("repeated_events", "Events that were there already", self.repeated_events.clone());
        registry.register("skewed_events", "Events too far in the future", self.skewed_events.clone());
        registry.register("group_key_missing", "Events without a rule's group key", self.group_key_missing.clone());
        registry.register(
            "values_skipped",
            "Events without the value that a rule measures",
            self.values_skipped.clone(),
        );
        registry.register(
            "records_lost",
            "Records deleted by the broker before they were read",
            self.records_lost.clone(),
        );
        registry.register("filtered_matches", "Matches that a filter took back", self.filtered_matches.clone());
        registry.register("inactive_rules", "Rules without their lookup table", self.inactive_rules.clone());
        registry.register("signals", "Signals from detect to correlate", self.signals.clone());
        registry.register("alerts", "Alerts raised", self.alerts.clone());
        registry.register("metric_values", "Values of series that rules wrote", self.metrics.clone());
        registry.register("sink_delivered", "Documents acknowledged by a sink", self.sink_delivered.clone());
        registry.register("sink_rejected", "Documents refused by a sink for good", self.sink_rejected.clone());
        registry.register("sink_retries", "Attempts that were repeated", self.sink_retries.clone());
        registry.register("sink_up", "1 unless the sink's last request failed", self.sink_up.clone());
        registry.register("sink_owed_documents", "Documents that wait for a sink", self.sink_owed.clone());
        registry.register(
            "snapshot_timestamp_seconds",
            "When the last snapshot was taken; 0 before the first",
            self.snapshot_taken.clone(),
        );
        registry.register("snapshot_size_bytes", "Size of the last snapshot", self.snapshot_bytes.clone());
        registry.register("notifications", "Messages taken by the receiver of a route", self.notifications.clone());
        registry.register(
            "notifications_held_back",
            "Alerts held back by a route's limit and told in a list",
            self.notifications_held_back.clone(),
        );
        registry.register("notifications_waiting", "Alerts that wait in a route", self.notifications_waiting.clone());
        registry.register(
            "notification_template_failures",
            "Messages that a template could not make",
            self.template_failures.clone(),
        );
        registry.register("bounds_reached", "Times that a configured bound was reached", self.bounds_reached.clone());
        registry.register("buffered", "What a buffer holds now", self.buffered.clone());
        registry.register("lag_records", "Records between the last one read and the end", self.lag.clone());
        registry.register(
            "lookup_refresh_failures",
            "Times that a lookup table could not be read or used",
            self.lookup_failures.clone(),
        );
        registry.register("lookup_values", "Values of the lookup table in use", self.lookup_values.clone());
        registry.register(
            "lookup_version_timestamp_seconds",
            "When the version of the lookup table in use came into use",
            self.lookup_since.clone(),
        );
        registry.register(
            "lookup_refresh_timestamp_seconds",
            "When the lookup table was last read where it comes from",
            self.lookup_read.clone(),
        );
        registry.register("reloads", "Times that rules or tables were taken up or refused", self.reloads.clone());
        registry.register(
            "console_missed",
            "Documents that came and are not in the console's history",
            self.console_missed.clone(),
        );
        registry.register(
            "watermark_timestamp_seconds",
            "Event time up to which a source is complete",
            self.watermark.clone(),
        );
        registry.register(
            "watermark_holder",
            "1 for the source whose watermark is the lowest",
            self.watermark_holder.clone(),
        );
        registry.register("build", "Version of the program", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
    }

    /// Sets what a buffer holds.
    pub fn set_buffered(&self, buffer: &BufferLabel, entries: usize) {
        self.buffered.get_or_create(buffer).set(i64::try_from(entries).unwrap_or(i64::MAX));
    }

    /// Sets a source's watermark. One that is not known yet (before every event) is not shown.
    pub fn set_watermark(&self, source: &str, watermark: Timestamp) {
        if watermark > Timestamp::MIN && watermark < Timestamp::MAX {
            let seconds = watermark.0 as f64 / 1e9;
            self.watermark.get_or_create(&SourceLabel::of(source)).set(seconds);
        }
    }

    /// A version of a lookup table has come into use.
    pub fn set_table_in_use(&self, table: &str, values: usize, now: Timestamp) {
        let label = LookupLabel::of(table);
        self.lookup_values.get_or_create(&label).set(i64::try_from(values).unwrap_or(i64::MAX));
        self.lookup_since.get_or_create(&label).set(now.0 as f64 / 1e9);
    }

    /// A lookup table has been read where it comes from, changed or not.
    pub fn set_table_read(&self, table: &str, now: Timestamp) {
        self.lookup_read.get_or_create(&LookupLabel::of(table)).set(now.0 as f64 / 1e9);
    }

    /// Sets how a sink is, and how many documents wait for it.
    pub fn set_sink(&self, sink: &str, is_up: bool, owed: u64) {
        let label = SinkLabel::of(sink);
        self.sink_up.get_or_create(&label).set(i64::from(is_up));
        self.sink_owed.get_or_create(&label).set(i64::try_from(owed).unwrap_or(i64::MAX));
    }

    /// A snapshot of so many bytes has been written.
    pub fn set_snapshot(&self, taken: Timestamp, bytes: u64) {
        self.snapshot_taken.set(taken.0 as f64 / 1e9);
        self.snapshot_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// A partition is no longer read here.
    pub fn forget_lag(&self, labels: &PartitionLabels) {
        self.lag.remove(labels);
    }

    /// Names the source whose watermark holds all others back; `None` if there is none.
    pub fn set_watermark_holder(&self, source: Option<&str>) {
        self.watermark_holder.clear();
        if let Some(source) = source {
            self.watermark_holder.get_or_create(&SourceLabel::of(source)).set(1);
        }
    }

    /// All metrics in the OpenMetrics text format (`application/openmetrics-text; version=1.0.0; charset=utf-8`).
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // a String never refuses to be written to
            Err(error) => format!("# cannot render metrics: {error}\n# EOF\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Level;

    #[test]
    fn what_was_counted_is_rendered() {
        let metrics = Metrics::new();
        metrics.records_read.get_or_create(&SourceLabel::of("opa")).inc_by(3);
        metrics.faults.get_or_create(&FaultLabels::of("decode", "not_json")).inc();
        metrics.alerts.get_or_create(&RuleAlertLabels::of("deploy \"x\"", Level::High)).inc();
        metrics.lookup_failures.get_or_create(&LookupLabel::of("owners")).inc();
        metrics.reloads.get_or_create(&ReloadLabel::of("refused")).inc();
        metrics.set_table_in_use("owners", 7, Timestamp::from_millis(1_500));
        metrics.set_table_read("owners", Timestamp::from_millis(2_500));
        metrics.lag.get_or_create(&PartitionLabels::of("opa", "opa.decisions", 2)).set(7);
        metrics.buffered.get_or_create(&BufferLabel::of("reorder")).set(11);
        metrics.lag.get_or_create(&PartitionLabels::of("opa", "opa.decisions", 3)).set(8);
        metrics.forget_lag(&PartitionLabels::of("opa", "opa.decisions", 3));
        metrics.set_sink("es", false, 12);
        metrics.set_sink("hec", true, 0);
        metrics.set_snapshot(Timestamp::from_millis(3_500), 4_096);
        metrics.set_watermark("opa", Timestamp::from_millis(1_795_229_631_500));
        metrics.set_watermark("mlflow", Timestamp::MIN);
        metrics.set_watermark_holder(Some("mlflow"));
        metrics.set_watermark_holder(Some("opa"));
        let text = metrics.render();
        for line in [
            "clarion_records_read_total{source=\"opa\"} 3",
            "clarion_faults_total{stage=\"decode\",kind=\"not_json\"} 1",
            "clarion_alerts_total{rule=\"deploy \\\"x\\\"\",level=\"high\"} 1",
            "clarion_lag_records{source=\"opa\",topic=\"opa.decisions\",partition=\"2\"} 7",
            "clarion_sink_up{sink=\"es\"} 0",
            "clarion_sink_up{sink=\"hec\"} 1",
            "clarion_sink_owed_documents{sink=\"es\"} 12",
            "clarion_snapshot_timestamp_seconds 3.5",
            "clarion_snapshot_size_bytes 4096",
            "clarion_buffered{buffer=\"reorder\"} 11",
            "clarion_watermark_timestamp_seconds{source=\"opa\"} 1795229631.5",
            "clarion_watermark_holder{source=\"opa\"} 1",
            "clarion_lookup_refresh_failures_total{lookup=\"owners\"} 1",
            "clarion_lookup_values{lookup=\"owners\"} 7",
            "clarion_lookup_version_timestamp_seconds{lookup=\"owners\"} 1.5",
            "clarion_lookup_refresh_timestamp_seconds{lookup=\"owners\"} 2.5",
            "clarion_reloads_total{result=\"refused\"} 1",
            "clarion_console_missed_total 0",
            "clarion_signals_total 0",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        assert!(!text.contains("source=\"mlflow\""), "{text}");
        assert!(!text.contains("partition=\"3\""), "{text}");
    }

    #[test]
    fn it_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Metrics>();
    }
}
