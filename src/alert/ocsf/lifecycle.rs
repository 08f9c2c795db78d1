//! Which activity and status a revision of an alert is. The status of a finding says how far people are with it, which the
//! engine does not know: the end of an episode neither resolves nor dismisses what nobody has looked at yet, so a closed
//! alert is an updated finding that is still new. Only a retraction ends a finding: it was raised in error.

use crate::model::{Alert, AlertStatus};

/// A value of an enumeration: its number and its caption.
pub(super) type Caption = (u8, &'static str);

/// `activity_id` and `activity_name`.
pub(super) fn activity(alert: &Alert) -> Caption {
    match alert.status {
        AlertStatus::Retracted => (3, "Close"),
        AlertStatus::Open | AlertStatus::Closed if alert.revision <= 1 => (1, "Create"),
        AlertStatus::Open | AlertStatus::Closed => (2, "Update"),
    }
}

/// `status_id` and `status`.
pub(super) fn status(alert: &Alert) -> Caption {
    match alert.status {
        AlertStatus::Open | AlertStatus::Closed => (1, "New"),
        AlertStatus::Retracted => (6, "Deleted"),
    }
}

/// `status_detail`: what the engine's own word in `status_code` means.
pub(super) fn status_detail(alert: &Alert) -> &'static str {
    match alert.status {
        AlertStatus::Open => "The condition holds, or held once and needs no end",
        AlertStatus::Closed => "The episode has ended and its counts are final; nobody has reviewed it for that",
        AlertStatus::Retracted => "A late event showed that the alert should not have been raised",
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::arbitrary::alert;
    use super::*;

    #[test]
    fn only_a_retraction_ends_a_finding() {
        for (state, revision, does, stands) in [
            (AlertStatus::Open, 1, (1, "Create"), (1, "New")),
            (AlertStatus::Open, 2, (2, "Update"), (1, "New")),
            (AlertStatus::Closed, 1, (1, "Create"), (1, "New")),
            (AlertStatus::Closed, 7, (2, "Update"), (1, "New")),
            (AlertStatus::Retracted, 1, (3, "Close"), (6, "Deleted")),
            (AlertStatus::Retracted, 3, (3, "Close"), (6, "Deleted")),
        ] {
            let alert = Alert { status: state, revision, ..alert("detection") };
            assert_eq!((activity(&alert), status(&alert)), (does, stands), "{state:?} {revision}");
        }
    }
}
