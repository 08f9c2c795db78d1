//! Builds the enrichments of a source.

use super::super::built::EnrichConfig;
use super::super::problem::did_you_mean;
use super::super::written::EnrichSection;
use super::Builder;

impl Builder<'_> {
    pub(super) fn enrich(&mut self, path: &str, sections: Vec<EnrichSection>) -> Vec<EnrichConfig> {
        let mut built = Vec::new();
        for (index, section) in sections.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            let EnrichSection { lookup, key, column, fields, overrides } = section;
            let lookup: String = self.required(&format!("{path}.lookup"), lookup);
            if !lookup.is_empty() && !self.tables.contains(&lookup) {
                let hint = did_you_mean(&lookup, self.tables.iter().map(String::as_str));
                self.refuse(&format!("{path}.lookup"), format!("`{lookup}` is no table under `lookups`{hint}"));
            }
            let key = self.required(&format!("{path}.key"), key);
            let fields = fields.unwrap_or_default();
            if fields.is_empty() {
                self.refuse(&format!("{path}.fields"), "is missing: write which column becomes which field");
            }
            built.push(EnrichConfig {
                lookup,
                key,
                column,
                fields: fields.into_iter().collect(),
                overrides: overrides.unwrap_or(false),
            });
        }
        built
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::load_text;

    fn load(enrich: &str) -> Result<String, String> {
        let text = format!(
            "kafka: {{brokers: ['k:1']}}\nlookups: {{owners: o.csv}}\n\
             sources: [{{name: s, type: kafka, topics: [t], enrich: [{enrich}]}}]\n"
        );
        let loaded = load_text(&text, "c.yaml", Path::new(""), std::iter::empty());
        loaded.map(|loaded| format!("{:?}", loaded.config.sources[0].enrich)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_enrichment_is_complete_or_says_what_is_missing() {
        let found = load("{lookup: owners, key: aigov.model.name, fields: {owner: user.name}}").unwrap();
        assert!(found.contains("column: None") && found.contains("overrides: false"), "{found}");
        assert!(load("{lookup: owners, key: k, column: id, fields: {a: b}, override: true}").is_ok());
        for (enrich, message) in [
            ("{lookup: owner, key: k, fields: {a: b}}", "`owner` is no table under `lookups`; did you mean `owners`?"),
            ("{lookup: owners, fields: {a: b}}", "sources[0].enrich[0].key: is missing"),
            ("{lookup: owners, key: k}", "sources[0].enrich[0].fields: is missing"),
            ("{lookup: owners, key: k, field: {a: b}}", "unknown key `field`; did you mean `fields`?"),
        ] {
            let found = load(enrich).unwrap_err();
            assert!(found.contains(message), "{enrich}: {found}");
        }
    }
}
