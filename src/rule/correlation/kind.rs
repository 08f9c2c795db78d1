//! The types of correlations, and what each of them is like.

/// The type of a correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How many events.
    EventCount,
    /// How many different values.
    ValueCount,
    /// All of the rules, in any order.
    Temporal,
    /// All of the rules, in their order.
    TemporalOrdered,
    /// The sum of a field.
    ValueSum,
    /// Its mean.
    ValueAverage,
    /// Its median.
    ValueMedian,
    /// Another percentile of it.
    ValuePercentile,
    /// How many events of the first rule there are for one of the second.
    EventRatio,
    /// The greatest value of a field, as a metric only.
    ValueMax,
    /// The smallest one, as a metric only.
    ValueMin,
    /// The newest one, as a metric only.
    ValueLast,
    /// A sum of values of other metrics, as a metric only.
    WeightedSum,
}

impl Kind {
    /// Every type.
    pub const ALL: [Self; 13] = [
        Self::EventCount,
        Self::ValueCount,
        Self::Temporal,
        Self::TemporalOrdered,
        Self::ValueSum,
        Self::ValueAverage,
        Self::ValueMedian,
        Self::ValuePercentile,
        Self::EventRatio,
        Self::ValueMax,
        Self::ValueMin,
        Self::ValueLast,
        Self::WeightedSum,
    ];

    /// Whether it measures one number in a field.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(
            self,
            Self::ValueSum
                | Self::ValueAverage
                | Self::ValueMedian
                | Self::ValuePercentile
                | Self::ValueMax
                | Self::ValueMin
                | Self::ValueLast
        )
    }

    /// Whether it is written as a series and never alerts (RULES S20).
    #[must_use]
    pub fn is_metric_only(self) -> bool {
        matches!(self, Self::ValueMax | Self::ValueMin | Self::ValueLast | Self::WeightedSum)
    }

    /// Whether its measure is undefined of too few events (RULES S9).
    #[must_use]
    pub fn is_quotient(self) -> bool {
        matches!(self, Self::ValueAverage | Self::ValueMedian | Self::ValuePercentile | Self::EventRatio)
    }

    /// Whether it measures a window against thresholds.
    #[must_use]
    pub fn is_measure(self) -> bool {
        !matches!(self, Self::Temporal | Self::TemporalOrdered)
    }

    /// Sigma's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EventCount => "event_count",
            Self::ValueCount => "value_count",
            Self::Temporal => "temporal",
            Self::TemporalOrdered => "temporal_ordered",
            Self::ValueSum => "value_sum",
            Self::ValueAverage => "value_avg",
            Self::ValueMedian => "value_median",
            Self::ValuePercentile => "value_percentile",
            Self::EventRatio => "event_ratio",
            Self::ValueMax => "value_max",
            Self::ValueMin => "value_min",
            Self::ValueLast => "value_last",
            Self::WeightedSum => "weighted_sum",
        }
    }
}
