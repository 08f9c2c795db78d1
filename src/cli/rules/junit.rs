//! Results of rule tests as JUnit XML, which build servers show. A file is a suite, a test is a case of its rule.

use super::test::Ran;

/// The document.
pub(super) fn document(results: &[Ran]) -> String {
    let mut files: Vec<&str> = results.iter().map(|result| result.file.as_str()).collect();
    files.dedup();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"clarion rules\" {}>\n",
        counts(results.iter())
    );
    for file in files {
        let of_file = || results.iter().filter(|result| result.file == file);
        text.push_str(&format!("  <testsuite name=\"{}\" {}>\n", escape(file), counts(of_file())));
        of_file().for_each(|result| text.push_str(&case(result)));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts<'a>(results: impl Iterator<Item = &'a Ran>) -> String {
    let (mut tests, mut failures, mut seconds) = (0, 0, 0.0);
    for result in results {
        tests += 1;
        failures += usize::from(result.difference.is_some());
        seconds += result.seconds;
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{seconds:.3}\"")
}

fn case(result: &Ran) -> String {
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.3}\"",
        escape(&result.title),
        escape(&result.name),
        escape(&result.file),
        result.line,
        result.seconds
    );
    match &result.difference {
        None => format!("{head}/>\n"),
        Some(difference) => format!(
            "{head}>\n      <failure message=\"the alerts are not those expected\">{}</failure>\n    </testcase>\n",
            escape(difference)
        ),
    }
}

/// XML text and attribute values; characters that XML does not have at all become a replacement.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(symbol),
            symbol if symbol.is_control() || matches!(symbol, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            symbol => escaped.push(symbol),
        }
    }
    escaped
}
