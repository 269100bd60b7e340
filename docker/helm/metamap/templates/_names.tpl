{{/* The prefix of all names, short enough for names and labels of pods with what follows. */}}
{{- define "metamap.name" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) }}
{{- $name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "metamap.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: metamap
{{ include "metamap.selector" . }}
{{- end }}

{{- define "metamap.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "metamap.coordinator" -}}
{{ include "metamap.selector" . }}
app.kubernetes.io/component: coordinator
{{- end }}

{{- define "metamap.worker" -}}
{{ include "metamap.selector" . }}
app.kubernetes.io/component: worker
{{- end }}

{{/* The domain of the coordinators' pods: POD.DOMAIN is how each advertises itself, and so how all must name it. */}}
{{- define "metamap.domain" -}}
{{ include "metamap.name" . }}-coordinators.{{ .Release.Namespace }}.svc
{{- end }}

{{- define "metamap.seeds" -}}
{{- $seeds := list }}
{{- range $index := until (int .Values.coordinator.replicas) }}
{{- $seeds = append $seeds (printf "%s-coordinator-%d.%s:4053" (include "metamap.name" $) $index (include "metamap.domain" $)) }}
{{- end }}
{{- join "," $seeds }}
{{- end }}

{{/* A group of workers: its own values over the defaults. */}}
{{- define "metamap.group" -}}
{{- $group := deepCopy .root.Values.workerDefaults }}
{{- range $key, $value := .own }}{{ $_ := set $group $key $value }}{{ end }}
{{- if and $group.autoscaling.enabled (gt (int $group.autoscaling.minReplicas) (int $group.autoscaling.maxReplicas)) }}
{{- fail (printf "workers.%s.autoscaling: minReplicas is %v, above maxReplicas (%v)" .name $group.autoscaling.minReplicas $group.autoscaling.maxReplicas) }}
{{- end }}
{{- if and (hasPrefix "cuda" $group.device) (eq (int $group.gpus) 0) }}
{{- fail (printf "workers.%s: device is %s, but gpus is 0; give each pod a GPU with gpus: 1" .name $group.device) }}
{{- end }}
{{- if and $group.autoscaling.enabled (not (dig "requests" "cpu" "" $group.resources)) }}
{{- fail (printf "workers.%s: autoscaling goes by the share of the requested CPU; set resources.requests.cpu" .name) }}
{{- end }}
{{- $group | toJson }}
{{- end }}
