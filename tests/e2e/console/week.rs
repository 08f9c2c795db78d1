//! A week of AI operations at a lender, in every view of the console, for a reader with a mouse and for one with a keyboard or a
//! screen reader.

use std::time::Duration;

use clarion::demo::generator::{GeneratorSettings, generate};
use clarion::model::Timestamp;
use clarion::telemetry::clock;

use super::stage::Stage;
use super::{access, views};
use crate::engine::Workspace;
use crate::pipeline::{PARTITIONS, TOPICS, place, produce};
use crate::servers::{Kafka, KafkaOptions};

const DAY: i64 = 86_400_000_000_000;
const EVENTS: usize = 1_500;

#[test]
fn a_week_is_shown_in_every_view_to_every_reader() {
    let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
    for ((topic, _), partitions) in TOPICS.iter().zip(PARTITIONS) {
        kafka.create_topic_with(topic, partitions, &[("retention.ms", "-1")]).unwrap();
    }
    // over, with two days to spare for decisions that wait
    let start = Timestamp(clock::now().0.div_euclid(DAY) * DAY - 10 * DAY);
    let week = generate(&GeneratorSettings { events: EVENTS, ..GeneratorSettings::new(11, start) });
    produce(&kafka.bootstrap(), &place(&week.records));
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.file();
    workspace.snapshot_interval("5s");
    let address = workspace.console(None);
    let mut stage = Stage::start(kafka, workspace, address, &TOPICS, "3s");

    views::overview_has_numbers(&stage);
    views::alerts_can_be_found(&stage);
    views::evidence_is_on_a_time_line(&stage);
    views::rules_explain_themselves(&stage);
    views::sources_and_dead_letters_are_told(&stage);
    stage.check_browser();
    access::everything_has_a_name(&stage);
    access::axe_finds_nothing(&stage);
    access::the_keyboard_is_enough(&stage);
    stage.check_browser();
    let stopped = stage.engine.take().unwrap().stop(Duration::from_secs(30));
    assert_eq!(stopped, Some(0), "{}", stage.workspace.log_tail());
}
