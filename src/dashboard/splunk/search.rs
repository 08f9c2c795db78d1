//! A panel's question in Splunk's search language. The macros of the app find the documents and keep the newest revision of
//! each.

use super::super::condition::{SPL, quoted, written};
use super::super::{Bucket, Calculation, Conditions, Control, Cut, Dashboard, Documents, Measure, Order, Source, Unit};
use super::fields::name;

/// The macro that finds the documents of a kind.
pub(super) fn documents(source: Source) -> &'static str {
    match source {
        Source::Alerts => "`clarion_alerts`",
        Source::Metrics => "`clarion_metrics`",
    }
}

/// The token of a control.
pub(super) fn token(control: &Control) -> String {
    name(&control.field).replace('.', "_")
}

/// The documents of a panel, narrowed by its conditions and the dashboard's controls.
fn base(dashboard: &Dashboard, source: Source, conditions: &Conditions) -> String {
    let mut search = documents(source).to_owned();
    let mut parts = vec![written(conditions, SPL, name)];
    parts.extend(dashboard.controls.iter().map(|control| {
        if control.single {
            format!("{}=${}|s$", name(&control.field), token(control))
        } else {
            // the token holds a whole condition, so that `All` does not ask for the field
            format!("${}$", token(control))
        }
    }));
    parts.retain(|part| !part.is_empty());
    if !parts.is_empty() {
        search.push_str(&format!(" | search {}", parts.join(" ")));
    }
    search
}

/// The newest documents.
pub(super) fn newest(dashboard: &Dashboard, shown: &Documents) -> String {
    let columns: Vec<String> =
        std::iter::once("_time".to_owned()).chain(shown.columns.iter().map(|column| quoted(&name(column)))).collect();
    format!("{} | sort 100 - _time | table {}", base(dashboard, shown.source, &shown.conditions), columns.join(" "))
}

/// The values of a control, each with the condition that it stands for.
pub(super) fn choices(control: &Control) -> String {
    let field = name(&control.field);
    let value = if control.single {
        "label".to_owned()
    } else {
        // the field's name and the value, with a backslash before the quotes and backslashes in it
        let escaped = r#"replace(label, "([\\\\\"])", "\\\\\1")"#;
        format!(r#"{}.{escaped}."\"""#, quoted(&format!("{field}=\"")))
    };
    format!(
        "{} | stats count by {} | sort - count | rename {} as label | eval value={value} | table label value",
        documents(control.source),
        quoted(&field),
        quoted(&field)
    )
}

/// A cut.
pub(super) fn cut(dashboard: &Dashboard, cut: &Cut<'_>) -> String {
    let mut search = base(dashboard, cut.source, cut.conditions);
    if let Some(span) = cut.recent {
        search.push_str(&format!(
            " | addinfo | where _time >= relative_time(if(info_max_time==\"+Infinity\", now(), info_max_time), \"-{span}\")"
        ));
    }
    let measures: Vec<String> = cut.measures.iter().map(|measure| calculation(measure)).collect();
    let fields: Vec<String> = cut
        .buckets
        .iter()
        .filter_map(|bucket| match bucket {
            Bucket::Terms(terms) => Some(quoted(&name(&terms.field))),
            Bucket::Time => None,
        })
        .collect();
    if cut.buckets.contains(&Bucket::Time) {
        search.push_str(&format!(" | timechart {}", measures.join(" ")));
        if let Some(Bucket::Terms(terms)) = cut.buckets.first() {
            let end = if terms.order == Order::Rising { "bottom" } else { "" };
            search.push_str(&format!(
                " by {} limit={}{} useother=f usenull=f",
                quoted(&name(&terms.field)),
                end,
                terms.size
            ));
        }
        return search;
    }
    search.push_str(&format!(" | stats {}", measures.join(" ")));
    if !fields.is_empty() {
        search.push_str(&format!(" by {}", fields.join(" ")));
        if let Some(first) = cut.measures.first() {
            let sign = if cut.order() == Order::Rising { "+" } else { "-" };
            search.push_str(&format!(" | sort {} {sign} {}", rows(cut), quoted(&title(first))));
        }
    }
    search.push_str(&named(cut));
    search
}

/// Rows at most: the product of the sizes, as Elasticsearch has it.
fn rows(cut: &Cut<'_>) -> u32 {
    cut.buckets.iter().fold(1, |product, bucket| match bucket {
        Bucket::Terms(terms) => product * terms.size,
        Bucket::Time => product,
    })
}

fn calculation(measure: &Measure) -> String {
    let word = match measure.calculate {
        Calculation::Count => return format!("count as {}", quoted(&measure.title)),
        Calculation::Unique => "dc",
        Calculation::Sum => "sum",
        Calculation::Average => "avg",
        Calculation::Maximum => "max",
        Calculation::Minimum => "min",
    };
    let field = measure.field.as_deref().map(name).unwrap_or_default();
    let of = if measure.unit == Unit::Percent { format!("eval('{field}'*100)") } else { field };
    format!("{word}({of}) as {}", quoted(&title(measure)))
}

/// What a measure is called; a share is in hundredths there.
fn title(measure: &Measure) -> String {
    if measure.unit == Unit::Percent { format!("{} (%)", measure.title) } else { measure.title.clone() }
}

/// Columns by their titles, and times as people read them.
fn named(cut: &Cut<'_>) -> String {
    let mut text = String::new();
    for measure in cut.measures.iter().filter(|measure| measure.unit == Unit::Date) {
        text.push_str(&format!(" | eval {0}=strftime('{1}', \"%F %T %Z\")", quoted(&measure.title), measure.title));
    }
    for bucket in &cut.buckets {
        if let Bucket::Terms(terms) = bucket {
            text.push_str(&format!(" | rename {} as {}", quoted(&name(&terms.field)), quoted(&terms.title)));
        }
    }
    text
}
