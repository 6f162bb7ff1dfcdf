{{- define "holdfast.name" -}}
{{- if contains "holdfast" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-holdfast" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "holdfast.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "holdfast.image" -}}
{{ required "image.repository: the registry that your image is in" .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "holdfast.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "holdfast.name" .) }}
{{- end }}

{{/* Of every pod: what it may not, and that Services name no settings. */}}
{{- define "holdfast.pod" -}}
automountServiceAccountToken: false
# It would make HOLDFAST_…_PORT=tcp://… of each Service.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "holdfast.container" -}}
image: {{ include "holdfast.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Settings of all, and those of the process: (dict "root" . "own" <map>). */}}
{{- define "holdfast.env" -}}
{{- $root := .root }}
{{- $all := dict
  "HOLDFAST_PUBLIC_URL" (required "publicUrl: how browsers and providers reach the gateway" $root.Values.publicUrl)
  "HOLDFAST_CONFIG" "config/holdfast.config.mjs"
  "TEMPORAL_ADDRESS" (required "temporal.address: host and port of Temporal's frontend" $root.Values.temporal.address)
  "TEMPORAL_NAMESPACE" $root.Values.temporal.namespace
  "DATABASE_URL_FILE" "/run/secrets/holdfast/database-url"
}}
{{- $settings := merge (dict) .own $root.Values.settings $all }}
{{- range $name, $value := $settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "holdfast.secretEnv" -}}
{{- range $name, $value := .Values.secretSettings }}
- name: {{ $name }}_FILE
  value: /run/further-secrets/{{ $name }}
{{- end }}
{{- end }}

{{- define "holdfast.mounts" -}}
- { name: config, mountPath: /app/config, readOnly: true }
{{ include "holdfast.secretMounts" . }}
{{- end }}

{{- define "holdfast.secretMounts" -}}
- { name: secrets, mountPath: /run/secrets/holdfast, readOnly: true }
{{- if .Values.secretSettings }}
- { name: further-secrets, mountPath: /run/further-secrets, readOnly: true }
{{- end }}
- { name: tmp, mountPath: /tmp }
{{- end }}

{{/* The keys of existingSecret that the process needs: (dict "root" . "keys" <list>). */}}
{{- define "holdfast.secretVolume" -}}
- name: secrets
  secret:
    secretName: {{ required "existingSecret: the Secret with database-url, keys, api-keys, metrics-token" .root.Values.existingSecret }}
    defaultMode: 0440
    items:
      {{- range .keys }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
- name: tmp
  emptyDir: { medium: Memory, sizeLimit: 64Mi }
{{- end }}

{{- define "holdfast.volumes" -}}
- name: config
  configMap: { name: {{ include "holdfast.name" . }} }
{{ include "holdfast.furtherSecretsVolume" . }}
{{- end }}

{{- define "holdfast.furtherSecretsVolume" -}}
{{- if .Values.secretSettings }}
- name: further-secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $name, $from := .Values.secretSettings }}
      - secret: { name: {{ $from.secret }}, items: [{ key: {{ $from.key }}, path: {{ $name }} }] }
      {{- end }}
{{- end }}
{{- end }}

{{/* Where pods go: (dict "root" . "component" "gateway" "values" .Values.gateway). */}}
{{- define "holdfast.placement" -}}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ include "holdfast.selector" $ | nindent 8 }}
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "holdfast.selector" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}
