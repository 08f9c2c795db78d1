//! Rules by the thousand, for one log source, that no generated event matches: what an event costs that nothing matches
//! must not depend on their number.

use super::{Body, Random, decision, time_of};

/// Policy decisions alone: the log source that all of [`rules`] look at.
pub fn events(count: usize, seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    (0..count).map(|index| decision(&mut random, &time_of(index as u64), Body::WithLogsource, None)).collect()
}

/// `count` rules in plain Sigma, of the kinds that rule sets are made of: values, ends, parts and filters of the fields of
/// a policy decision. The first of each is in no event.
pub fn rules(count: usize) -> String {
    let rules: Vec<String> = (0..count).map(rule).collect();
    rules.join("---\n")
}

fn rule(number: usize) -> String {
    let selection = match number % 6 {
        0 => format!("input.action: shadow-{number:04}"),
        1 => format!("input.user.name|endswith: '@partner-{number:04}.example.net'"),
        2 => format!("input.prompt|contains: ['exfiltrate {number:04}', 'jailbreak {number:04}']"),
        3 => format!("path|startswith: restricted/{number:04}/"),
        4 => format!("input.model.name: ['shadow-{number:04}', 'copy-{number:04}']"),
        _ => format!("input.endpoint.id|contains: canary-{number:04}"),
    };
    format!(
        "title: Generated rule {number}\nid: 00000000-0000-4000-8000-{number:012}\nlogsource: {{category: policy_decision, product: opa}}\n\
         detection:\n    selection:\n        {selection}\n        result.allow: true\n    filter:\n        \
         input.endpoint.region|startswith: us-\n    condition: selection and not filter\nlevel: low\n"
    )
}
