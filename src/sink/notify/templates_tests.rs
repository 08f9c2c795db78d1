//! Templates: what they say, what is wrong with them and where, and that none runs for ever.

use super::super::arbitrary::{HOSTILE, alert, hostile, told};
use super::*;

fn compiled(text: &str, writes: Writes) -> Template {
    Template::compile(text.into(), "text".into(), writes).unwrap()
}

fn wrong(text: &str) -> String {
    match Template::compile(text.into(), "on-call.txt".into(), Writes::Text) {
        Err(reason) => reason,
        Ok(template) => template.check(&told(vec![alert(1, 1)], vec![])).unwrap_err(),
    }
}

#[test]
fn a_template_reads_what_is_told() {
    let text = "{{ level|upper }} {% for alert in alerts %}{{ alert.rule.title }}: {{ alert.models|join(', ') }} \
                {{ alert.url }} {{ alert.techniques[0].id }} {{ alert.document.event.kind }}{% endfor %} {{ more|length }}";
    let said = compiled(text, Writes::Text).render(&told(vec![alert(1, 1)], vec![alert(2, 1)])).unwrap();
    let id = crate::model::AlertId(1);
    assert_eq!(
        said,
        format!(
            "HIGH Model promoted without approval: credit https://clarion.example.com/#/alerts/{id} AML.T0010 alert 1"
        )
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_a_suggestion() {
    for (text, place, words) in [
        ("fine\n  {{ titel }}", "on-call.txt:2:6: ", "there is no `titel`; did you mean `title`?"),
        ("{% if levle %}x{% endif %}", "on-call.txt:1:7: ", "did you mean `level`?"),
        ("{% for alert in alerts %}\n{{ alert.reasn }}{% endfor %}", "on-call.txt:2:", "did you mean `reason`?"),
        ("{% for alert in alerts %}{{ alert.rule.titel }}{% endfor %}", "on-call.txt:1:", "`alert.rule.titel`"),
        ("a\nb {{ title", "on-call.txt:2:", "syntax error"),
        ("{% if title %}", "on-call.txt:1:", "syntax error"),
        ("{{ title|uper }}", "on-call.txt:1:", "uper"),
    ] {
        let said = wrong(text);
        assert!(said.starts_with(place) && said.contains(words), "{text}: {said}");
    }
}

#[test]
fn a_template_has_an_end() {
    let endless = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
    assert!(wrong(endless).contains("too many steps"), "{}", wrong(endless));
    let large = "{% set x = title * 1000 %}{% for a in range(10000) %}{{ x }}{% endfor %}";
    assert!(wrong(large).contains("more than 4 MiB"), "{}", wrong(large));
}

#[test]
fn what_is_told_is_escaped_for_where_it_goes() {
    for text in HOSTILE {
        let message = told(vec![hostile(1, text)], vec![]);
        let page =
            compiled("<p title=\"{{ title }}\">{{ alerts[0].rule.title }}</p>", Writes::Html).render(&message).unwrap();
        assert_eq!(page.matches('<').count(), 2, "{page}");
        let json = compiled(r#"{"text": {{ alerts[0].rule.title }}, "all": {{ alerts }}}"#, Writes::Json);
        let json: serde_json::Value = serde_json::from_str(&json.render(&message).unwrap()).unwrap();
        assert_eq!(json["text"], crate::model::harmless(text, 200));
        let chat = compiled("*{{ title }}* {{ alerts[0].reason }}", Writes::Mrkdwn).render(&message).unwrap();
        assert!(!chat.contains(['<', '`']) && !chat.contains("@here"), "{chat}");
    }
    let broken = compiled("{{ title }} is no JSON", Writes::Json);
    assert!(broken.check(&told(vec![alert(1, 1)], vec![])).unwrap_err().contains("no JSON"));
}

#[test]
fn a_file_is_named_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mail.txt");
    std::fs::write(&file, "\n{{ oops").unwrap();
    let read = |file| Template::read(&TemplateSource::File { file }, "text", Writes::Text);
    assert!(read(file.clone()).unwrap_err().starts_with(&format!("{}:2:", file.display())));
    assert!(read(folder.path().join("none")).unwrap_err().contains("cannot be read"));
}
