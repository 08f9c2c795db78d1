{{- /* What values.schema.json cannot say, or cannot say clearly. */}}
{{- define "clarion.refuse" -}}
{{- if gt (int .Values.replicas) 1 }}
{{- fail (printf "replicas: %d is refused: one process does all the work of its topics and a second one would do nothing but wait. Install the chart once for each set of topics, with other sources" (int .Values.replicas)) }}
{{- end }}
{{- $config := .Values.config }}
{{- if hasKey $config "admin" }}
{{- fail "config.admin is refused: the chart lets Clarion listen on port 9464 for the probes; take it out" }}
{{- end }}
{{- if hasKey $config "rules" }}
{{- fail "config.rules is refused: say which rules under rules.shipped, rules.inline and rules.configMaps" }}
{{- end }}
{{- if hasKey (default dict $config.state) "directory" }}
{{- fail "config.state.directory is refused: state is on the volume of `persistence`; take it out" }}
{{- end }}
{{- if not $config.sources }}
{{- fail "config.sources is empty: name at least one source under config, as in docs/configuration.md" }}
{{- end }}
{{- if not $config.sinks }}
{{- fail "config.sinks is empty: name at least one sink under config, as in docs/sinks.md" }}
{{- end }}
{{- if not (or .Values.rules.shipped .Values.rules.inline .Values.rules.configMaps) }}
{{- fail "there are no rules: set rules.shipped: true, or give some under rules.inline or rules.configMaps" }}
{{- end }}
{{- end }}

{{- /* The configuration file: the values, and what the chart decides. */}}
{{- define "clarion.configuration" -}}
{{- $rules := list }}
{{- if .Values.rules.shipped }}
{{- $rules = append $rules "/usr/share/clarion/rules" }}
{{- end }}
{{- if .Values.rules.inline }}
{{- $rules = append $rules "/etc/clarion/rules/inline" }}
{{- end }}
{{- range .Values.rules.configMaps }}
{{- $rules = append $rules (printf "/etc/clarion/rules/%s" .) }}
{{- end }}
{{- $defaults := dict "log" (dict "format" "json") "reload" (dict "watch_rules" true) }}
{{- if not .Values.config.dead_letters }}
{{- $_ := set $defaults "dead_letters" (dict "file" "/var/lib/clarion/dead-letters.ndjson") }}
{{- end }}
{{- $decided := dict "rules" $rules "state" (dict "directory" "/var/lib/clarion") "admin" (dict "listen" "0.0.0.0:9464") }}
{{- toYaml (mustMergeOverwrite $defaults (deepCopy .Values.config) $decided) }}
{{- end }}
