{{- /* The page that crd-ref-docs writes. It has no links out of the page, so a new version of Kubernetes changes nothing. */ -}}

{{- define "gvList" -}}
{{- range . -}}
# API reference

Every kind and field of `{{ .GroupVersionString }}`. `kubectl explain` shows the same descriptions. `make generate` writes this
page from the comments in `api/{{ .Version }}`; [glossary.md](../glossary.md) explains the words.

Kinds: {{ range $i, $kind := .SortedKinds }}{{ if $i }} · {{ end }}[{{ $kind }}](#{{ lower $kind }}){{ end }}
{{ range .SortedTypes }}{{ if markdownShouldRenderType . }}{{ template "type" . }}{{ end }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "type" }}
## {{ .Name }}

{{ template "text" .Doc }}
{{ with .SortedReferences }}
Used by {{ range $i, $type := . }}{{ if $i }}, {{ end }}{{ template "link" $type }}{{ end }}.
{{ end -}}
{{ with .Markers }}{{ with index . "kubebuilder:validation:ExactlyOneOf" }}
Exactly one of {{ range . }}{{ range $i, $name := . }}{{ if $i }}, {{ end }}`{{ $name }}`{{ end }}{{ end }} is given.
{{ end }}{{ with index . "kubebuilder:validation:XValidation" }}
Rules:
{{ range . }}
- {{ template "text" .Message }}
{{- end }}
{{ end }}{{ end -}}
{{ if .Members }}
| field | type | description | default | bounds |
|---|---|---|---|---|
{{ with .GVK -}}
| `apiVersion` | string | `{{ .Group }}/{{ .Version }}` | | |
| `kind` | string | `{{ .Kind }}` | | |
{{ end -}}
{{ range .Members -}}
| `{{ .Name }}` | {{ template "link" .Type }} | {{ template "text" .Doc }} | {{ template "default" .Default }} | {{ template "bounds" . }} |
{{ end }}{{ end -}}
{{ if .EnumValues }}
| value | description |
|---|---|
{{ range .EnumValues -}}
| `{{ .Name }}` | {{ template "text" (regexReplaceAll "^[A-Z][A-Za-z]+ " .Doc "") }} |
{{ end }}{{ end -}}
{{ end -}}

{{- define "text" -}}
{{ . | trim | replace "\n" " " | replace "|" "\\|" | replace "<" "&lt;" | replace "*" "\\*" }}
{{- end -}}

{{- define "link" -}}
{{ regexReplaceAll `\[([^\]]+)\]\(https[^)]*\)` (markdownRenderType .) "$1" }}
{{- end -}}

{{- define "default" -}}
{{ with . | replace " " "" }}`{{ . }}`{{ end }}
{{- end -}}

{{- /* The bounds of the type of a field stand in the section of that type. */ -}}
{{- define "bounds" -}}
{{- $bounds := list -}}
{{- range .Validation -}}
{{- if hasPrefix "Required" . -}}{{- $bounds = prepend $bounds "required" -}}
{{- else if not (regexMatch "^(Optional|ExactlyOneOf|Type|items:XEmbeddedResource)" .) -}}
{{- $bounds = append $bounds (. | replace "\\{" "{" | replace "\\}" "}" | replace "|" "\\|") -}}
{{- end -}}
{{- end -}}
{{- if not (contains "](#" (markdownRenderType .Type)) -}}
{{- range index .Markers "kubebuilder:validation:XValidation" -}}{{- $bounds = append $bounds (printf "%s" .Message | replace "|" "\\|") -}}{{- end -}}
{{- end -}}
{{ join "; " $bounds }}
{{- end -}}
