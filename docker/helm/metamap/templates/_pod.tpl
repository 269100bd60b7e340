{{/* What every pod is: not root, without a token of the cluster, and without variables of services, which MetaMap could take for its own. */}}
{{- define "metamap.pod" -}}
serviceAccountName: {{ include "metamap.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1654
  runAsGroup: 1654
  fsGroup: 1654
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "metamap.placement" -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" }}
{{- with get $ $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "metamap.container" -}}
imagePullPolicy: {{ .Values.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "metamap.image" -}}
{{ .root.Values.registry }}{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "metamap.env" -}}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: METAMAP_CACHE
  value: /cache
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "metamap.mounts" -}}
- name: tmp
  mountPath: /tmp
- name: cache
  mountPath: /cache
{{- if .Values.data.existingClaim }}
- name: data
  mountPath: /data
  readOnly: true
{{- end }}
{{- if .Values.security.tlsSecret }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- end }}

{{- define "metamap.volumes" -}}
- name: tmp
  emptyDir: {}
- name: cache
  {{- if .Values.cache.existingClaim }}
  persistentVolumeClaim:
    claimName: {{ .Values.cache.existingClaim }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.cache.sizeLimit }}
  {{- end }}
{{- with .Values.data.existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ . }}
    readOnly: true
{{- end }}
{{- with .Values.security }}
{{- if .tlsSecret }}
- name: tls
  secret:
    secretName: {{ .tlsSecret }}
    defaultMode: 0440
    items:
      - key: {{ .tlsKeys.authority }}
        path: ca.pem
      - key: {{ .tlsKeys.certificate }}
        path: node.pem
      - key: {{ .tlsKeys.key }}
        path: node.key
{{- end }}
{{- end }}
{{- end }}
