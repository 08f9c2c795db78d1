//! What a report says of drift, whichever generation wrote it.

use std::borrow::Cow;

use foldhash::HashSet;

/// Drift of a whole data set and of its columns.
#[derive(Debug, Default)]
pub(super) struct Drift<'a> {
    /// The verdict on the data set, where the report states it or a limit to decide it by.
    pub(super) stated: Option<bool>,
    /// Share of drifted columns as stated, 0 to 1.
    pub(super) stated_share: Option<f64>,
    /// Number of drifted columns as stated.
    pub(super) stated_count: Option<f64>,
    columns: Vec<Column<'a>>,
    /// Names of the columns, of which the first mention counts.
    names: HashSet<Cow<'a, str>>,
}

/// Drift of one column.
#[derive(Debug)]
pub(super) struct Column<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) method: Cow<'a, str>,
    pub(super) score: f64,
    pub(super) threshold: Option<f64>,
    pub(super) drifted: bool,
}

/// Statistical tests, whose score is a p-value, by the names that Evidently 0.7.23 gives them (`legacy/calculations/
/// stattests`): the short one that a user writes and the long one that it resolves itself.
const P_VALUE_METHODS: [&str; 22] = [
    "anderson",
    "Anderson-Darling",
    "chisquare",
    "cramer_von_mises",
    "Cramer-von Mises",
    "empirical_mmd",
    "es",
    "Epps-Singleton",
    "fisher_exact",
    "Fisher's Exact test",
    "g_test",
    "ks",
    "mannw",
    "Mann-Whitney U-rank test",
    "t_test",
    "TVD",
    "Total-Variation-Distance",
    "z",
    "K-S p_value",
    "Z-test p_value",
    "chi-square p_value",
    "Anderson-Darling p_value",
];

/// Methods that call a p-value equal to the threshold drift.
const AT_MOST: [&str; 4] = ["ks", "K-S p_value", "cramer_von_mises", "Cramer-von Mises"];

/// Methods that need a distance above the threshold, not at it.
const ABOVE: [&str; 2] = ["ed", "Energy-distance"];

/// Whether a score means drift: a p-value below the threshold, a distance or divergence at or above it. A score that is
/// no number means nothing.
pub(super) fn is_drift(method: &str, score: f64, threshold: f64) -> bool {
    let among = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(method.trim()));
    if is_p_value(method) {
        score < threshold || (score <= threshold && among(&AT_MOST))
    } else {
        score > threshold || (score >= threshold && !among(&ABOVE))
    }
}

fn is_p_value(method: &str) -> bool {
    let method = method.trim();
    method.ends_with("p_value") || P_VALUE_METHODS.iter().any(|name| name.eq_ignore_ascii_case(method))
}

impl<'a> Drift<'a> {
    /// Adds a column; of several with one name the first counts.
    pub(super) fn add(&mut self, column: Column<'a>) {
        if self.names.insert(column.name.clone()) {
            self.columns.push(column);
        }
    }

    /// Whether the report measured drift at all.
    pub(super) fn is_measured(&self) -> bool {
        self.stated.is_some() || self.stated_share.is_some() || !self.columns.is_empty()
    }

    fn drifted(&self) -> impl Iterator<Item = &Column<'a>> {
        self.columns.iter().filter(|column| column.drifted)
    }

    /// The drifted columns, in the order of the report.
    pub(super) fn into_drifted(self) -> impl Iterator<Item = Column<'a>> {
        self.columns.into_iter().filter(|column| column.drifted)
    }

    /// The verdict on the data set; of a report on columns alone, whether any of them drifted.
    pub(super) fn detected(&self) -> Option<bool> {
        self.stated.or_else(|| (!self.columns.is_empty()).then(|| self.drifted().next().is_some()))
    }

    /// Share of drifted columns, 0 to 1.
    pub(super) fn share(&self) -> Option<f64> {
        let of_columns = || {
            let all = self.columns.len();
            (all > 0).then(|| self.drifted().count() as f64 / all as f64)
        };
        self.stated_share.filter(|share| share.is_finite()).or_else(of_columns)
    }

    /// Number of drifted columns.
    pub(super) fn count(&self) -> Option<u64> {
        let stated = self.stated_count.filter(|count| count.is_finite() && *count >= 0.0);
        stated
            .map(|count| count.round() as u64)
            .or_else(|| (!self.columns.is_empty()).then(|| self.drifted().count() as u64))
    }

    /// The column whose score lies furthest on the drifted side of its threshold: the one to look at first. Its score,
    /// method and threshold stand for the report's.
    pub(super) fn worst(&self) -> Option<&Column<'a>> {
        let severity = |column: &Column<'_>| {
            let threshold = column.threshold.filter(|threshold| *threshold > 0.0).unwrap_or(1.0);
            let ratio = if is_p_value(&column.method) { threshold / column.score } else { column.score / threshold };
            (column.drifted, if ratio.is_nan() { 0.0 } else { ratio })
        };
        self.columns.iter().filter(|column| column.score.is_finite()).max_by(|left, right| {
            let ((left_drifted, left_ratio), (right_drifted, right_ratio)) = (severity(left), severity(right));
            left_drifted.cmp(&right_drifted).then(left_ratio.total_cmp(&right_ratio))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &'static str, method: &'static str, score: f64, threshold: f64) -> Column<'static> {
        let drifted = is_drift(method, score, threshold);
        Column { name: name.into(), method: method.into(), score, threshold: Some(threshold), drifted }
    }

    #[test]
    fn the_method_decides_which_side_is_drift() {
        assert!(is_drift("chi-square p_value", 0.049, 0.05) && !is_drift("chi-square p_value", 0.05, 0.05));
        assert!(is_drift("ks", 0.05, 0.05) && !is_drift("ks", 0.051, 0.05) && is_drift("t_test", 0.01, 0.05));
        assert!(!is_drift("Energy-distance", 0.1, 0.1) && is_drift("ed", 0.2, 0.1));
        assert!(is_drift("PSI", 0.1, 0.1) && !is_drift("PSI", 0.099, 0.1));
        assert!(is_drift("Wasserstein distance (normed)", 0.3, 0.1));
        assert!(!is_drift("PSI", f64::NAN, 0.1) && !is_drift("Z-test p_value", f64::NAN, 0.05));
    }

    #[test]
    fn what_is_stated_beats_what_is_counted() {
        let mut drift = Drift::default();
        assert_eq!((drift.detected(), drift.share(), drift.count()), (None, None, None));
        for (name, score) in [("a", 0.3), ("b", 0.05), ("c", f64::NAN), ("b", 0.9)] {
            drift.add(column(name, "PSI", score, 0.1));
        }
        assert_eq!((drift.detected(), drift.share(), drift.count()), (Some(true), Some(1.0 / 3.0), Some(1)));
        drift.stated = Some(false);
        drift.stated_share = Some(0.25);
        assert_eq!((drift.detected(), drift.share()), (Some(false), Some(0.25)));
        assert_eq!(drift.worst().unwrap().name, "a");
    }
}
