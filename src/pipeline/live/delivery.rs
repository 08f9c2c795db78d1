//! What comes out of the core, on its way to the sinks and the dead letters, and what comes back from the sinks.

use std::sync::Arc;

use super::{Live, LiveError, Outbox, TURN, Watch};
use crate::model::{Coordinates, Fault, FaultStage};
use crate::sink::{Content, Outcome, Receipt, SinkHandle};
use crate::telemetry::{FaultLabels, RuleAlertLabels, RuleLabel, SinkLabel, clock};

/// Something is owed to all sinks that take it.
fn put(outbox: &mut Outbox, sinks: &[SinkHandle], content: Content) {
    let takers: Vec<usize> =
        (0..).zip(sinks).filter(|(_, sink)| sink.takes(&content)).map(|(index, _)| index).collect();
    outbox.put(content, takers);
}

impl Live {
    /// Gives alerts and values of series to the outbox and faults to the dead letters.
    pub(super) fn hand_over(&mut self, observe: &mut dyn FnMut(Watch<'_>)) -> Result<(), LiveError> {
        let owed = self.outbox.len();
        for reached in self.tally.carry(&mut self.core, &self.sinks, owed) {
            tracing::error!(
                bound = reached.bound,
                times = reached.times,
                "a bound of the correlation state was reached: raise it, or narrow the rule"
            );
            self.out.alerts.extend(self.system_alerts.about(reached, clock::now()));
        }
        for alert in self.out.alerts.drain(..) {
            observe(Watch::Alert(&alert));
            if alert.revision == 1 {
                self.metrics.alerts.get_or_create_owned(&RuleAlertLabels::of(&alert.rule.id, alert.rule.level)).inc();
            }
            put(&mut self.outbox, &self.sinks, Content::Alert(Arc::new(alert)));
        }
        for metric in self.out.metrics.drain(..) {
            self.metrics.metrics.get_or_create_owned(&RuleLabel::of(&metric.rule.id)).inc();
            put(&mut self.outbox, &self.sinks, Content::Metric(Arc::new(metric)));
        }
        for fault in std::mem::take(&mut self.out.faults) {
            self.bury(&fault)?;
        }
        Ok(())
    }

    fn bury(&mut self, fault: &Fault) -> Result<(), LiveError> {
        let stage = match fault.stage {
            FaultStage::Decode => "decode",
            FaultStage::Correlate => "correlate",
            FaultStage::Deliver => "deliver",
        };
        self.metrics.faults.get_or_create_owned(&FaultLabels::of(stage, &fault.kind)).inc();
        tracing::warn!(stage, kind = fault.kind, place = %fault.coordinates, reason = fault.reason, "dead letter");
        let now = clock::now();
        self.status.faults.note(fault, now);
        self.dead_letters.write(fault, now)?;
        Ok(())
    }

    /// Moves documents into the sinks' queues, and settles receipts.
    pub(super) fn deliver(&mut self) -> Result<(), LiveError> {
        while let Ok(receipt) = self.receipts.try_recv() {
            self.settle(&receipt)?;
        }
        for (index, sink) in self.sinks.iter().enumerate() {
            self.outbox.drain(index, |outgoing| sink.try_send(outgoing));
        }
        Ok(())
    }

    pub(super) fn wait_for_receipt(&mut self) -> Result<(), LiveError> {
        let waited = {
            let receipts = &mut self.receipts;
            self.runtime.block_on(async { tokio::time::timeout(TURN, receipts.recv()).await })
        };
        if let Ok(Some(receipt)) = waited {
            self.settle(&receipt)?;
        }
        Ok(())
    }

    fn settle(&mut self, receipt: &Receipt) -> Result<(), LiveError> {
        let name = self.sinks.get(receipt.sink).map_or_else(String::new, |sink| sink.name().to_owned());
        let label = SinkLabel::of(&name);
        if let Some(numbers) = self.sink_numbers.get_mut(receipt.sink) {
            match &receipt.outcome {
                Outcome::Delivered => numbers.delivered += 1,
                Outcome::Rejected { .. } => numbers.rejected += 1,
            }
        }
        match &receipt.outcome {
            Outcome::Delivered => self.metrics.sink_delivered.get_or_create_owned(&label).inc(),
            Outcome::Rejected { .. } => self.metrics.sink_rejected.get_or_create_owned(&label).inc(),
        };
        let Some(refused) = self.outbox.settle(receipt) else { return Ok(()) };
        let (what, first) = match &refused.document.content {
            Content::Alert(alert) => ("alert", alert.evidence.first().map(|event| event.coordinates.clone())),
            Content::Metric(_) => ("metric", None),
        };
        let nowhere = || Coordinates { topic: Arc::from(name.as_str()), partition: 0, offset: 0, sequence: 0 };
        let fault = Fault {
            stage: FaultStage::Deliver,
            kind: "refused_by_sink".to_owned(),
            reason: format!("sink {name} refused {what} {} for good: {}", refused.document.id, refused.reason),
            coordinates: first.unwrap_or_else(nowhere),
            raw: refused.document.body.as_bytes().to_vec(),
        };
        self.bury(&fault)
    }
}
