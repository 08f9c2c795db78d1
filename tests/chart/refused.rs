//! Values that are wrong are refused before anything is installed, with a message that says which one and why.

use crate::rendered::template_arguments;
use crate::tools::helm;

/// Values beside those of the case `minimal`, and words of the message.
const REFUSED: [(&str, &[&str]); 20] = [
    ("replicas=2", &["replicas: 2 is refused", "one process does all the work"]),
    ("replicas=-1", &["/replicas", "minimum"]),
    ("imagee.tag=1", &["imagee", "not allowed"]),
    ("image.pullPolicy=Sometimes", &["/image/pullPolicy", "Always"]),
    ("image.digest=abc", &["/image/digest", "pattern"]),
    ("config.kafka.broker=x", &["/config/kafka", "broker", "not allowed"]),
    ("config.admin.listen=127.0.0.1:1", &["config.admin is refused", "probes"]),
    ("config.rules[0]=x", &["config.rules is refused", "rules.inline"]),
    ("config.state.directory=/tmp", &["config.state.directory is refused", "persistence"]),
    ("config.sources=[]", &["config.sources is empty"]),
    ("config.sinks=[]", &["config.sinks is empty"]),
    ("rules.shipped=false", &["there are no rules", "rules.configMaps"]),
    ("rules.inline.readme\\.txt=x", &["/rules/inline", "readme.txt", "not allowed"]),
    (
        "secrets.env[0].name=A,secrets.env[0].secret=b,secrets.env[0].key=c,secrets.env[0].value=d",
        &["value", "not allowed"],
    ),
    ("secrets.env[0].name=A", &["/secrets/env/0", "missing"]),
    ("terminationGracePeriodSeconds=5", &["/terminationGracePeriodSeconds", "minimum"]),
    ("persistence.accessModes[0]=ReadWriteMany", &["/persistence/accessModes", "ReadWriteOnce"]),
    ("podDisruptionBudget.maxUnavailable=3", &["/podDisruptionBudget/maxUnavailable"]),
    ("podSecurity.runAsUser=0", &["/podSecurity/runAsUser", "minimum"]),
    (
        "prometheusRule.enabled=true,prometheusRule.disabled[0]=ClarionLagg",
        &["there is no alert ClarionLagg", "ClarionLag,"],
    ),
];

#[test]
fn wrong_values_are_refused_with_the_reason() {
    for (values, words) in REFUSED {
        let mut arguments: Vec<&str> = template_arguments("tests/chart/cases/minimal/values.yaml").to_vec();
        arguments.extend([if values.ends_with("[]") { "--set-json" } else { "--set" }, values]);
        let said = helm(arguments);
        assert!(!said.success, "{values} was taken");
        for word in words {
            assert!(said.errors.contains(word), "{values}: {word:?} is not in:\n{}", said.errors);
        }
    }
}
