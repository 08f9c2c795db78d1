//! Holds documents, their JSON Schema and their Elasticsearch mapping together, and the mapping beside that of the ECS
//! documents, whose names `unmapped` uses.

use proptest::prelude::*;
use serde_json::Value;

use super::{ocsf_document, ocsf_document_with};
use crate::alert::DocumentOptions;
use crate::alert::arbitrary::{alert, any_alert};
use crate::alert::lift::LIFTED;
use crate::alert::schema::{fits, full_alert, unmapped};

const SCHEMA: &str = include_str!("../../../schemas/alert.ocsf.json");
const TEMPLATE: &str = include_str!("../../../schemas/elasticsearch/ocsf-template.json");
const ECS_TEMPLATE: &str = include_str!("../../../schemas/elasticsearch/index-template.json");

fn mapping(template: &str) -> Value {
    let template: Value = serde_json::from_str(template).unwrap();
    template["template"]["mappings"].clone()
}

fn check(document: &Value) -> Result<(), String> {
    fits(document, SCHEMA)?;
    unmapped("", document, &mapping(TEMPLATE)).map_or(Ok(()), Err)
}

#[test]
fn a_full_document_fits_schema_and_mapping() {
    let alert = full_alert();
    for lines in [false, true] {
        let mut document = ocsf_document_with(&alert, DocumentOptions { lines });
        document["metadata"]["logged_time"] = 1_795_248_001_000_i64.into();
        check(&document).unwrap();
        for (field, _) in LIFTED {
            let place = format!("/unmapped/{}", field.replace('.', "/"));
            assert!(document.pointer(&place).is_some(), "{field} is not lifted");
        }
    }
}

#[test]
fn the_schema_refuses_what_no_document_has() {
    let good = ocsf_document(&alert("detection"));
    assert_eq!(check(&good), Ok(()));
    for (place, wrong) in [
        ("/severity_id", Value::from(6)),
        ("/severity", "Low".into()),
        ("/type_uid", 200_402.into()),
        ("/time", "2026-11-21T08:00:00.000Z".into()),
        ("/status_id", 4.into()),
        ("/finding_info/uid", Value::Null),
    ] {
        let mut document = good.clone();
        *document.pointer_mut(place).unwrap() = wrong;
        assert!(check(&document).is_err(), "{place}");
    }
    let mut document = good;
    document["ai_model"] = "not in this class".into();
    assert!(check(&document).is_err());
}

#[test]
fn what_is_unmapped_is_mapped_as_in_the_ecs_index() {
    fn differing(path: &str, ours: &Value, theirs: &Value) -> Option<String> {
        match ours["properties"].as_object() {
            None => (ours != theirs).then(|| path.to_owned()),
            Some(inner) => inner.iter().find_map(|(name, inner)| {
                differing(&format!("{path}/{name}"), inner, &theirs["properties"][name.as_str()])
            }),
        }
    }
    let template: Value = serde_json::from_str(TEMPLATE).unwrap();
    assert!(template["priority"].as_u64() > Some(100));
    assert_eq!(template.get("data_stream"), None, "external versions need a plain index");
    let (ours, theirs) = (mapping(TEMPLATE), mapping(ECS_TEMPLATE));
    assert_eq!(differing("", &ours["properties"]["unmapped"], &theirs), None);
}

proptest! {
    #[test]
    fn documents_of_random_alerts_fit(alert in any_alert(), lines in any::<bool>()) {
        let document = ocsf_document_with(&alert, DocumentOptions { lines });
        prop_assert_eq!(check(&document), Ok(()));
        prop_assert_eq!(document.to_string(), ocsf_document_with(&alert.clone(), DocumentOptions { lines }).to_string());
    }
}
